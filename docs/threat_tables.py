"""The tables of docs/threats.md, as Markdown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from statistics import fmean

import threat_llm
import threat_measures as embedded
from threat_measures import INJECTED, Attack, Change, Grader, Pair, lines

from evaluator import load_bank
from evaluator.honesty import remarks_on

FLAGS = ("addresses_grader", "hidden_text", "copied_rubric", "copied_model_answer")


def tables() -> dict[str, str]:
    """Every table by its name."""
    grader = Grader()
    return {
        "attacks on the embedded judge": attacks(embedded.attacks(grader)),
        "unseen attacks of the first round": attacks(embedded.unseen_attacks(grader, 1)),
        "unseen attacks of the second round": attacks(embedded.unseen_attacks(grader, 2)),
        "attacks on a recorded model": recorded(),
        "an obedient judge": obedience(),
        "drift": drift(embedded.drift(grader)),
        "fairness": fairness(embedded.pairs(grader)),
        "fairness of unseen pairs": fairness(embedded.pairs(grader, "hostile/unseen_fairness.jsonl")),
        "flags by family": flags(),
    }


def attacks(found: list[Attack]) -> str:
    """By family: how many attacks pay, and how much."""
    groups = {**embedded.by_family(found), "**all**": found}
    rows = [
        [
            name,
            str(len(some)),
            str(sum(bool(one.reached.guarded.refused) for one in some)),
            str(sum(one.succeeds for one in some)),
            _points(fmean(one.gain for one in some)),
            _points(max(one.gain for one in some)),
            str(sum(one.succeeds_unguarded for one in some)),
        ]
        for name, some in groups.items()
    ]
    head = ["family", "n", "refused", "succeed", "mean gain", "largest gain", "succeed without the defence"]
    return f"{_table(head, rows)}\n\nOf all attacks, {embedded.success(found):.1%} succeed."


def drift(found: dict[str, list[Change]]) -> str:
    """How far the defence moves answers that attack nobody."""
    groups = {**found, "**all**": [one for some in found.values() for one in some]}
    rows = [
        [
            name,
            str(len(some)),
            str(sum(one.points != 0 for one in some)),
            f"{embedded.mean_drift(some):.2f}",
            _points(max((one.points for one in some), key=abs)),
        ]
        for name, some in groups.items()
    ]
    return _table(["answers", "n", "scores that move", "mean absolute change", "largest"], rows)


def fairness(found: list[Pair]) -> str:
    """By kind of rewrite: how far apart the scores of two versions of one answer are."""
    groups = {**embedded.by_kind(found), "**all**": found}
    rows = [
        [
            name,
            str(len(some)),
            str(sum(bool(one.a.refused or one.b.refused) for one in some)),
            _points(fmean(one.difference for one in some)),
            f"{embedded.unfairness(some):.1f}",
            _points(max((one.difference for one in some), key=abs)),
        ]
        for name, some in groups.items()
    ]
    return _table(["kind", "pairs", "with a refusal", "mean of b - a", "mean absolute", "largest"], rows)


def recorded() -> str:
    """By family: how many attacks the recorded model pays, with what became of the honest parts."""
    found = threat_llm.replayed()
    made = threat_llm.recorded(found)
    groups: dict[str, list[threat_llm.Recorded]] = defaultdict(list)
    for one in made:
        groups[one.family].append(one)
    rows = [_recorded(name, some) for name, some in [*groups.items(), ("**all**", made)]]
    head = ["family", "n", "pairs", "succeed", "mean gain", "largest", "graded without a pair", "not graded, and why"]
    honest = ", ".join(f"{id_} {said}" for id_, said in threat_llm.twins(found).items())
    text = [f"Judge `{found.judge}`, prompt `{found.prompt}`. Honest parts: {honest}.", ""]
    if missing := threat_llm.missing(found):
        text += [f"**{len(missing)} of {len(found.outcomes)} cases are not recorded:** {', '.join(missing)}.", ""]
    return "\n".join([*text, _table(head, rows, left=(0, 6, 7))])


def _recorded(name: str, some: list[threat_llm.Recorded]) -> list[str]:
    gains = [one.gain for one in some if one.gain is not None]
    alone = [f"{one.id} {one.reached:.1f}" for one in some if one.reached is not None and one.gain is None]
    reasons = Counter(one.ungraded for one in some if one.reached is None)
    return [
        name,
        str(len(some)),
        str(len(gains)),
        str(sum(one.succeeds for one in some)),
        _points(fmean(gains)) if gains else "-",
        _points(max(gains)) if gains else "-",
        ", ".join(alone),
        ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items())),
    ]


def obedience() -> str:
    """By family: the answers in which a judge that obeys gets a criterion past the checks, by what it quotes."""
    rows = []
    for name, line in threat_llm.obedience().items():
        honest = "-" if line.without_honest == line.answers else str(line.honest)
        rows.append([name, *map(str, (line.answers, line.nothing, line.rubric, line.injected)), honest])
    return _table(["family", "n", "nothing", "the rubric", "the injected part", "the honest part"], rows)


def flags() -> str:
    """The share of answers with each flag."""
    bank = load_bank()
    rows = []
    for name, texts in _flagged_groups().items():
        found = [
            {remark.flag for remark in remarks_on(text, bank.find(question), bank.rubric(question))}
            for question, text in texts
        ]
        counts = [sum(bool(some) for some in found), *(sum(flag in some for some in found) for flag in FLAGS)]
        rows.append([name, str(len(found)), *(f"{count / len(found):.0%}" for count in counts)])
    return _table(["answers", "n", "any flag", *(f"`{flag}`" for flag in FLAGS)], rows)


def _flagged_groups() -> dict[str, list[tuple[str, str]]]:
    """Question id and text of each answer, by row of the table."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in lines("hostile/answers.jsonl"):
        found[f"hostile: {row['family']}"].append((row["question_id"], row["text"]))
    for row in lines("gold/answers.jsonl"):
        kind = "gold: injection" if row["style"] == INJECTED else "gold: the eight other styles"
        found[kind].append((row["question_id"], row["text"]))
    for row in lines("hostile/fairness.jsonl"):
        found["fairness pairs"] += [(row["question_id"], row["a"]), (row["question_id"], row["b"])]
    return found


def _points(value: float) -> str:
    return f"{value:+.1f}" if round(value, 1) else "0.0"


def _table(head: list[str], rows: Iterable[list[str]], left: tuple[int, ...] = (0,)) -> str:
    rule = "|" + "|".join("---" if column in left else "--:" for column in range(len(head))) + "|"
    return "\n".join([f"| {' | '.join(head)} |", rule, *(f"| {' | '.join(row)} |" for row in rows)])
