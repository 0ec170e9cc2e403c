"""What a model said is kept as it was said, and told of as it was, whatever characters it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluator.authoring.derive.record import Record, Rejection, load_record, save_record
from evaluator.authoring.derive.replies import Replies
from evaluator.bank import Bank
from evaluator.domain import Usage
from evaluator.errors import InputError
from evaluator.judges.llm import Said


@pytest.mark.parametrize(
    "text", ["one\u2028two", "one\u0085two", "one\ntwo\r\nthree", "half a picture \ud83e", "\x1c\x00"]
)
def test_a_reply_is_found_again(tmp_path: Path, text: str) -> None:
    """A reply with separators of lines or half a character is read back, and so is what stands behind it."""
    file = tmp_path / "derived" / "on-call.replies.jsonl"
    replies = Replies(file)
    first, second = Said(text, False, Usage(calls=1)), Said("plain", True, Usage(calls=2))
    replies.add("a", first)
    replies.add("b", second)
    again = Replies(file)
    assert (again.find("a"), again.find("b"), len(again)) == (first, second, 2)


def test_a_record_is_read_again(tmp_path: Path, bank: Bank) -> None:
    """A refusal that quotes half a character does not keep the record from being written, or from being read."""
    file = tmp_path / "on-call.json"
    record = Record(
        question="on-call",
        judge="openai/m",
        prompt=None,
        checked_by="embedded",
        model_answer_sha256="0",
        text_sha256="1",
        rubric=bank.rubric("dora-rollout"),
        sources={},
        rejected=(Rejection(where="owner", name="source", message="no \ud83e there"),),
    )
    save_record(file, record)
    assert load_record(file) == record


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"{", b'{"version": 1}', b"\xff", b"[" * 100_000])
def test_what_is_no_record(tmp_path: Path, content: bytes) -> None:
    """A file that holds something else is named, with what to do."""
    file = tmp_path / "on-call.json"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"on-call.json is no record of a derivation"):
        load_record(file)
