"""Read a suite: a folder with `suite.yaml`, recordings in `cassettes/` and a `baseline.json`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from evaluator.bank import Bank, Labelled, Source, load_bank, parse, read_labels, read_records, read_source
from evaluator.bank import shown as quoted
from evaluator.domain import Answer, Rubric, Scale
from evaluator.errors import EvaluatorError, InputError, Problem
from evaluator.judges import Case
from evaluator.judges.catalog import EMBEDDED
from evaluator.judges.llm.settings import LLMSettings
from evaluator.regress.suite_file import InvariantsFile, SuiteFile, ThresholdsFile

SUITE_FILE = "suite.yaml"
PER_CRITERION: Literal["per-criterion"] = "per-criterion"
_OPENAI = "openai/"


@dataclass(frozen=True, slots=True)
class Trial:
    """One case of a suite: an answer judged in one call mode.

    `id` is the id of the answer, with ".per-criterion" behind it where it is judged a second time in that mode;
    `style` is "" where the answers file gives none; `labels` is None where nobody labelled the answer.
    """

    id: str
    case: Case
    style: str
    calls: Literal["per-answer", "per-criterion"]
    labels: Labelled | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """What is judged, by whom, and what the gate lets pass. Made by `load_suite`."""

    root: Path
    settings: LLMSettings
    trials: tuple[Trial, ...]
    scale: Scale
    repeats: int = 1
    thresholds: ThresholdsFile = field(default_factory=ThresholdsFile)
    invariants: InvariantsFile = field(default_factory=InvariantsFile)
    prompts: Path | None = None

    @property
    def recorded(self) -> bool:
        """Whether its judge sends requests, so that there is something to record."""
        return self.settings.spec != EMBEDDED

    @property
    def cassettes(self) -> Path:
        """The folder of recordings."""
        return self.root / "cassettes"

    @property
    def baseline(self) -> Path:
        """The accepted result."""
        return self.root / "baseline.json"

    def cassette(self, trial: Trial) -> Path:
        """The recording of one case."""
        return self.cassettes / f"{trial.id}.yaml"

    def settings_of(self, trial: Trial) -> LLMSettings:
        """How the judge is asked for one case."""
        return self.settings.model_copy(update={"calls": trial.calls})


def load_suite(root: Path, *, bank: Path | None = None, prompts: Path | None = None) -> Suite:
    """Read and check a suite.

    Args:
        root: Its folder.
        bank: A bank in place of the suite's own.
        prompts: A folder of prompts in place of the shipped one.

    Raises:
        InputError: There is no suite, or it has problems; all of them are listed.
        BankError: The bank has problems.
    """
    file = root / SUITE_FILE
    if not file.is_file():
        raise InputError(f"{root} is no suite: it has no {SUITE_FILE}.", "docs/regression.md says what a suite is.")
    source = read_source(file, root)
    if isinstance(source, Problem):
        raise _problems_in(root, [source])
    parsed = parse(SuiteFile, source)
    if isinstance(parsed, list):
        raise _problems_in(root, parsed)
    used = load_bank(bank or (root / parsed.bank if parsed.bank else None))
    problems = list(_judge_problems(source, parsed))
    answers = _Answers(source, parsed, used)
    trials = answers.trials(problems)
    if problems:
        raise _problems_in(root, problems)
    return Suite(
        root=root,
        settings=_settings(parsed),
        trials=trials,
        scale=used.scale,
        repeats=parsed.repeats,
        thresholds=parsed.thresholds,
        invariants=parsed.invariants,
        prompts=prompts,
    )


def _problems_in(root: Path, problems: Iterable[Problem]) -> InputError:
    """One error that lists all problems."""
    found = sorted(set(problems))
    head = "1 problem" if len(found) == 1 else f"{len(found)} problems"
    return InputError("\n".join([f"{head} in the suite {root}:", *(f"  {problem}" for problem in found)]))


def _settings(parsed: SuiteFile) -> LLMSettings:
    """One attempt at a time, so that a recording has one order."""
    asked = parsed.settings.model_dump()
    return LLMSettings(spec=parsed.judge, base_url=parsed.base_url, prompt=parsed.prompt, parallel_calls=1, **asked)


def _judge_problems(source: Source, parsed: SuiteFile) -> Iterator[Problem]:
    if parsed.judge == EMBEDDED:
        if parsed.base_url is not None:
            yield source.problem(("base_url",), parsed.base_url, "no base_url: the embedded judge asks no server")
    elif parsed.base_url is None and not (parsed.judge.startswith(_OPENAI) and parsed.judge != _OPENAI):
        # Other clients bring a transport of their own, which cannot be recorded, and which replaying must never use.
        yield source.problem(("judge",), parsed.judge, "'embedded', 'openai/MODEL', or any model with a base_url")


class _Answers:
    """Answers and labels by id, and the cases made of them."""

    def __init__(self, source: Source, parsed: SuiteFile, bank: Bank) -> None:
        self._source, self._file, self._bank = source, parsed, bank
        self._root = source.file.parent
        self._wanted = {*parsed.cases, *parsed.per_criterion}
        self._found: dict[str, tuple[Answer, str, Rubric]] = {}

    def trials(self, problems: list[Problem]) -> tuple[Trial, ...]:
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
            id_ = record.get("id")
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
            answer = Answer(id=str(id_), question_id=rubric.question, text=text)
            self._found[str(id_)] = (answer, style, rubric)

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
    ) -> Iterator[Trial]:
        for id_ in ids:
            if id_ in self._found:
                answer, style, rubric = self._found[id_]
                case = Case(self._bank.find(answer.question_id), rubric, answer)
                yield Trial(f"{id_}{suffix}", case, style, calls, labels.get(id_))
