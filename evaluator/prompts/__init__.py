"""Prompts: found by name and version, rendered, digested; and the fence around the answer."""

from evaluator.prompts.fence import Fence, fence_answer, reveal
from evaluator.prompts.library import Prompt, load_prompt

__all__ = ["Fence", "Prompt", "fence_answer", "load_prompt", "reveal"]
