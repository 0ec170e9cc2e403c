"""A draft as a file in the format of a bank, folded so that it can be reviewed, with what is still refused."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

import yaml

from evaluator.authoring.derive.draft import Draft, Refusal
from evaluator.domain import Criterion, RedFlag

WIDTH = 88
"""Lines are folded after the word that passes this column: at about 92."""

MARK = "# draft: "
"""How comments of a derivation begin."""


class _Flow(list[str]):
    """A list that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Lists are indented below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - of PyYAML
        """As PyYAML asks, never without indentation."""
        super().increase_indent(flow, False)


_Dumper.add_representer(_Flow, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, True))


def render_draft(draft: Draft, version: int = 1) -> str:
    """The whole file."""
    parts = [render_head(draft.question, version, draft.status), *render_reasons(draft), "criteria:\n"]
    for entry in draft.criteria:
        own = [refusal for refusal in entry.refusals if refusal not in draft.shared]
        parts.append(render_entry(entry.item, own))
    if draft.red_flags:
        parts += ["red_flags:\n", *(render_entry(entry.item, entry.refusals) for entry in draft.red_flags)]
    return "".join(parts)


def render_head(question: str, version: int, status: str) -> str:
    """The keys before the criteria; the status stands there only where it is draft."""
    return f"question: {question}\nversion: {version}\n" + ("status: draft\n" if status == "draft" else "")


def render_reasons(draft: Draft) -> list[str]:
    """Comments on the whole rubric: what is refused, and what no criterion comes from."""
    lines = [_comment(f"{reason.name}: {reason.message}", "") for reason in draft.reasons]
    lines += [_comment(f"{refusal.name}: all criteria: {refusal.message}", "") for refusal in draft.shared]
    lines += [_comment(f"no criterion comes from: {sentence}", "") for sentence in draft.uncovered]
    return lines


def render_entry(item: Criterion | RedFlag, refusals: Iterable[Refusal] = ()) -> str:
    """One criterion or red flag, with comments on what is refused above it."""
    comments = "".join(_comment(f"{refusal.name}: {refusal.message}", "  ") for refusal in refusals)
    text = yaml.dump({"list": [_data(item)]}, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH)
    return comments + text.partition("\n")[2]


def _data(item: Criterion | RedFlag) -> dict[str, Any]:
    data: dict[str, Any] = {"id": item.id, "statement": item.statement}
    if isinstance(item, Criterion):
        data["weight"] = item.weight
        data |= {"themes": _Flow(item.themes)} if item.themes else {}
        data["points"] = list(item.points)
        data |= {"source": item.source} if item.source else {}
    else:
        data["penalty"] = item.penalty
    data["advice"] = item.advice
    examples = {kind: list(texts) for kind, texts in item.examples if texts}
    return data | ({"examples": examples} if examples else {})


def _comment(text: str, indent: str) -> str:
    plain = "".join(character if character.isprintable() else " " for character in text)
    first, *more = textwrap.wrap(plain, WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
    return "".join(f"{indent}{line}\n" for line in (MARK + first, *(f"#   {line}" for line in more)))
