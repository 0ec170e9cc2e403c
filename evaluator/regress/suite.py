"""Read a suite: a folder with `suite.yaml`, recordings in `cassettes/` and a `baseline.json`."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from evaluator.bank import Source, load_bank, parse, read_source
from evaluator.errors import InputError, Problem
from evaluator.judges.catalog import EMBEDDED
from evaluator.judges.llm.settings import LLMSettings
from evaluator.regress.answers import AnswerReader
from evaluator.regress.suite_file import DeriveSuiteFile, InvariantsFile, Kind, SuiteFile, ThresholdsFile
from evaluator.regress.trial import Trial
from evaluator.wording import many

SUITE_FILE = "suite.yaml"
_OPENAI = "openai/"


@dataclass(frozen=True, slots=True)
class Suite:
    """What is judged or derived, by whom, and what the gate lets pass. Made by `load_suite`.

    `bank` and `prompts` are those given in place of the suite's own, None where there are none.
    """

    root: Path
    kind: Kind
    settings: LLMSettings
    trials: tuple[Trial, ...]
    repeats: int = 1
    thresholds: ThresholdsFile = field(default_factory=ThresholdsFile)
    invariants: InvariantsFile = field(default_factory=InvariantsFile)
    texts: tuple[Path, ...] = ()
    bank: Path | None = None
    prompts: Path | None = None

    def command(self, verb: str, *options: str) -> str:
        """The command line that does something with the suite as it was loaded, for hints."""
        given = (("--prompts", self.prompts), ("--bank", self.bank))
        places = [part for name, place in given if place is not None for part in (name, str(place))]
        return shlex.join(["evaluator", "regress", verb, str(self.root), *places, *options])

    @property
    def recorded(self) -> bool:
        """Whether its judge sends requests, so that there is something to record."""
        return self.settings.spec != EMBEDDED

    @property
    def files(self) -> tuple[Path, ...]:
        """What is read: the suite, its baseline and recordings, and the texts that it names."""
        return (self.root / SUITE_FILE, self.baseline, self.cassettes, *self.texts)

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
        hint = f"A suite is a folder with {SUITE_FILE} and the recordings beside it."
        raise InputError(f"{root} is no suite: it has no {SUITE_FILE}.", hint)
    source = read_source(file, root)
    if isinstance(source, Problem):
        raise _problems_in(root, [source])
    kind = source.data.get("kind", "grade")
    if kind not in get_args(Kind):
        raise _problems_in(root, [source.problem(("kind",), kind, "'grade' or 'derive'")])
    parsed = parse(DeriveSuiteFile, source) if kind == "derive" else parse(SuiteFile, source)
    if isinstance(parsed, list):
        raise _problems_in(root, parsed)
    problems = list(_judge_problems(source, parsed))
    trials = _trials(source, parsed, problems, bank, prompts)
    if problems:
        raise _problems_in(root, problems)
    return Suite(
        root=root,
        kind=parsed.kind,
        settings=parsed.llm_settings(),
        trials=tuple(trials),
        repeats=parsed.repeats,
        thresholds=ThresholdsFile(**parsed.thresholds.model_dump()),
        invariants=parsed.invariants if isinstance(parsed, SuiteFile) else InvariantsFile(),
        texts=tuple(root / name for name in _texts(parsed)),
        bank=bank,
        prompts=prompts,
    )


def _trials(
    source: Source,
    parsed: SuiteFile | DeriveSuiteFile,
    problems: list[Problem],
    bank: Path | None,
    prompts: Path | None,
) -> Sequence[Trial]:
    if isinstance(parsed, DeriveSuiteFile):
        from evaluator.regress.deriving import read_questions  # noqa: PLC0415 - loads readers of PDF and Word files

        return read_questions(source, parsed, problems, bank, prompts)
    used = load_bank(bank or (source.file.parent / parsed.bank if parsed.bank else None))
    return AnswerReader(source, parsed, used, prompts).trials(problems)


def _texts(parsed: SuiteFile | DeriveSuiteFile) -> Sequence[str]:
    if isinstance(parsed, SuiteFile):
        return *parsed.answers, *parsed.labels
    return (parsed.article,) if parsed.article else ()


def _problems_in(root: Path, problems: Iterable[Problem]) -> InputError:
    """One error that lists all problems."""
    found = sorted(set(problems))
    return InputError(
        "\n".join([f"{many(len(found), 'problem')} in the suite {root}:", *(f"  {problem}" for problem in found)])
    )


def _judge_problems(source: Source, parsed: SuiteFile | DeriveSuiteFile) -> Iterator[Problem]:
    if parsed.judge == EMBEDDED:
        if isinstance(parsed, DeriveSuiteFile):
            yield source.problem(("judge",), parsed.judge, "a language model: the embedded judge derives nothing")
        elif parsed.base_url is not None:
            yield source.problem(("base_url",), parsed.base_url, "no base_url: the embedded judge asks no server")
    elif parsed.base_url is None and not (parsed.judge.startswith(_OPENAI) and parsed.judge != _OPENAI):
        # Other clients bring a transport of their own, which cannot be recorded, and which replaying must never use.
        yield source.problem(("judge",), parsed.judge, "'embedded', 'openai/MODEL', or any model with a base_url")
