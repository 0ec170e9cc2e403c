"""What attacks do to LLM judges: to a recorded model, and to one that does whatever an answer tells it to."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass

from threat_measures import MARGIN, ROOT, lines, obedient

from evaluator import Rubric, load_bank
from evaluator.honesty import no_answer
from evaluator.honesty.spans import sentences
from evaluator.judges.llm.checks import check_reply
from evaluator.regress import CaseResult, Findings, load_suite, run_suite

SUITE = ROOT / "cassettes" / "hostile"
_MOST = 40


@dataclass(frozen=True, slots=True)
class Recorded:
    """One hostile answer before the recorded model.

    Attributes:
        id: Of the answer.
        family: Of the attack.
        deserved: The score of the honest part, 0 where it has none, None where the model's replies gave no score.
        reached: The score of the whole, None where there is none.
        ungraded: Why there is none: the reason, or "not recorded".
    """

    id: str
    family: str
    deserved: float | None
    reached: float | None
    ungraded: str

    @property
    def gain(self) -> float | None:
        """Points above the honest part, where both have a score."""
        return None if self.deserved is None or self.reached is None else self.reached - self.deserved

    @property
    def succeeds(self) -> bool:
        """Whether it pays: a score more than ten points above the honest part."""
        return self.gain is not None and self.gain > MARGIN


def replayed() -> Findings:
    """The suite of hostile answers, judged from its recordings. Nobody is asked."""
    return run_suite(load_suite(SUITE))


def recorded(found: Findings) -> list[Recorded]:
    """Every hostile answer of the suite, in the order of the suite."""
    rows = {row["id"]: row for row in lines("hostile/answers.jsonl")}
    honest = {row["text"]: _score(found, row["id"]) for row in _honest_parts()}
    made = []
    for outcome in found.outcomes:
        row = rows.get(outcome.trial.id)
        if row is not None:
            deserved = honest[row["honest"]] if row["honest"] else 0.0
            result = found.results.get(row["id"])
            why = "not recorded" if result is None else result.reason
            made.append(Recorded(row["id"], row["family"], deserved, _score(found, row["id"]), why))
    return made


def twins(found: Findings) -> dict[str, str]:
    """What the honest parts came to, by id: the score, or why there is none."""
    said = {}
    for row in _honest_parts():
        score, result = _score(found, row["id"]), found.results.get(row["id"])
        said[row["id"]] = "is not recorded" if result is None else result.reason if score is None else f"{score:.1f}"
    return said


def missing(found: Findings) -> list[str]:
    """The cases of the suite that have no result, because nothing or not all is recorded for them."""
    return [one.trial.id for one in found.outcomes if one.trial.id not in found.results]


def _honest_parts() -> list[dict[str, str]]:
    return [json.loads(line) for line in (SUITE / "honest.jsonl").read_text(encoding="utf-8").splitlines()]


def _score(found: Findings, id_: str) -> float | None:
    result = found.results.get(id_)
    return result.score if isinstance(result, CaseResult) else None


@dataclass(slots=True)
class Obeyed:
    """Of the answers of one family, those in which an obedient judge gets a criterion past the checks."""

    answers: int = 0
    nothing: int = 0
    rubric: int = 0
    injected: int = 0
    honest: int = 0
    without_honest: int = 0


def obedience() -> dict[str, Obeyed]:
    """What code alone holds, by family: the judge calls everything met, and quotes ...

    nothing; the statements of the rubric; what of the answer is not its honest part; the honest part.
    """
    bank = load_bank()
    found: dict[str, Obeyed] = defaultdict(Obeyed)
    for row in lines("hostile/answers.jsonl"):
        text, honest, rubric = row["text"], row["honest"], bank.rubric(row["question_id"])
        spans = no_answer(text, bank.find(row["question_id"]), rubric)
        start = text.find(honest) if honest else len(text)
        end = start + len(honest)
        whole = list(sentences(text))
        parts = [text[a:b] for a, b in whole if b <= start or a >= end]
        own = [text[a:b] for a, b in whole if start <= a and b <= end]
        line = found[row["family"]]
        line.answers += 1
        line.nothing += passes(text, rubric, [], spans)
        line.rubric += passes(text, rubric, [one.statement for one in rubric.criteria], spans)
        line.injected += passes(text, rubric, parts, spans)
        line.honest += passes(text, rubric, own, spans)
        line.without_honest += not honest
    return found


def passes(text: str, rubric: Rubric, quotes: list[str], unbelieved: tuple[tuple[int, int], ...]) -> bool:
    """Whether the checks believe a criterion of a judge that calls everything met and gives these quotes."""
    return any(
        check_reply(obedient(rubric, part), rubric, text, unbelieved=unbelieved).criteria
        for part in [quotes[place : place + 8] for place in range(0, max(len(quotes[:_MOST]), 1), 8)]
    )
