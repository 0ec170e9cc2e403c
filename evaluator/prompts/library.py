"""Prompts are files: `<root>/<name>/<version>/system.j2` and `user.j2`, UTF-8.

A change of text is a new version; the digest tells when somebody forgot.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from evaluator.errors import PromptError
from evaluator.shipped import shipped_root

_PARTS = ("system", "user")
_NAME = re.compile(r"[a-z0-9_-]+/v[0-9]+")
_SHORT_DIGEST = 16


@dataclass(frozen=True, slots=True)
class Prompt:
    """A pair of templates.

    `name` is name and version ("grade/v1"); `digest` is the SHA-256 (hex) of both texts with line ends normalised.
    """

    name: str
    digest: str
    _system: Template = field(repr=False, compare=False)
    _user: Template = field(repr=False, compare=False)

    @property
    def identity(self) -> str:
        """Name, version and the first 16 digits of the digest: "grade/v1@1f0c..."."""
        return f"{self.name}@{self.digest[:_SHORT_DIGEST]}"

    def render_system(self, **variables: object) -> str:
        """The system message.

        Raises:
            PromptError: the template uses a variable that is not given, or does what a template may not do.
        """
        return self._render("system", self._system, variables)

    def render_user(self, **variables: object) -> str:
        """The user message; raises as `render_system` does."""
        return self._render("user", self._user, variables)

    def _render(self, part: str, template: Template, variables: dict[str, object]) -> str:
        try:
            return template.render(variables)
        except TemplateError as error:
            raise PromptError(
                f"The {part} template of prompt {self.name} cannot be rendered: {error.message}.",
                "Given are: " + ", ".join(sorted(variables)) + ".",
            ) from error


def load_prompt(name: str, root: Path | None = None) -> Prompt:
    """Find and compile a prompt.

    Args:
        name: Name and version, for instance "grade/v1".
        root: The folder that holds the prompts; None for the shipped ones.

    Raises:
        PromptError: there is no such prompt, or a template of it is broken.
    """
    folder = root if root is not None else shipped_root() / "prompts"
    if not _NAME.fullmatch(name) or not (folder / name).is_dir():
        raise PromptError(f'There is no prompt "{name}" in {folder}.', _known(folder))
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,  # the output is plain text for a model, not HTML
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        newline_sequence="\n",
    )
    digest = hashlib.sha256()
    templates: list[Template] = []
    for part in _PARTS:
        text = _read(folder / name / f"{part}.j2")
        digest.update(f"{part}\0{len(text)}\0{text}".encode())
        templates.append(_compile(environment, text, folder / name / f"{part}.j2"))
    return Prompt(name, digest.hexdigest(), *templates)


def _known(folder: Path) -> str:
    names = sorted(path.parent.relative_to(folder).as_posix() for path in folder.glob("*/v*/system.j2"))
    return f"Known are: {', '.join(names)}." if names else "That folder holds no prompts."


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PromptError(f"The template {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise PromptError(f"The template {path} is not UTF-8 (byte {error.start}).") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _compile(environment: ImmutableSandboxedEnvironment, text: str, path: Path) -> Template:
    try:
        return environment.from_string(text)
    except TemplateSyntaxError as error:
        raise PromptError(f"The template {path} is broken in line {error.lineno}: {error.message}.") from error
