"""A judge that asks a language model. The only room that knows openai and instructor, and it imports them late."""

from evaluator.judges.llm.asker import Asker, Said, read_as
from evaluator.judges.llm.judge import LLMJudge
from evaluator.judges.llm.pricing import Estimate
from evaluator.judges.llm.settings import LLMSettings

__all__ = ["Asker", "Estimate", "LLMJudge", "LLMSettings", "Said", "read_as"]
