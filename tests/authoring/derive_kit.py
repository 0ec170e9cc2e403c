"""A small bank, a model that is a function, and a judge that goes by the sources: what tests of derivations build on."""

from __future__ import annotations

import asyncio
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from numpy.typing import NDArray

from evaluator.authoring.derive import Outcome, Proof, Workshop
from evaluator.bank import load_bank
from evaluator.domain import Assessment, Finding, RedFlagFinding, Rubric
from evaluator.judges import Case, JudgeIdentity
from evaluator.judges.embedded import Encoder
from evaluator.judges.llm import Asker, LLMSettings
from evaluator.prompts import load_prompt
from evaluator.runs.batch.budget import Budget

OWNER = "Each service has a team that owns it and carries its pager."
WEEKS = "Nobody is on call more than one week in five."
MONDAY = "Every Monday we go through the pages of the week and remove the noisy ones."
MODEL_ANSWER = f"{OWNER} {WEEKS} {MONDAY}"

ACCEPT = [
    "Whoever wrote the code gets the call at night, no exceptions at all.",
    "Our payments squad holds the phone for payments, search for search.",
    "You build it, you wake up for it; that was our simple deal.",
    "In our warehouse system every module has a crew with a beeper.",
    "We team own thing, we team take the alarm also in night.",
]
REJECT = [
    "Ownership of services is very important to all of us here.",
    "A central operations desk took all of the calls for everybody.",
    "I would like teams to carry their own pagers some day.",
]


def criterion(id_: str, source: str = OWNER, **changes: Any) -> dict[str, Any]:
    """An item of a reply that passes the checks; by default on owners."""
    said = {
        OWNER: ("The answer says that the team that owns a service carries its pager.", 5),
        WEEKS: ("The answer says that nobody is on call more often than one week in five.", 3),
        MONDAY: ("The answer says that the pages of a week are reviewed every Monday.", 2),
    }
    statement, weight = said.get(source, ("The answer says that it holds.", 4))
    item = {
        "source": source,
        "id": id_,
        "statement": statement,
        "points": [statement],
        "weight": weight,
        "themes": ["incident-response"],
        "advice": "Tell who is woken up at night, for example the people that wrote the code.",
    }
    return item | changes


def three() -> dict[str, Any]:
    """A reply of the first step that passes the checks."""
    return {"criteria": [criterion("owner"), criterion("weeks", WEEKS), criterion("monday", MONDAY)]}


def examples(accept: list[str] | None = None, reject: list[str] | None = None) -> dict[str, Any]:
    """A reply of the second step; by default enough of both."""
    return {"accept": ACCEPT if accept is None else accept, "reject": REJECT if reject is None else reject}


def red_flag(id_: str = "heroes", **changes: Any) -> dict[str, Any]:
    """A red flag that passes the checks."""
    item = {
        "id": id_,
        "statement": "The answer praises people for working through the night.",
        "penalty": 15,
        "advice": "Praise the fix that lets people sleep.",
    }
    return item | changes


class Model:
    """Answers each request by its step: queued replies first, then the usual one."""

    def __init__(self, **queued: list[Any]) -> None:
        self.queued = queued
        self.users: list[str] = []
        self.systems: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """As a transport calls it. Queues are named criteria, red_flags, or by the id that examples are for."""
        body = json.loads(request.content)
        self.systems.append(body["messages"][0]["content"])
        user = body["messages"][1]["content"]
        self.users.append(user)
        step, usual = self._step(user)
        queue = self.queued.get(step, [])
        reply = queue.pop(0) if queue else usual
        if isinstance(reply, httpx2.Response):
            return reply
        return completion(reply if isinstance(reply, str) else json.dumps(reply))

    @staticmethod
    def _step(user: str) -> tuple[str, Any]:
        if user.startswith("Step 1"):
            return "criteria", three()
        if user.startswith("Step 3"):
            return "red_flags", {"red_flags": [red_flag()]}
        found = re.search(r'id="([^"]+)"', user)
        return found[1] if found else "", examples()

    def asked(self, step: str) -> int:
        """How many requests of one step were made."""
        return sum(self._step(user)[0] == step for user in self.users)


def completion(content: str, finish: str = "stop") -> httpx2.Response:
    """A chat completion with this content."""
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content}}
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
    head = {"id": "1", "object": "chat.completion", "created": 1, "model": "stub"}
    return httpx2.Response(200, json={**head, "choices": [choice], "usage": usage})


