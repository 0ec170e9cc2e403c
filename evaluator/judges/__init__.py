"""Judges: the protocol, a scripted one for tests, an embedded one, and one that asks an LLM."""

from evaluator.judges.protocol import Case, Gate, GatedJudge, Judge, JudgeIdentity, OpenGate, note_usage, usage_of
from evaluator.judges.scripted import ScriptedJudge

__all__ = [
    "Case",
    "Gate",
    "GatedJudge",
    "Judge",
    "JudgeIdentity",
    "OpenGate",
    "ScriptedJudge",
    "note_usage",
    "usage_of",
]
