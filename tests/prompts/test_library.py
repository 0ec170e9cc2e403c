from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from evaluator.errors import PromptError
from evaluator.prompts import load_prompt


def write(root: Path, system: str = "Say {{ word }}.\n", user: str = "{{ word }}", name: str = "hello/v1") -> Path:
    """A folder with one prompt."""
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "system.j2").write_bytes(system.encode())
    (folder / "user.j2").write_bytes(user.encode())
    return root


def test_a_prompt_is_found_and_rendered(tmp_path: Path) -> None:
    """Both templates are rendered as plain text, with the last line end kept."""
    prompt = load_prompt("hello/v1", write(tmp_path))
    assert prompt.render_system(word="<b> & 'c'") == "Say <b> & 'c'.\n"
    assert prompt.render_user(word="x") == "x"


def test_the_digest_is_that_of_the_text(tmp_path: Path) -> None:
    """Any change of either text changes the digest; line ends and a byte order mark do not."""
    unix = load_prompt("hello/v1", write(tmp_path / "a", "one\ntwo\n"))
    windows = load_prompt("hello/v1", write(tmp_path / "b", "\ufeffone\r\ntwo\r\n"))
    other = load_prompt("hello/v1", write(tmp_path / "c", "one\ntwo"))
    moved = load_prompt("hello/v1", write(tmp_path / "d", "one\n", "two\n{{ word }}"))
    assert unix == windows
    assert unix.digest == hashlib.sha256(b"system\x008\x00one\ntwo\nuser\x0010\x00{{ word }}").hexdigest()
    assert len({unix.digest, other.digest, moved.digest}) == 3
    assert windows.render_system() == "one\ntwo\n"
    assert unix.identity == f"hello/v1@{unix.digest[:16]}"


def test_an_unknown_variable_is_an_error(tmp_path: Path) -> None:
    """A template that uses what it is not given is not rendered with a hole in it."""
    prompt = load_prompt("hello/v1", write(tmp_path))
    with pytest.raises(PromptError, match=r"system template of prompt hello/v1.*'word' is undefined"):
        prompt.render_system(words="x")


@pytest.mark.parametrize("escape", ["{{ word.__class__.__mro__ }}", "{{ word.append(1) }}"])
def test_templates_are_sandboxed(tmp_path: Path, escape: str) -> None:
    """A template reads what it is given; it neither changes it nor reaches beyond it."""
    prompt = load_prompt("hello/v1", write(tmp_path, escape))
    with pytest.raises(PromptError):
        prompt.render_system(word=[])


def test_a_broken_template_is_named_with_its_line(tmp_path: Path) -> None:
    """A syntax error says file and line."""
    with pytest.raises(PromptError, match=r"system\.j2 is broken in line 2"):
        load_prompt("hello/v1", write(tmp_path, "one\n{% if %}"))


@pytest.mark.parametrize("name", ["hello/v2", "hello", "../hello/v1", "hello/v1/", "/hello/v1", "HELLO/v1", ""])
def test_an_unknown_prompt_lists_the_known(tmp_path: Path, name: str) -> None:
    """A name that is none of ours is refused; what there is is listed."""
    with pytest.raises(PromptError) as caught:
        load_prompt(name, write(tmp_path))
    assert caught.value.hint == "Known are: hello/v1."


def test_a_folder_without_prompts_says_so(tmp_path: Path) -> None:
    """An empty folder has nothing to list."""
    with pytest.raises(PromptError, match="holds no prompts"):
        load_prompt("hello/v1", tmp_path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A template that is missing or not UTF-8 is named."""
    write(tmp_path)
    (tmp_path / "hello/v1/user.j2").unlink()
    with pytest.raises(PromptError, match=r"user\.j2 cannot be read"):
        load_prompt("hello/v1", tmp_path)
    (tmp_path / "hello/v1/user.j2").write_bytes(b"ab\xff")
    with pytest.raises(PromptError, match=r"user\.j2 is not UTF-8 \(byte 2\)"):
        load_prompt("hello/v1", tmp_path)
