"""Files are written whole or not at all, and only files are replaced."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from evaluator.errors import InputError
from evaluator.saving import save_text, saving

unix = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and permissions of Unix")


def test_a_failure_leaves_the_former_file(tmp_path: Path) -> None:
    """A block that fails leaves what was there, and nothing beside it."""
    file = tmp_path / "page.html"
    file.write_text("the former one", encoding="utf-8")

    def fail() -> None:
        with saving(file) as new:
            new.write_text("half of", encoding="utf-8")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert file.read_text(encoding="utf-8") == "the former one"
    assert list(tmp_path.iterdir()) == [file]


@unix
def test_a_link_stays(tmp_path: Path) -> None:
    """What a link points to is replaced, and the link still points there; also where nothing was there yet."""
    for name in ("there", "new"):
        target, link = tmp_path / "folder" / name, tmp_path / f"{name}.link"
        link.symlink_to(target)
        if name == "there":
            save_text(target, "old")
        save_text(link, "new")
        assert link.readlink() == target
        assert target.read_text(encoding="utf-8") == "new"


@unix
def test_a_pipe_is_sent_the_text(tmp_path: Path) -> None:
    """A pipe stays a pipe, and its reader gets the text."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    save_text(pipe, "a text")
    assert os.read(reader, 100) == b"a text"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]


@unix
def test_permissions(tmp_path: Path) -> None:
    """A new file has the permissions of this user's files; one that was private stays private."""
    plain, private, other = tmp_path / "plain", tmp_path / "private", tmp_path / "other"
    plain.touch()
    private.touch(mode=0o600)
    save_text(private, "secret")
    save_text(other, "a text")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert other.stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("place", ["a folder", "a file/below"])
def test_what_cannot_be_written(tmp_path: Path, place: str) -> None:
    """A folder in its place, or a file where a folder should be, is an error that names the file."""
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a file").touch()
    with pytest.raises(InputError, match=f"{place} cannot be written: "):
        save_text(tmp_path / place, "a text")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a file", "a folder"]
