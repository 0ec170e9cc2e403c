"""Objects of a bank to the text of their files."""

from __future__ import annotations

import textwrap

import yaml

from evaluator.domain import Question

WIDTH = 92
"""Columns at which text is folded, as in the shipped bank."""


def question_yaml(question: Question) -> str:
    """The text of `questions/<id>.yaml`; reading it gives the same question back."""
    head = {"id": question.id, "number": question.number, "level": question.level, "themes": list(question.themes)}
    head = {key: value for key, value in head.items() if value is not None}
    text = yaml.safe_dump(head, default_flow_style=None, sort_keys=False, width=WIDTH)
    text += folded("question", question.text)
    if question.model_answer:
        text += folded("model_answer", question.model_answer)
    if question.model_answer_source == "editors":  # "article" is what a file with an answer means without it
        text += "model_answer_source: editors\n"
    return text


def folded(key: str, text: str, indent: str = "") -> str:
    """A key with text as a folded block of at most `WIDTH` columns; a longer word has a line of its own.

    PyYAML folds too, but only behind the column that it is given.
    """
    lines = textwrap.wrap(
        " ".join(text.split()), WIDTH - len(indent) - 2, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join([f"{indent}{key}: >-", *(f"{indent}  {line}" for line in lines)]) + "\n"