class SourceJudge:
    """Meets a criterion where its source stands in the answer; `always` and `never` are ids that it treats so."""

    def __init__(self, always: frozenset[str] = frozenset(), never: frozenset[str] = frozenset()) -> None:
        self.identity = JudgeIdentity(judge="by-source", model="by-source", prompt=None, settings="")
        self.always, self.never = always, never

    def trust(self, rubric: Rubric) -> str:
        """Not asked here."""
        return rubric.question

    async def aclose(self) -> None:
        """Nothing is open."""

    async def assess(self, case: Case) -> Assessment:
        """Apply the rule."""
        findings = []
        for c in case.rubric.criteria:
            met = c.id in self.always or (
                c.id not in self.never and c.source is not None and c.source in case.answer.text
            )
            findings.append(Finding(criterion_id=c.id, points=(met,) * len(c.points), confidence=1))
        flags = tuple(RedFlagFinding(red_flag_id=f.id, present=False, confidence=1) for f in case.rubric.red_flags)
        return Assessment(findings=tuple(findings), red_flags=flags)


class LetterEncoder(Encoder):
    """Compares texts by their letters, so that no model is needed: near copies are alike, others are not."""

    def embed(self, texts: Any) -> NDArray[np.float32]:
        """Counts of pairs of letters, as unit vectors."""
        vectors = np.zeros((len(texts), 26 * 26), np.float32)
        for row, text in enumerate(texts):
            letters = [ord(c) - 97 for c in text.lower() if "a" <= c <= "z"]
            for one, two in pairwise(letters):
                vectors[row, one * 26 + two] += 1
            vectors[row] /= max(float(np.linalg.norm(vectors[row])), 1e-9)
        return vectors

    def examples(self, texts: Any) -> NDArray[np.float32]:
        """The same; nothing is stored."""
        return self.embed(texts)


class Kit:
    """A bank of one question (more on request) and a workshop over it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "questions").mkdir()
        self.question("on-call", MODEL_ANSWER)
        self.model = Model()
        self.judge: Any = SourceJudge()
        self.encoder: Encoder | None = None

    def question(self, id_: str, model_answer: str | None) -> None:
        """Write a question."""
        text = f"id: {id_}\nlevel: foundational\nthemes: [incident-response]\nquestion: How do you run on-call?\n"
        text += f"model_answer: {json.dumps(model_answer)}\n" if model_answer else ""
        (self.root / "questions" / f"{id_}.yaml").write_text(text, encoding="utf-8")

    def workshop(
        self, budget: Budget | None = None, *, embedded: bool = False, spec: str = "openai/gpt-5-mini"
    ) -> Workshop:
        """A workshop whose model is `self.model`."""
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(self.model))
        asker = None if embedded else Asker(LLMSettings(spec=spec, parallel_calls=1), http_client=client)
        bank = load_bank(self.root)
        proof = Proof(self.judge, bank.scale, self.encoder)
        return Workshop(bank, asker, load_prompt("derive/v1"), proof, budget or Budget())

    def derive(self, question: str = "on-call", **options: Any) -> Outcome:
        """Derive the rubric of one question."""
        shop = self.workshop(**options)
        return asyncio.run(shop.derive(shop.bank.find(question), lambda _: None))

    def derive_from(self, server: str, model: str) -> Outcome:
        """Derive the rubric of the question by a real model, or a recording of one."""
        chosen = LLMSettings(
            spec=f"openai/{model}", base_url=server, timeout=900, max_attempts=1, max_tokens=1800, parallel_calls=1
        )
        bank = load_bank(self.root)
        proof = Proof(self.judge, bank.scale, self.encoder)
        shop = Workshop(bank, Asker(chosen), load_prompt("derive/v1"), proof, Budget(max_calls=20))
        return asyncio.run(shop.derive(bank.find("on-call"), lambda _: None))

    def update(self, *, apply: bool = False, **options: Any) -> Outcome:
        """Update the rubric of the question."""
        shop = self.workshop(**options)
        return asyncio.run(shop.update(shop.bank.find("on-call"), lambda _: None, apply=apply))

    @property
    def file(self) -> Path:
        """The rubric of the question."""
        return self.root / "rubrics" / "on-call.yaml"

    def rubric(self, question: str = "on-call") -> Rubric:
        """The rubric as the bank loads it."""
        return load_bank(self.root).rubric(question)


def names(outcome: Outcome, where: str | None = None) -> list[str]:
    """The names of all refusals of a derivation, of one entry or of all, in order."""
    assert outcome.draft is not None
    return [one.refusal.name for one in outcome.draft.rejected if where in (None, one.where)]
