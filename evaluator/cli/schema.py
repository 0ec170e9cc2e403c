"""`evaluator schema`."""

from __future__ import annotations

import json

from evaluator.cli.options import DebugOption, OutputOption
from evaluator.cli.output import write_result


def schema(output: OutputOption = None, debug: DebugOption = False) -> None:
    """Print the JSON Schema of one evaluation (what --format json prints).

    Example: evaluator schema -o evaluation.schema.json
    """
    from evaluator.reports import evaluation_schema

    write_result(json.dumps(evaluation_schema(), indent=2) + "\n", output, "json")
