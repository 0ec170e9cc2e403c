"""The tables of a run. They are documented for readers in docs/run-store.md; change both, and add a migration."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

_DIGEST = String(64)
_WHEN = String(32)

run_info = Table(
    "run_info",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

texts = Table(
    "texts",
    metadata,
    Column("digest", _DIGEST, primary_key=True),
    Column("text", Text, nullable=False),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("digest", _DIGEST, primary_key=True),
    Column("kind", String(10), nullable=False),  # question, rubric, scale, judge
    Column("name", Text, nullable=False),
    Column("content", Text, nullable=False),  # JSON
)

sessions = Table(
    "sessions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("started_at", _WHEN, nullable=False),
    Column("ended_at", _WHEN),  # NULL: still running, killed, or ended by an error
    Column("input", Text, nullable=False),
    Column("judge", Text, nullable=False),
    Column("evaluator_version", String(40), nullable=False),
    Column("outcome", String(20)),  # finished, interrupted, budget, unreachable
)

skipped_rows = Table(
    "skipped_rows",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("session", Integer, ForeignKey("sessions.number"), nullable=False),
    Column("file", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("field", Text, nullable=False),
    Column("found", Text, nullable=False),
    Column("expected", Text, nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("position", Integer, nullable=False),
    Column("question_id", Text, nullable=False),
    Column("candidate", Text),
    Column("text_digest", _DIGEST, ForeignKey("texts.digest"), nullable=False),
    Column("extra", Text, nullable=False),  # JSON object of texts
    Column("fingerprint", _DIGEST, nullable=False),
    Column("state", String(10), nullable=False),  # waiting, graded, ungraded
    Column("session", Integer, ForeignKey("sessions.number"), nullable=False),
)
Index("answers_by_state", answers.c.state, answers.c.session)
Index("answers_by_position", answers.c.position, answers.c.number)

evaluations = Table(
    "evaluations",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("answer_number", Integer, ForeignKey("answers.number"), nullable=False),
    Column("current", Boolean, nullable=False),
    Column("status", String(10), nullable=False),  # graded, ungraded
    Column("score", Float),
    Column("band", Text),
    Column("reason", Text),
    Column("graded_at", _WHEN, nullable=False),
    Column("fingerprint", _DIGEST, nullable=False),
    Column("text_digest", _DIGEST, ForeignKey("texts.digest"), nullable=False),
    Column("question_id", Text, nullable=False),
    Column("question_digest", _DIGEST, ForeignKey("snapshots.digest"), nullable=False),
    Column("rubric_digest", _DIGEST, ForeignKey("snapshots.digest"), nullable=False),
    Column("scale_digest", _DIGEST, ForeignKey("snapshots.digest"), nullable=False),
    Column("judge_digest", _DIGEST, ForeignKey("snapshots.digest"), nullable=False),
    Column("calls", Integer, nullable=False),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("cost_usd", Float),  # NULL: unknown
    Column("seconds", Float, nullable=False),
    Column("content", Text, nullable=False),  # JSON of one evaluation, as `evaluator grade --format json` prints it
)
Index("evaluations_by_answer", evaluations.c.answer_number)
# Whatever goes wrong, an answer never counts twice.
Index(
    "one_current_evaluation",
    evaluations.c.answer_number,
    unique=True,
    sqlite_where=evaluations.c.current,
    postgresql_where=evaluations.c.current,
)
Index("evaluations_by_question", evaluations.c.question_id, evaluations.c.number)

unfinished = Table(  # since version 2
    "unfinished",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("session", Integer, ForeignKey("sessions.number"), nullable=False),
    Column("answer_number", Integer, ForeignKey("answers.number"), nullable=False),
    Column("calls", Integer, nullable=False),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("cost_usd", Float),  # NULL: unknown
)

SQLITE_VIEWS = (
    """
    CREATE VIEW results AS
    SELECT a.id AS answer, a.candidate, a.question_id AS question, a.state, e.score, e.band, e.reason,
           e.graded_at, json_extract(j.content, '$.judge') AS judge, e.calls, e.cost_usd, t.text, a.extra
    FROM answers a
    LEFT JOIN evaluations e ON e.answer_number = a.number AND e.current
    LEFT JOIN texts t ON t.digest = COALESCE(e.text_digest, a.text_digest)
    LEFT JOIN snapshots j ON j.digest = e.judge_digest
    ORDER BY a.position, a.number
    """,
    """
    CREATE VIEW findings AS
    SELECT a.id AS answer, a.candidate, a.question_id AS question,
           json_extract(f.value, '$.id') AS criterion, json_extract(f.value, '$.verdict') AS verdict,
           json_extract(f.value, '$.weight') AS weight, json_extract(f.value, '$.credit') AS credit,
           json_extract(f.value, '$.evidence[0].quote') AS quote, json_extract(f.value, '$.gap') AS gap
    FROM evaluations e
    JOIN answers a ON a.number = e.answer_number, json_each(e.content, '$.criteria') f
    WHERE e.current AND e.status = 'graded'
    """,
)
"""For readers with `sqlite3` at hand; nothing in this package reads them."""
