"""The cases of a suite that judges answers, from its files of answers and labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from evaluator.bank import Bank, Labelled, Source, read_labels, read_records
from evaluator.bank import shown as quoted
from evaluator.domain import Answer, Rubric
from evaluator.errors import EvaluatorError, Problem
from evaluator.judges import Case
from evaluator.judges.catalog import EMBEDDED, build_judge
from evaluator.regress.grading import AnswerTrial
from evaluator.regress.suite_file import SuiteFile

PER_CRITERION: Literal["per-criterion"] = "per-criterion"


class AnswerReader:
    """Answers and labels by id, and the cases made of them."""

    def __init__(self, source: Source, parsed: SuiteFile, bank: Bank, prompts: Path | None) -> None:
        self._source, self._file, self._bank, self._prompts = source, parsed, bank, prompts
        self._root = source.file.parent
        self._wanted = {*parsed.cases, *parsed.per_criterion}
        self._found: dict[str, tuple[Answer, str, Rubric]] = {}

    def trials(self, problems: list[Problem]) -> tuple[AnswerTrial, ...]:
        """The cases; what is wrong with them is added to `problems`."""
        for index, name in enumerate(self._file.answers):
            if file := self._path(("answers", index), name, problems):
                self._read_answers(file, problems)
        labels: dict[str, Labelled] = {}
        for index, name in enumerate(self._file.labels):
            if file := self._path(("labels", index), name, problems):
                rubric_of = {id_: rubric for id_, (_, _, rubric) in self._found.items()}
                labels |= {one.answer_id: one for one in read_labels(file, rubric_of)}
        problems += self._unknown()
        problems += self._invariants()
        made = [*self._trials(self._file.cases, self._file.settings.calls, labels)]
        made += self._trials(self._file.per_criterion, PER_CRITERION, labels, f".{PER_CRITERION}")
        return tuple(made)

    def _path(self, path: tuple[str, int], name: str, problems: list[Problem]) -> Path | None:
        file = self._root / name
        if file.is_file():
            return file
        problems.append(self._source.problem(path, name, "a file, named relative to the suite"))
        return None

    def _read_answers(self, file: Path, problems: list[Problem]) -> None:
        for line, record in read_records(file, problems):
            id_ = record.get("id", "")
            if not isinstance(id_, str):
                problems.append(Problem(file, line, "id", quoted(id_), "text"))
                continue
            if id_ not in self._wanted:
                continue
            question, text, style = record.get("question_id"), record.get("text"), record.get("style", "")
            if id_ in self._found:
                problems.append(Problem(file, line, "id", quoted(id_), "an id that no other answer has"))
            for name, value in (("question_id", question), ("text", text), ("style", style)):
                if not isinstance(value, str):
                    problems.append(Problem(file, line, name, quoted(value), "text"))
            if not (isinstance(question, str) and isinstance(text, str) and isinstance(style, str)):
                continue
            try:
                rubric = self._bank.rubric(self._bank.find(question).id)
            except EvaluatorError as error:
                problems.append(Problem(file, line, "question_id", quoted(question), f"a question ({error.message})"))
                continue
            answer = Answer(id=id_, question_id=rubric.question, text=text)
            self._found[id_] = (answer, style, rubric)

    def _unknown(self) -> Iterator[Problem]:
        for key in ("cases", "per_criterion"):
            seen: set[str] = set()
            for index, id_ in enumerate(getattr(self._file, key)):
                if id_ not in self._found:
                    yield self._source.problem((key, index), id_, "the id of an answer in the files under 'answers'")
                elif id_ in seen:
                    yield self._source.problem((key, index), id_, "each answer once")
                seen.add(id_)

    def _invariants(self) -> Iterator[Problem]:
        styles = {style for _, style, _ in self._found.values()}
        for key in ("stronger", "weaker"):
            for index, style in enumerate(getattr(self._file.invariants, key)):
                if style not in styles:
                    place = ("invariants", key, index)
                    yield self._source.problem(place, style, f"a style of the answers: {', '.join(sorted(styles))}")
        for index, pair in enumerate(self._file.invariants.injected):
            for key in ("answer", "clean"):
                if getattr(pair, key) not in self._file.cases:
                    path = ("invariants", "injected", index, key)
                    yield self._source.problem(path, getattr(pair, key), "one of the cases")

    def _trials(
        self,
        ids: Iterable[str],
        calls: Literal["per-answer", "per-criterion"],
        labels: dict[str, Labelled],
        suffix: str = "",
    ) -> Iterator[AnswerTrial]:
        settings = self._file.llm_settings().model_copy(update={"calls": calls})
        offline = build_judge(settings) if settings.spec == EMBEDDED and settings.base_url is None else None
        for id_ in ids:
            if id_ in self._found:
                answer, style, rubric = self._found[id_]
                case = Case(self._bank.find(answer.question_id), rubric, answer)
                yield AnswerTrial(
                    id=f"{id_}{suffix}",
                    case=case,
                    style=style,
                    settings=settings,
                    scale=self._bank.scale,
                    labels=labels.get(id_),
                    prompts=self._prompts,
                    offline=offline,
                )
