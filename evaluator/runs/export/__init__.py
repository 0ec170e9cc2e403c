"""A run as rows: one per answer or one per finding, as CSV, JSON lines or Parquet."""

from evaluator.runs.export.rows import Columns, Table, answer_rows, finding_rows
from evaluator.runs.export.write import write_csv, write_evaluations, write_jsonl, write_parquet

__all__ = [
    "Columns",
    "Table",
    "answer_rows",
    "finding_rows",
    "write_csv",
    "write_evaluations",
    "write_jsonl",
    "write_parquet",
]
