"""The self-check of a draft: what `rubric check` would find, sorted by the criteria that are to blame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from evaluator.authoring.derive.draft import Refusal
from evaluator.authoring.derive.items import shown
from evaluator.bank import Lint
from evaluator.domain import Answer, Criterion, Graded, Question, Rubric, Scale
from evaluator.judges import Case, Judge
from evaluator.judges.embedded import Encoder
from evaluator.proof import OFF_TOPIC, Behaviour, keyword_soup, lint_examples, misbehaviour, observe
from evaluator.runs import grade_one

_PROBES = {"off-topic-scores": "a text about something else", "keyword-soup-scores": "the words of the rubric alone"}


@dataclass(slots=True)
class Seen:
    """What the self-check refuses: of the whole rubric, and of criteria by their id."""

    whole: tuple[Refusal, ...] = ()
    entries: dict[str, list[Refusal]] = field(default_factory=dict)

    def blame(self, criterion_id: str, refusal: Refusal) -> None:
        """Note what is wrong with one criterion."""
        self.entries.setdefault(criterion_id, []).append(refusal)


@dataclass(frozen=True, slots=True)
class Proof:
    """Who checks: a judge that grades the probes, and the encoder that compares statements (None: nobody does)."""

    judge: Judge
    scale: Scale
    encoder: Encoder | None

    def overlaps(self, rubric: Rubric) -> list[Lint]:
        """Statements that ask for the same."""
        found = lint_examples(rubric, self.encoder) if self.encoder else []
        return [lint for lint in found if lint.name == "overlap"]

    async def behave(self, question: Question, rubric: Rubric) -> Seen:
        """Grade the model answer, also without each source; an empty and an off-topic text; the rubric's own words.

        Raises:
            UnreachableError: The judge was never reached.
        """
        behaviour = await observe(question, rubric, self.scale, self.judge)
        name = self.judge.identity.judge
        seen = Seen(tuple(_whole(rubric, behaviour)))
        criteria = {criterion.id: criterion for criterion in rubric.criteria}
        if any(refusal.name == "model-answer-low" for refusal in seen.whole):
            for id_ in behaviour.not_met:
                seen.blame(id_, _not_found(criteria[id_], name))
        for id_ in behaviour.kept:
            message = (
                f"the judge {name} finds it in the model answer even without its source: add rejected examples that "
                "come close, or ask for what only the source says"
            )
            seen.blame(id_, Refusal("criterion-not-needed", message))
        texts = {"off-topic-scores": OFF_TOPIC, "keyword-soup-scores": keyword_soup(rubric)}
        for refusal in seen.whole:
            if refusal.name in texts:
                await self._blame_met(question, rubric, texts[refusal.name], refusal.name, seen)
        return seen

    async def _blame_met(self, question: Question, rubric: Rubric, text: str, name: str, seen: Seen) -> None:
        answer = Answer(id="probe", question_id=question.id, text=text)
        result = await grade_one(Case(question, rubric, answer), self.scale, self.judge)
        if not isinstance(result, Graded):
            return
        message = f"the judge {self.judge.identity.judge} finds it in {_PROBES[name]}: add rejected examples like that"
        for criterion in result.criteria:
            if criterion.credit:
                seen.blame(criterion.id, Refusal(name, message))


def _whole(rubric: Rubric, behaviour: Behaviour) -> Iterator[Refusal]:
    for lint in misbehaviour(rubric, behaviour):
        if lint.level == "error":
            yield Refusal(lint.name, lint.message)


def _not_found(criterion: Criterion, judge: str) -> Refusal:
    said = f': "{shown(criterion.source)}"' if criterion.source else ""
    message = f"the judge {judge} does not find it in the model answer: add accepted examples that say what it says"
    return Refusal("model-answer-misses", message + said)
