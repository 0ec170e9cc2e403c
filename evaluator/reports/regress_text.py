"""A regression run as text for the terminal, and as Markdown for the summary of a CI job."""

from __future__ import annotations

import textwrap

from evaluator.regress import Findings, Gate
from evaluator.reports.regress_words import (
    SHOWN_CASES,
    agreement_title,
    by,
    change_head,
    cost,
    derivations,
    flip_label,
    flip_name,
    rows,
    ungraded,
    verdict,
)
from evaluator.reports.view import visible
from evaluator.wording import many

_MARKS = {"passed": "pass", "failed": "FAIL", "not tested": "----"}
_MAX_DIFF = 60
_MAX_ROWS = 40


def render_regress_text(findings: Findings, gate: Gate) -> str:
    """The whole report. Lines of the prompt are never wrapped or cut, so that they can be searched for."""
    lines = [*_head(findings), *_derivations(findings), *_changes(findings), *_flips(findings), *_moves(findings)]
    lines += [*_agreement(findings), *_stability(findings), "", "Gate"]
    width = max(len(check.name) for check in gate.checks)
    for check in gate.checks:
        lines.append(f"  {_MARKS[check.state]}  {check.name:<{width}}  {check.detail}")
    lines += ["", verdict(gate)]
    return "\n".join(visible(line.rstrip()) for line in lines) + "\n"


def render_regress_markdown(findings: Findings, gate: Gate) -> str:
    """The same for a job summary on a page that renders Markdown."""
    lines = [f"## Regression: {'passed' if gate.passed else 'FAILED'}", "", *_head(findings), ""]
    lines += [f"- {line}" for line in derivations(findings)] + [""] * (findings.suite.kind == "derive")
    lines += ["| gate | | |", "|---|---|---|"]
    marks = {"passed": "pass", "failed": "**FAIL**", "not tested": "*not tested*"}
    lines += [f"| {marks[c.state]} | {c.name} | {_cell(c.detail)} |" for c in gate.checks]
    for change in findings.changes:
        lines += ["", f"### Not recorded: {change_head(change, findings)}", "", "````diff"]
        lines += [*_cut(change.lines), "````"]
    if findings.missing or findings.damaged:
        lines += ["", f"Recording what is missing: {_record(findings)}"]
    if findings.flips:
        lines += [
            "",
            f"### {many(len(findings.flips), 'flip')}",
            "",
            "| what | before | today | |",
            "|---|---|---|---|",
        ]
        for flip in findings.flips[:_MAX_ROWS]:
            lines.append(
                f"| {_cell(flip_name(flip))} | {_cell(flip.before)} | {_cell(flip.after)} | {flip_label(flip)} |"
            )
        if findings.suite.kind == "grade":
            lines += ["", *(f"- {name}: {count}" for name, count in by(findings.flips, "style"))]
    if findings.moves:
        lines += ["", "### Scores that moved", "", "| case | before | today | change |", "|---|--:|--:|--:|"]
        lines += [f"| {id_} | {old:.1f} | {new:.1f} | {new - old:+.1f} |" for id_, old, new in findings.moves]
    for one in findings.measured:
        lines += ["", f"### {agreement_title(one)}", ""]
        lines += ["| | baseline | today | change | 95 % interval | |", "|---|--:|--:|--:|---|---|"]
        lines += [f"| {' | '.join(row)} |" for row in rows(one)]
    return "\n".join(visible(line.rstrip()) for line in lines) + "\n"


def _head(findings: Findings) -> list[str]:
    prompt = f", prompt {findings.prompt}" if findings.prompt else ""
    used = findings.usage
    lines = [f"{findings.suite.root.name}: {many(len(findings.outcomes), 'case')}, judge {findings.judge}{prompt}"]
    if used.calls:
        lines.append(
            f"{many(len(findings.results), 'case')} replayed: {many(used.calls, 'request')}, "
            f"{used.input_tokens:,} tokens in, {used.output_tokens:,} out when recorded"
        )
    today, before = ungraded(findings)
    if today or before:
        then = "" if before is None else f" ({before} in the baseline)"
        lines.append(f"{many(today, 'case')} ungraded{then}{_reasons(findings)}")
    known = findings.baseline.cases if findings.baseline else {}
    anew = [id_ for id_, one in findings.results.items() if id_ in known and known[id_].recording != one.recording]
    if anew:
        lines.append(f"{many(len(anew), 'case')} recorded anew since the baseline: {', '.join(anew[:3])}")
    return lines


