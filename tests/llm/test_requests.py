from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import httpx2
import pytest

from evaluator.errors import ReplyError
from evaluator.judges.llm import LLMJudge, LLMSettings
from evaluator.judges.llm.reply import reply_schema, schema_digest


def refused(param: str, message: str = "Unsupported value", status: int = 400) -> httpx2.Response:
    """A refusal of one option."""
    return httpx2.Response(status, json={"error": {"message": f"{message}: '{param}'", "param": param}})


def test_the_request_that_is_sent(kit: Any) -> None:
    """Model, two messages, temperature 0, a seed and a strict schema; nothing else."""
    kit.assess(kit.good())
    (body,) = kit.server.bodies
    assert str(kit.server.requests[0].url) == "https://api.openai.com/v1/chat/completions"
    assert kit.server.requests[0].headers["Authorization"] == f"Bearer {kit.MARKER_KEY}"
    assert [message["role"] for message in body.pop("messages")] == ["system", "user"]
    assert body == {
        "model": "gpt-5-mini",
        "temperature": 0.0,
        "seed": 0,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "reply", "strict": True, "schema": reply_schema()},
        },
    }


def test_the_system_message_holds_the_rubric_and_no_weights(kit: Any) -> None:
    """Question, model answer, points and examples are in the system message; weights, penalty and answer are not."""
    kit.assess(kit.good())
    system = kit.server.bodies[0]["messages"][0]["content"]
    for part in (
        "<question>\nHow did you roll out DORA?\n</question>",
        "One meaning.\n</model_answer>",
        '<criterion id="same-meaning">\nPoints:\n1. The metrics mean the same to all teams.\n',
        "\nAll points true:\n- One rulebook.\nNot all points true:\n- Definitions matter.\n</criterion>",
        "Points:\n1. A tool makes the numbers.\n2. No one gathers them.\n</criterion>",
        '<red_flag id="league-table">\nTeams are ranked.\n</red_flag>\n</rubric>\n',
    ):
        assert part in system
    for part in ("weight", "penalty", "15", "nightly job"):
        assert part not in system


def test_the_user_message_is_the_fenced_answer_alone(kit: Any) -> None:
    """The tags carry the first twelve digits of the SHA-256 of the answer."""
    kit.assess(kit.good())
    code = hashlib.sha256(kit.ANSWER.encode()).hexdigest()[:12]
    assert kit.server.users == [f"<answer-{code}>\n{kit.ANSWER}\n</answer-{code}>\n"]


def test_the_schema_is_what_strict_modes_accept() -> None:
    """Every object is closed, has all keys required, and quotes stand before points; no references."""
    objects: list[dict[str, Any]] = []

    def walk(node: object) -> None:
        if isinstance(node, dict):
            objects.extend([node] if node.get("type") == "object" else [])
            for value in node.values():
                walk(value)

    walk(reply_schema())
    assert [list(found["properties"]) for found in objects] == [
        ["criteria", "red_flags", "strengths"],
        ["id", "quotes", "points", "gap", "suggestion"],
        ["id", "quote", "present"],
    ]
    for found in objects:
        assert found["additionalProperties"] is False
        assert found["required"] == list(found["properties"])
    assert "$ref" not in json.dumps(reply_schema())


@pytest.mark.parametrize(("param", "gone"), [("temperature", "temperature"), ("seed", "seed")])
def test_a_refused_option_is_left_out_and_remembered(kit: Any, param: str, gone: str) -> None:
    """A model that takes no temperature or no seed is asked without, at once, and from then on."""

    async def twice() -> list[int]:
        judge = kit.judge(refused(param), kit.good(), kit.good())
        return [(await judge.assess(kit.case())).usage.calls for _ in range(2)]

    assert asyncio.run(twice()) == [2, 1]
    assert [gone in body for body in kit.server.bodies] == [True, False, False]
    assert kit.time.slept == []


def test_a_refused_schema_falls_back_to_json_mode_and_then_to_none(kit: Any) -> None:
    """A server without schemas gets JSON mode, one without that gets none: the prompt describes the reply."""
    answers = [refused("response_format", status=422), refused("response_format"), kit.good()]
    assert kit.assess(*answers).usage.calls == 3
    assert [body.get("response_format", {}).get("type") for body in kit.server.bodies] == [
        "json_schema",
        "json_object",
        None,
    ]


def test_the_name_of_the_limit_is_learned(kit: Any) -> None:
    """A server of one's own is sent max_tokens, unless it says that the name is max_completion_tokens."""
    complaint = refused("max_tokens", "Use 'max_completion_tokens' instead of")
    kit.assess(complaint, kit.good(), base_url="http://judge.test/v1", max_tokens=900)
    assert [body.get("max_tokens") for body in kit.server.bodies] == [900, None]
    assert [body.get("max_completion_tokens") for body in kit.server.bodies] == [None, 900]


def test_requests_at_the_same_time_learn_together(kit: Any) -> None:
    """A refusal that arrives after another request has learned from its own is no failure."""

    async def both() -> list[int]:
        meeting = asyncio.Barrier(2)

        async def serve(request: httpx2.Request) -> Any:
            body = json.loads(request.content)
            if "temperature" not in body:
                return kit.good()
            await meeting.wait()
            return refused("temperature")

        client = httpx2.AsyncClient(transport=httpx2.MockTransport(serve))
        judge = LLMJudge(LLMSettings(spec="openai/gpt-5-mini"), http_client=client, time=kit.time.as_time())
        done = await asyncio.gather(judge.assess(kit.case()), judge.assess(kit.case()))
        return [assessment.usage.calls for assessment in done]

    assert asyncio.run(both()) == [2, 2]
    assert kit.time.slept == []


