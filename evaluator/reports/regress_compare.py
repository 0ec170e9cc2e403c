"""Two results side by side, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from evaluator.domain import Usage
from evaluator.regress import Duel, Group, Side
from evaluator.regress.agreement import is_noise
from evaluator.reports.regress_words import FIGURES, SHOWN_CASES, agreement_title, flip_label, flip_name, rows
from evaluator.reports.view import visible
from evaluator.wording import many, some

_MAX_ROWS = 40


def render_compare_text(duel: Duel) -> str:
    """Agreement, where which is better, flips, tokens and cost."""
    lines = [f"A: {_side(duel.a)}", f"B: {_side(duel.b)}"]
    for name, only in (("A", duel.only_a), ("B", duel.only_b)):
        if only:
            lines.append(f"only in {name}, left out: {some(only, SHOWN_CASES)}")
    for one in duel.measured:
        lines += ["", agreement_title(one)]
        lines.append(f"  {'':<20}{'A':>9}{'B':>8}{'B - A':>8}  95 % interval")
        for title, before, after, change, ends, word in rows(one):
            tail = f"{ends}, {word}" if ends and word != "no change" else word
            lines.append(f"  {title:<20}{before:>9}{after:>8}{change:>8}  {tail}")
    lines += _groups("question", duel.by_question) + _groups("style", duel.by_style)
    lines += ["", f"Verdicts that differ, A -> B ({len(duel.flips)})"]
    for flip in duel.flips[:_MAX_ROWS]:
        label = flip_label(flip)
        lines.append(f"  {flip_name(flip)}: {flip.before} -> {flip.after}{', ' if label else ''}{label}")
    if len(duel.flips) > _MAX_ROWS:
        lines.append(f"  and {len(duel.flips) - _MAX_ROWS} more; --format json has them all")
    lines += ["", "Used", f"  A: {_usage(duel.usage_a)}", f"  B: {_usage(duel.usage_b)}"]
    return "\n".join(visible(line.rstrip()) for line in lines) + "\n"


def render_compare_json(duel: Duel) -> str:
    """The same for programs."""
    value = {
        "schema": 1,
        "a": {"judge": duel.a.judge, "prompt": duel.a.prompt, "usage": _usage_json(duel.usage_a)},
        "b": {"judge": duel.b.judge, "prompt": duel.b.prompt, "usage": _usage_json(duel.usage_b)},
        "only_a": list(duel.only_a),
        "only_b": list(duel.only_b),
        "agreement": {
            one.calls: {
                name: {
                    "a": one.before[name].value,
                    "b": one.after[name].value,
                    "change": one.change[name].value,
                    "interval": [one.change[name].low, one.change[name].high],
                    "inside_noise": is_noise(one.change[name]),
                }
                for name in FIGURES
            }
            for one in duel.measured
        },
        "by_question": [_group_json(one) for one in duel.by_question],
        "by_style": [_group_json(one) for one in duel.by_style],
        "flips": [flip.model_dump() | {"direction": flip.direction} for flip in duel.flips],
    }
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _side(side: Side) -> str:
    return ", ".join(part for part in (side.name, side.judge, f"prompt {side.prompt}" if side.prompt else "") if part)


def _groups(title: str, groups: Sequence[Group]) -> list[str]:
    lines = ["", f"{f'Verdicts by {title}':<36}{'cases':>6}{'B closer':>10}{'A closer':>10}{'neither':>9}  better"]
    for one in groups:
        better = "B" if one.closer > one.further else "A" if one.further > one.closer else "-"
        lines.append(f"  {one.name:<34}{one.cases:>6}{one.closer:>10}{one.further:>10}{one.other:>9}  {better}")
    return lines


def _usage(usage: Usage) -> str:
    money = "cost unknown" if usage.cost_usd is None else f"${usage.cost_usd:.4f}"
    return f"{many(usage.calls, 'request')}, {usage.input_tokens:,} tokens in, {usage.output_tokens:,} out, {money}"


def _usage_json(usage: Usage) -> dict[str, object]:
    return usage.model_dump(exclude={"seconds"})


def _group_json(one: Group) -> dict[str, object]:
    return {
        "name": one.name,
        "cases": one.cases,
        "b_closer": one.closer,
        "a_closer": one.further,
        "neither": one.other,
    }
