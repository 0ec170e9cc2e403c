"""The page about a cohort."""

from evaluator.reports.cohort.collect import Cohort, Record, collect
from evaluator.reports.cohort.page import page_pieces, render_page

__all__ = ["Cohort", "Record", "collect", "page_pieces", "render_page"]
