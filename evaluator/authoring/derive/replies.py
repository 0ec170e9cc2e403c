"""What a model said, kept on disk as soon as it is said, so that nothing that was paid for is asked twice.

One JSON line a reply, found by a digest of everything that decides it: messages, shape, model and settings. A
derivation that was broken off runs through its first replies again without a request, and goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from evaluator.domain import Usage
from evaluator.errors import InputError
from evaluator.judges.llm import Said


class Replies:
    """The replies of one question.

    Args:
        file: Where they are kept; made with its folder when the first reply is added.

    Raises:
        InputError: The file cannot be read.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._said: dict[str, Said] = {}
        self._torn = False
        self._read()

    def __len__(self) -> int:
        return len(self._said)

    def find(self, key: str) -> Said | None:
        """What was said to this request, if it was made before."""
        return self._said.get(key)

    def add(self, key: str, said: Said) -> None:
        """Keep a reply.

        Raises:
            InputError: The file cannot be written.
        """
        self._said[key] = said
        row = {"key": key, "text": said.text, "cut_off": said.cut_off, "usage": said.usage.model_dump()}
        line = ("\n" if self._torn else "") + json.dumps(row) + "\n"
        self._torn = False
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise InputError(f"{self._file} cannot be written: {error.strerror or error}.") from error

    def _read(self) -> None:
        try:
            text = self._file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return
        except OSError as error:
            raise InputError(f"{self._file} cannot be read: {error.strerror or error}.") from error
        self._torn = bool(text) and not text.endswith("\n")  # a process was ended while it wrote
        for line in text.split("\n"):  # and at nothing else that a reply may hold
            try:
                row = json.loads(line)
                said = Said(str(row["text"]), bool(row["cut_off"]), Usage.model_validate(row["usage"]))
                self._said[str(row["key"])] = said
            except (ValueError, KeyError, TypeError):
                continue


def reply_key(identity: str, system: str, user: str, shape: str) -> str:
    """The digest of one request: SHA-256, hexadecimal."""
    return hashlib.sha256(json.dumps([identity, system, user, shape]).encode()).hexdigest()
