"""`evaluator agree`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from evaluator.cli.options import DebugOption, OutputOption, format_fits
from evaluator.cli.output import check_output, run_files, write_result


class AgreeFormat(StrEnum):
    """How agreement is printed."""

    text = "text"
    json = "json"


def agree(
    run: Annotated[Path, typer.Argument(help="A run made by 'evaluator batch'.", show_default=False)],
    labels: Annotated[
        list[Path],
        typer.Argument(help="Labels as JSONL, or another run; several are several raters.", show_default=False),
    ],
    answers: Annotated[
        Path | None,
        typer.Option(
            "--answers", metavar="FILE", help="JSONL with id and the column of --by, where the run has it not."
        ),
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="COLUMN", help="Column of the answers to group by.")] = "style",
    resamples: Annotated[
        int, typer.Option("--resamples", min=0, max=100_000, help="Resamples for the intervals; 0 makes none.")
    ] = 1000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the resamples.")] = 20240229,
    output_format: Annotated[
        AgreeFormat, typer.Option("--format", callback=format_fits, help="How to print the result.")
    ] = AgreeFormat.text,
    output: OutputOption = None,
    debug: DebugOption = False,
) -> None:
    """Measure how well the judge of a run agrees with labels made by people, or with another run.

    For example:

    evaluator agree cohort.run labels.jsonl

    evaluator agree cohort.run anna.jsonl ben.jsonl --format json -o agreement.json

    evaluator agree embedded.run openai.run
    """
    from evaluator.cli.raters import column_of, judge_of, truth_of
    from evaluator.reports.agreement import Agreement, render_agreement_json, render_agreement_text
    from evaluator.scoring.agreement import Bootstrap, alpha_of, compare

    check_output(output, *run_files(run), *labels, answers)
    judged = judge_of(run, by)
    groups = dict(judged.column) | (column_of(answers, by) if answers is not None else {})
    truths = [truth_of(file, judged) for file in labels]
    how = Bootstrap(resamples, seed)
    agreement = Agreement(
        judge=judged.rater.name,
        comparisons=[compare(judged.rater, truth.rater, group_of=groups, bootstrap=how) for truth in truths],
        missing=[truth.missing for truth in truths],
        ungraded=len(judged.rater.ungraded),
        alpha=alpha_of([judged.rater, *(truth.rater for truth in truths)]),
        alpha_labels=alpha_of([truth.rater for truth in truths]) if len(truths) > 1 else None,
        resamples=resamples,
        seed=seed,
        group=by,
        notes=judged.notes,
    )
    render = render_agreement_json if output_format == AgreeFormat.json else render_agreement_text
    write_result(render(agreement), output, output_format)
