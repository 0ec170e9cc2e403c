"""Hide personal data from a judge, and put it back into what the judge says."""

from evaluator.redaction.judge import RedactingJudge, SendingRedactingJudge, redacting
from evaluator.redaction.listed import Listed, read_list
from evaluator.redaction.redact import Redacted, Redactor
from evaluator.redaction.spans import KINDS, Kind, Span

__all__ = [
    "KINDS",
    "Kind",
    "Listed",
    "Redacted",
    "RedactingJudge",
    "Redactor",
    "SendingRedactingJudge",
    "Span",
    "read_list",
    "redacting",
]
