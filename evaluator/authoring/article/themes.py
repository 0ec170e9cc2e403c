"""Themes of a question, guessed from its words: a beginning that its author looks over."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

GENERAL = "general"
"""The theme of a question whose words tell none."""

MOST = 3

_IN_QUESTION = 3
"""What a word of the question counts, against one for a different telling word of the answer."""

_LEAST = 3
_NEAR = 0.5
"""Share of the best theme's score that the second and third need."""

# Beginnings of words; "_" stands for a space. In the answer each beginning counts once, however often it stands there.
_WORDS: dict[str, str] = {
    "ai": "ai_ ml_ machine_learning models llm artificial_intelligence",
    "architecture": "architect monolith microservice adr rfc modular coupling",
    "budget": "budget headcount forecast roi_ investment",
    "communication": "communicat board elt_ executive stakeholder reporting",
    "compliance": "complian regulat audit soc_2 iso_ gdpr grc_ licens",
    "culture": "culture psychological blameless ritual values_ learning_",
    "data": "data_ lineage catalog warehouse analytics schema",
    "delivery": "deliver release deploy ci_cd trunk lead_time batch pipeline",
    "developer-experience": "developer_experience developer_product devex friction inner_loop",
    "dora": "dora_ change_failure lead_time deployment_frequency",
    "experimentation": "experiment a_b_test hypothes guardrail_metric variant",
    "finops": "finops cloud_cost unit_cost rightsiz cost_management spend",
    "hiring": "hiring hire onboard ramp recruit interviewer",
    "incident-response": "incident sev_1 sev1 postmortem post_mortem on_call outage mttr rollback",
    "leadership": "leader delegat succession coach mentor bench manager",
    "migration": "migrat replatform cutover sunset deprecat acqui strangler",
    "observability": "observab telemetry tracing logs_ alert dashboards",
    "okr": "okr key_result objectives",
    "open-source": "open_source upstream oss_ ospo",
    "org-design": "operating_model org_design structure_ spans topolog squad reorg ownership",
    "people": "performance_management career promotion retention salary compensation talent burnout",
    "platform": "platform golden_path paved idp_ self_serve",
    "portfolio": "portfolio priorit capacity trade_off roadmap wip_ backlog",
    "product": "product_ discovery go_to_market customer_ sales design_",
    "quality": "quality test_ tests_ testing defect regression code_review gates",
    "remote": "remote distributed time_zone async hybrid",
    "security": "security secur privacy threat vulnerab least_privilege",
    "slo": "slo_ slos_ error_budget sli_ slis_ reliab availability",
    "strategy": "strateg vision direction long_term alignment",
    "tech-debt": "technical_debt tech_debt debt_ refactor maintainab",
    "vendor": "vendor supplier third_party contract lock_in build_vs_buy build_or_buy",
}


def guess_themes(question: str, answer: str | None, known: Collection[str]) -> tuple[str, ...]:
    """One to three of the known themes, the likeliest first; `GENERAL` alone where the words tell none."""
    asked, told = _flat(question), _flat(answer or "")
    scores = {theme: _score(_beginnings(theme), asked, told) for theme in known if theme != GENERAL}
    best = max(scores.values(), default=0)
    if best < _LEAST:
        return (GENERAL,)
    likely = sorted(
        (theme for theme, score in scores.items() if score >= max(_LEAST, best * _NEAR)), key=lambda t: (-scores[t], t)
    )
    return tuple(likely[:MOST])


def known_themes(bank: Mapping[str, str]) -> tuple[str, ...]:
    """The themes to choose from: those that the bank lists, else those that words are known for."""
    return tuple(bank) or tuple(_WORDS)


def _beginnings(theme: str) -> list[str]:
    return _WORDS.get(theme, theme.replace("-", "_")).split()


def _score(beginnings: list[str], asked: str, told: str) -> int:
    return sum(
        _IN_QUESTION * (f" {b.replace('_', ' ')}" in asked) + (f" {b.replace('_', ' ')}" in told) for b in beginnings
    )


def _flat(text: str) -> str:
    return " " + re.sub(r"[\W_]+", " ", text.casefold()) + " "
