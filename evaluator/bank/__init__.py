"""Files of questions and rubrics to checked objects."""

from evaluator.bank.bank import Bank, load_bank

__all__ = ["Bank", "load_bank"]
