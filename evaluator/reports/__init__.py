"""Evaluations for people and programs."""

from evaluator.reports.as_json import evaluation_schema, render_json
from evaluator.reports.markdown import render_markdown
from evaluator.reports.terminal import render_terminal
from evaluator.reports.view import View

__all__ = ["View", "evaluation_schema", "render_json", "render_markdown", "render_terminal"]
