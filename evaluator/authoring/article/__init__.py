"""An article of questions and answers to the questions of a bank."""

from evaluator.authoring.article.blocks import Document
from evaluator.authoring.article.files import open_article, read_article
from evaluator.authoring.article.finder import Found, Placed, find_entries
from evaluator.authoring.article.plan import Plan, Planned, plan_import
from evaluator.authoring.article.store import write_plan

__all__ = [
    "Document",
    "Found",
    "Placed",
    "Plan",
    "Planned",
    "find_entries",
    "open_article",
    "plan_import",
    "read_article",
    "write_plan",
]
