"""The run as a file: answers, their evaluations, and what these were made with. The only room that knows SQLAlchemy."""

from evaluator.runs.store.records import Counts, Known, NewAnswer, Spent, Stored
from evaluator.runs.store.run_store import RunStore

__all__ = ["Counts", "Known", "NewAnswer", "RunStore", "Spent", "Stored"]
