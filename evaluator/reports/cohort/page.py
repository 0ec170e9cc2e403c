"""The page: one file that needs nothing beside it."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from evaluator.reports.cohort import charts, measures
from evaluator.reports.cohort.caveats import caveats, overlooked
from evaluator.reports.cohort.collect import Cohort
from evaluator.reports.cohort.details import bank_json, detail_chunks, embed, index_json, safe
from evaluator.reports.cohort.words import number, percent, separates, share

_FOLDER = files("evaluator.reports.cohort") / "templates"
DETAILS = 2500
"""So many candidates are shown one by one; the figures are always about all."""

MAX_LISTED = 200
"""So many rows of a list are printed; the rest is counted."""


def render_page(cohort: Cohort, *, title: str, waiting: int = 0, details: int = DETAILS) -> str:
    """The whole page in one string; see `page_pieces`."""
    return "".join(page_pieces(cohort, title=title, waiting=waiting, details=details))


def page_pieces(cohort: Cohort, *, title: str, waiting: int = 0, details: int = DETAILS) -> Iterator[str]:
    """The page, piece by piece, so that it need not be in memory as a whole. The same cohort gives the same bytes.

    Nothing in it is fetched, and a browser would not fetch anything: its content security policy allows no address, and
    of scripts only those that are written into the page, by their digests. A page about one candidate is that
    candidate's sheet, without figures of a cohort.

    Args:
        cohort: What `collect` has read.
        title: Heading, for instance the name of the run.
        waiting: Answers that are not judged yet.
        details: How many candidates are shown one by one.
    """
    seen = measures.glance(cohort)
    by_question = measures.questions(cohort)
    by_theme = measures.themes(cohort)
    people = cohort.people[: min(details, cohort.shown)]
    alone = len(people) == len(cohort.people) == 1  # then figures of a cohort would say nothing
    plots = {
        "scores": charts.score_chart(seen),
        "themes": charts.theme_chart(by_theme),
        "questions": charts.question_chart(by_question),
    }
    scripts = {"page": _read("report.js")} if alone else {"plotly": get_plotlyjs(), "page": _read("report.js")}
    yield from _environment().get_template("report.html.j2").generate(
        title=title,
        cohort=cohort,
        alone=alone,
        caveats=caveats(cohort),
        overlooked=overlooked(cohort),
        seen=seen,
        themes=by_theme,
        questions=by_question,
        gaps=measures.gaps(cohort, by_question),
        red_flags=measures.red_flags(cohort),
        ungraded=measures.ungraded(cohort),
        progress=measures.progress(cohort),
        waiting=waiting,
        shown=len(people),
        too_large=cohort.too_large and cohort.shown < details,
        listed=MAX_LISTED,
        style=Markup(_read("report.css")),  # noqa: S704 - our own file
        scripts={name: Markup(text) for name, text in scripts.items()},  # noqa: S704 - our own and plotly's
        digests=[_digest(text) for text in scripts.values()],
        plots=_data({} if alone else plots),
        bank=_data(bank_json(cohort)),
        index=_data(index_json(cohort, people)),
        chunks=(Markup(safe(chunk)) for chunk in detail_chunks(cohort, people)),  # noqa: S704 - as `_data`
    )  # fmt: skip


def _data(value: object) -> Markup:
    return Markup(embed(value))  # noqa: S704 - embed() leaves nothing that could end the element


def _digest(script: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _environment() -> Environment:
    made = Environment(
        loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters.update(number=number, percent=percent, separates=separates, share=share)
    return made