def _reasons(findings: Findings) -> str:
    """The first cases that are ungraded, and why."""
    found = sorted((one.reason, id_) for id_, one in findings.results.items() if one.status == "ungraded")
    shown = ", ".join(f"{id_} ({reason})" for reason, id_ in found[:SHOWN_CASES])
    more = " ..." if len(found) > SHOWN_CASES else ""
    return f": {shown}{more}" if found else ""


def _derivations(findings: Findings) -> list[str]:
    found = derivations(findings)
    lines = [row for one in found for row in textwrap.wrap(one, 100, initial_indent="  ", subsequent_indent="    ")]
    return ["", "Derivations", *lines] if lines else []


def _changes(findings: Findings) -> list[str]:
    lines: list[str] = []
    for change in findings.changes:
        lines += ["", f"Not recorded, {change_head(change, findings)}", *(f"  {line}" for line in _cut(change.lines))]
    if findings.missing or findings.damaged:
        lines += ["", "To record what is missing:", f"  {_record(findings)}"]
    return lines


def _record(findings: Findings) -> str:
    return f"{findings.suite.command('record')}   ({cost(findings.cost)})"


def _flips(findings: Findings) -> list[str]:
    if not findings.flips:
        return []
    lines = ["", f"Flips ({len(findings.flips)})"]
    for flip in findings.flips[:_MAX_ROWS]:
        label = flip_label(flip)
        lines.append(f"  {flip_name(flip)}: {flip.before} -> {flip.after}{', ' if label else ''}{label}")
    if len(findings.flips) > _MAX_ROWS:
        lines.append(f"  and {len(findings.flips) - _MAX_ROWS} more; --format json has them all")
    if findings.suite.kind == "derive":
        return lines
    lines += ["", "Flips by style", *(f"  {name:<20}{count}" for name, count in by(findings.flips, "style"))]
    lines += ["", "Flips by criterion"]
    return lines + [f"  {name}  {count}" for name, count in by(findings.flips, "criterion")[:_MAX_ROWS]]


def _moves(findings: Findings) -> list[str]:
    if not findings.moves:
        return []
    lines = ["", f"Scores that moved ({len(findings.moves)})"]
    return lines + [f"  {id_:<44}{old:>6.1f} -> {new:>5.1f}  {new - old:+.1f}" for id_, old, new in findings.moves]


def _agreement(findings: Findings) -> list[str]:
    lines: list[str] = []
    for one in findings.measured:
        lines += ["", agreement_title(one)]
        lines.append(f"  {'':<20}{'baseline':>9}{'today':>8}{'change':>8}  95 % interval")
        for title, before, after, change, ends, word in rows(one):
            tail = f"{ends}, {word}" if ends and word != "no change" else word
            lines.append(f"  {title:<20}{before:>9}{after:>8}{change:>8}  {tail}")
    return lines


def _stability(findings: Findings) -> list[str]:
    found = findings.stability
    if found.share is None:
        return []
    lines = ["", f"Stability: {many(found.cases, 'case')} recorded up to {found.repeats} times"]
    lines.append(f"  the same verdict in {found.share:.1%} of pairs of repeats")
    for item, counts in found.wavering[:_MAX_ROWS]:
        lines.append(f"  {item}: {', '.join(f'{n} x {verdict}' for verdict, n in counts)}")
    return lines


def _cut(lines: tuple[str, ...]) -> list[str]:
    more = len(lines) - _MAX_DIFF
    return [*lines[:_MAX_DIFF], *([f"... and {more} lines more"] if more > 0 else [])]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
