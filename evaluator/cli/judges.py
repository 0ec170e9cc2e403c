"""`evaluator judges`."""

from __future__ import annotations

from evaluator.cli.options import DebugOption, FormatOption, OutputFormat, OutputOption
from evaluator.cli.output import width, write_result


def judges(
    output_format: FormatOption = OutputFormat.text, output: OutputOption = None, debug: DebugOption = False
) -> None:
    """Show which judges there are, and how well the embedded one agrees with labels that language models gave.

    Example: evaluator judges
    """
    from evaluator.reports.judges import judge_page

    write_result(judge_page(output_format.value, width()), output, output_format)
