"""The plots of the page, as data for plotly.js.

Only words of the bank and numbers go in: plotly takes some markup in labels for markup, so none may be a candidate's.
Names stand above their bar instead of beside it, so that a narrow screen has room for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from evaluator.reports.cohort.measures import BIN, Glance, QuestionFigure, ThemeFigure

INK, MUTED, LINE, ACCENT, PALE = "#23292f", "#59636c", "#dcd8cf", "#1f6a66", "#a9cfc7"
_ROW = 36
"""Pixels for one bar with its name."""

CONFIG = {"displayModeBar": False, "responsive": True}


def score_chart(seen: Glance) -> dict[str, Any]:
    """Histogram of scores in steps of ten, with the bands' lower bounds marked."""
    middles = [BIN * n + BIN / 2 for n in range(len(seen.bins))]
    ranges = [f"{BIN * n} to {BIN * (n + 1)}" for n in range(len(seen.bins))]
    figure = go.Figure(
        go.Bar(
            x=middles,
            y=list(seen.bins),
            width=BIN * 0.92,
            marker_color=ACCENT,
            customdata=ranges,
            hovertemplate="%{y} answers scored %{customdata}<extra></extra>",
        )
    )
    for name, lower, _, _ in seen.bands:
        if lower > 0:
            figure.add_vline(x=lower, line_width=1, line_dash="dot", line_color=MUTED)
        figure.add_annotation(
            x=lower, y=1.0, yref="paper", yanchor="bottom", xanchor="left", text=escape(name), showarrow=False,
            font={"size": 10, "color": MUTED},
        )  # fmt: skip
    figure.update_xaxes(range=[0, 100], dtick=25, title_text="score")
    figure.update_yaxes(rangemode="tozero", title_text="answers", tickformat="d", nticks=5)
    return _spec(figure, 280, top=26, right=36)  # the name of the last band runs over the end of the axis


def theme_chart(found: Sequence[ThemeFigure]) -> dict[str, Any]:
    """Bars: the share of each theme's weight that was earned, weakest on top."""
    shown = [round(100 * theme.credit, 1) for theme in found]
    figure = go.Figure(
        go.Bar(
            x=shown,
            y=list(range(len(found))),
            orientation="h",
            width=0.36,
            marker_color=ACCENT,
            customdata=[[escape(theme.name), f"{theme.findings} findings"] for theme in found],
            hovertemplate="%{customdata[0]}: %{x:.0f} % of what was asked for (%{customdata[1]})<extra></extra>",
        )
    )
    _name_rows(figure, [f"{theme.name}  {value:.0f} %" for theme, value in zip(found, shown, strict=True)])
    figure.update_xaxes(range=[0, 100], ticksuffix=" %", dtick=25)
    return _spec(figure, _ROW * len(found) + 48)


def question_chart(found: Sequence[QuestionFigure]) -> dict[str, Any]:
    """Boxes of the scores of each question, hardest on top; they are made of five numbers, not of all answers."""
    kept = [(q.question.id, q.spread) for q in found if q.spread is not None]
    spreads = [spread for _, spread in kept]
    figure = go.Figure(
        go.Box(
            y=list(range(len(kept))),
            orientation="h",
            q1=[s.first for s in spreads],
            median=[s.middle for s in spreads],
            q3=[s.third for s in spreads],
            lowerfence=[s.low for s in spreads],
            upperfence=[s.high for s in spreads],
            width=0.36,
            line={"color": ACCENT, "width": 1.5},
            fillcolor=PALE,
            hoverinfo="x",
        )
    )
    _name_rows(figure, [name for name, _ in kept])
    figure.update_xaxes(range=[0, 100], dtick=25, title_text="score")
    return _spec(figure, _ROW * len(kept) + 76)


def _name_rows(figure: go.Figure, names: Sequence[str]) -> None:
    figure.update_yaxes(visible=False, range=[len(names) - 0.5, -0.85])
    for row, name in enumerate(names):
        figure.add_annotation(
            x=0, y=row - 0.2, yanchor="bottom", xanchor="left", xshift=-2, text=escape(name), showarrow=False,
            font={"size": 13, "color": INK},
        )  # fmt: skip


def _spec(figure: go.Figure, height: int, *, top: int = 8, right: int = 22) -> dict[str, Any]:
    figure.update_layout(
        template=None,
        height=height,
        margin={"l": 22, "r": right, "t": top, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 13, "color": MUTED},
        showlegend=False,
        bargap=0.08,
        dragmode=False,
        hoverlabel={"bgcolor": "#ffffff", "bordercolor": LINE, "font": {"color": INK}},
    )
    figure.update_xaxes(
        fixedrange=True, automargin=True, gridcolor=LINE, zeroline=False, title_standoff=8, ticklabeloverflow="allow"
    )
    figure.update_yaxes(fixedrange=True, automargin=True, gridcolor=LINE, zeroline=False, title_standoff=8)
    made = figure.to_plotly_json()
    return {"data": made["data"], "layout": made["layout"], "config": CONFIG}
