"""A draft without a language model: each sentence of the model answer that says something becomes a criterion."""

from __future__ import annotations

from collections.abc import Callable

from evaluator.authoring.derive.coverage import cover, substantive_spans
from evaluator.authoring.derive.draft import Draft, Entry, Refusal
from evaluator.authoring.derive.examples import too_few
from evaluator.authoring.derive.items import MIDDLE_WEIGHT, NO_ADVICE
from evaluator.authoring.derive.naming import id_from, unique_id
from evaluator.authoring.derive.wording import inspect
from evaluator.bank import Lint
from evaluator.domain import Criterion, Evidence, Question, Rubric
from evaluator.errors import InputError

_COPIED = Refusal(
    "extracted",
    "each criterion is a sentence of the model answer as it stands: say what another answer must tell, split it into "
    "points, weigh it, and write examples and red flags",
)


def extract(question: Question, overlaps: Callable[[Rubric], list[Lint]]) -> Draft:
    """Draft a rubric from the sentences of the model answer. It is never final: what is missing is refused.

    Raises:
        InputError: The model answer holds no sentence to make a criterion of.
    """
    model_answer = question.model_answer or ""
    draft = Draft(question.id, reasons=(_COPIED,))
    taken: set[str] = set()
    for start, end in substantive_spans(model_answer):
        sentence = model_answer[start:end]
        statement = f"The answer says: {sentence}"
        name = unique_id(id_from(sentence), taken)
        taken.add(name)
        criterion = Criterion(
            id=name,
            statement=statement,
            weight=MIDDLE_WEIGHT,
            themes=question.themes,
            points=(statement,),
            source=sentence,
            advice=NO_ADVICE,
        )
        span = Evidence(quote=sentence, start=start, end=end)
        draft.criteria.append(Entry(criterion, span, examples=too_few(criterion)))
    if not draft.criteria:
        raise InputError(f"The model answer of {question.id} holds no sentence to make a criterion of.")
    draft.reasons += inspect(draft, overlaps)
    draft.uncovered = cover(model_answer, [entry.span for entry in draft.criteria if entry.span]).uncovered
    return draft