def test_a_server_of_ones_own(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a base URL the model may be named without provider, and no key is needed."""
    monkeypatch.delenv("OPENAI_API_KEY")
    kit.assess(kit.good(), spec="qwen3", base_url="http://judge.test:8080/v1/")
    assert str(kit.server.requests[0].url) == "http://judge.test:8080/v1/chat/completions"
    assert kit.server.requests[0].headers["Authorization"] == "Bearer not-needed"
    assert kit.server.bodies[0]["model"] == "qwen3"


def test_another_provider_of_the_same_protocol(kit: Any) -> None:
    """Providers that speak OpenAI's protocol get the same request at their own address."""
    kit.assess(kit.good(), spec="ollama/qwen3")
    assert str(kit.server.requests[0].url) == "http://localhost:11434/v1/chat/completions"
    assert kit.server.bodies[0]["response_format"]["type"] == "json_schema"


def test_openai_base_url_of_the_environment_counts(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """OPENAI_BASE_URL is where requests go, and is part of the identity."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://gateway.test/v1")
    judge = kit.judge(kit.good())
    asyncio.run(judge.assess(kit.case()))
    assert str(kit.server.requests[0].url) == "http://gateway.test/v1/chat/completions"
    assert json.loads(judge.identity.settings)["base_url"] == "http://gateway.test/v1"


def test_one_call_per_criterion(kit: Any) -> None:
    """Each criterion is judged by a call that sees no other, and the red flags by one of their own."""

    def serve(request: httpx2.Request) -> Any:
        system = json.loads(request.content)["messages"][0]["content"]
        ids = [id_ for id_ in ("same-meaning", "automatic", "league-table") if f'id="{id_}"' in system]
        assert len(ids) == 1
        if ids == ["league-table"]:
            return kit.completion(json.dumps({"criteria": [], "red_flags": [kit.red_flag()], "strengths": ["Fair"]}))
        return kit.completion(json.dumps(kit.reply_of(kit.criterion(ids[0]), flags=[], strengths=["Fair", ids[0]])))

    assessment = kit.assess(serve, serve, serve, calls="per-criterion")
    assert [finding.verdict for finding in assessment.findings] == ["met", "partial"]
    assert [flag.present for flag in assessment.red_flags] == [False]
    assert assessment.strengths == ("Fair", "same-meaning", "automatic")
    assert (assessment.usage.calls, assessment.usage.input_tokens) == (3, 3000)


def test_one_call_per_criterion_keeps_what_was_judged(kit: Any) -> None:
    """A call that fails for good leaves its criterion unassessed; only if all fail the answer is not judged."""

    def serve(request: httpx2.Request) -> Any:
        if 'id="automatic"' in json.loads(request.content)["messages"][0]["content"]:
            return httpx2.Response(400, json={"error": {"message": "no"}})
        return kit.good()

    assessment = kit.assess(serve, serve, serve, calls="per-criterion", max_repairs=0)
    assert [(finding.verdict, finding.flags) for finding in assessment.findings] == [
        ("met", ()),
        ("unassessed", ("not_judged", "bad_request")),
    ]


def test_one_call_per_criterion_tells_the_reason_of_the_criteria(kit: Any) -> None:
    """If no criterion could be judged, the error is about the criteria, whatever became of the red flags."""

    def serve(request: httpx2.Request) -> Any:
        if 'id="league-table"' in json.loads(request.content)["messages"][0]["content"]:
            return httpx2.Response(400, json={"error": {"message": "no"}})
        return kit.completion("nonsense")

    with pytest.raises(ReplyError) as caught:
        kit.assess(serve, serve, serve, calls="per-criterion", max_repairs=0)
    assert (caught.value.reason, caught.value.attempts) == ("malformed", 3)


def test_the_identity_holds_all_that_can_change_a_result() -> None:
    """Judge, model, prompt with digest, and settings as text in a stable order; a change of any changes it."""
    identity = LLMJudge(LLMSettings(spec="openai/gpt-5-mini")).identity
    assert (identity.judge, identity.model) == ("openai/gpt-5-mini", "gpt-5-mini")
    assert identity.prompt is not None
    assert identity.prompt.startswith("grade/v1@")
    assert identity.settings == (
        '{"base_url":null,"calls":"per-answer","max_repairs":2,"max_tokens":null,"mode":"json_schema",'
        f'"schema":"{schema_digest()}","seed":0,"temperature":0.0}}'
    )
    for change in (
        {"calls": "per-criterion"},
        {"temperature": 1.0},
        {"seed": 1},
        {"max_repairs": 0},
        {"max_tokens": 9},
    ):
        changed = LLMSettings.model_validate({"spec": "openai/gpt-5-mini", **change})
        assert LLMJudge(changed).identity != identity


def test_one_judge_in_several_event_loops(kit: Any) -> None:
    """Each event loop has connections of its own, closed by aclose; the judge can be used again."""
    judge = kit.judge(kit.good(), kit.good())

    async def use() -> int:
        calls: int = (await judge.assess(kit.case())).usage.calls
        await judge.aclose()
        await judge.aclose()
        return calls

    assert asyncio.run(use()) == 1
    judge._connection._http_client = httpx2.AsyncClient(transport=httpx2.MockTransport(kit.server))
    assert asyncio.run(use()) == 1


def test_what_is_said_of_trust_holds_without_a_quote(kit: Any) -> None:
    """The sentence stands also below an answer that was not graded, where nothing was found by anybody."""
    judge = kit.judge()
    said = judge.trust(kit.case().rubric)
    assert said.startswith("A quote counts only if code found it in the answer. How well gpt-5-mini agrees with people")
    assert said.endswith("before you rely on its scores.")
