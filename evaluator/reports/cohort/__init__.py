"""The page about a cohort."""

from evaluator.reports.cohort.collect import Cohort, Record, collect
from evaluator.reports.cohort.page import render_page

__all__ = ["Cohort", "Record", "collect", "render_page"]
