"""Recording: only what is missing, one request at a time, nothing secret, and on from where it stopped."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from evaluator.errors import ConfigurationError, InputError, UnreachableError
from evaluator.regress import plan, prune
from evaluator.regress.recording import Exchange, write_recording


def test_only_what_is_missing(bench: Any) -> None:
    """With everything recorded nothing is sent; without one file only that case is, and the rest stays."""
    assert plan(bench.load()).trials == ()
    kept = bench.cassette("b-strong").read_bytes()
    before = bench.cassette("b-weak").read_bytes()
    bench.cassette("b-weak").unlink()
    planned = plan(bench.load())
    assert [trial.id for trial in planned.trials] == ["b-weak"]
    assert planned.cost.calls == 1
    bench.record()
    assert len(bench.model.requests) == 1
    assert bench.cassette("b-strong").read_bytes() == kept
    assert bench.cassette("b-weak").stat().st_size == len(before)
    assert bench.run()[1].passed


def test_everything_anew(bench: Any) -> None:
    """`--all` asks for every case again."""
    assert plan(bench.load(), anew=True).cost.calls == 9
    bench.record(anew=True)
    assert len(bench.model.requests) == 9
    assert bench.run()[1].passed


def test_a_change_of_the_prompt_replaces(bench: Any) -> None:
    """After a change of the prompt the case is asked anew, and what the judge no longer sends is dropped."""
    bench.edit(bench.system, "A vague wish or a", "A faint hope or a")
    bench.record()
    assert len(bench.model.requests) == 9
    text = bench.cassette("a-strong").read_text(encoding="utf-8")
    assert "A faint hope or a" in text
    assert "A vague wish or a" not in text
    findings, gate = bench.run()
    assert gate.passed
    assert findings.flips == ()


def test_what_is_replaced_is_known_before(bench: Any) -> None:
    """A plan names the cases that lose recordings, and the baseline that was made from them."""
    bench.cassette("b-strong").unlink()
    assert plan(bench.load()).replaced == ()
    bench.alter_reply("a-weak", '"points": [false]', '"points": [true]')
    bench.edit(bench.system, "A vague wish or a", "A faint hope or a")
    bench.cassette("b-weak").write_text("x", encoding="utf-8")
    of_baseline, other = plan(bench.load()).replaced
    assert of_baseline.accepted == bench.run()[0].accepted
    assert [one.id for one in of_baseline.trials] == ["a-strong", "a-injected", "a-clean", "a-strong.per-criterion"]
    assert (other.accepted, [one.id for one in other.trials]) == (None, ["a-weak"])
    bench.record()
    assert plan(bench.load()).replaced == ()
    assert sum(len(one.trials) for one in plan(bench.load(), anew=True).replaced) == 7


def test_replies_of_no_use_are_told(fresh: Any) -> None:
    """A case whose replies give no verdict is recorded, with the reason why it is ungraded."""
    fresh.change(cases=["a-strong", "a-weak"], per_criterion=[], invariants={})
    fresh.model.before = lambda count: fresh.model.completion("I would rather not.") if count < 4 else None
    assert [(one.trial.id, one.exchanges, one.failure, one.unusable) for one in fresh.record()] == [
        ("a-strong", 3, "", "malformed"),
        ("a-weak", 1, "", ""),
    ]


def test_an_interrupted_recording_goes_on(fresh: Any) -> None:
    """Every reply is on disk before the next request; what was recorded is not asked again."""

    def gone(count: int) -> httpx2.Response | None:
        if count > 3:
            raise KeyboardInterrupt
        return None

    fresh.model.before = gone
    fresh.change(cases=["a-strong"], invariants={})
    fresh.change(cases=["a-weak"], per_criterion=["a-strong", "b-strong"], invariants={})
    with pytest.raises(KeyboardInterrupt):
        fresh.record()
    first = [request.content for request in fresh.model.requests[:3]]
    assert plan(fresh.load()).cost.calls == 4
    fresh.model.before = lambda _: None
    fresh.record()
    asked = [request.content for request in fresh.model.requests[4:]]
    assert len(asked) == 4
    assert not set(asked) & set(first)
    fresh.accept()
    assert fresh.run()[1].passed


def test_what_passes_is_not_recorded(fresh: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rate limit is waited out and leaves no trace; a refusal of an option is part of the recording."""
    fresh.change(cases=["a-weak"], per_criterion=[], invariants={})

    def faults(count: int) -> httpx2.Response | None:
        if count == 1:
            return httpx2.Response(429, headers={"retry-after": "0"}, json={"error": {"message": "slow down"}})
        if count == 2:
            return httpx2.Response(
                400, json={"error": {"message": "seed is not supported, sk-marker-of-the-environment"}}
            )
        return None

    monkeypatch.setenv("OPENAI_API_KEY", "sk-marker-of-the-environment")
    fresh.model.before = faults
    (done,) = fresh.record()
    assert (done.exchanges, done.failure) == (2, "")
    exchanges = fresh.exchanges("a-weak")
    assert [one.status for one in exchanges] == [400, 200]
    assert "seed" in exchanges[0].request
    assert "seed" not in exchanges[1].request
    assert "sk-marker" not in fresh.cassette("a-weak").read_text(encoding="utf-8")
    fresh.accept()
    assert fresh.run()[1].passed


def test_a_case_without_a_reply_is_told(fresh: Any) -> None:
    """Where one call of a case gets no reply, the case is not complete, and what came is kept."""
    fresh.change(cases=["a-weak"], per_criterion=["a-strong"], invariants={})
    fresh.model.before = lambda count: httpx2.Response(403, json={"error": {"message": "no"}}) if count == 3 else None
    done = fresh.record()
    assert [(one.trial.id, one.exchanges) for one in done] == [("a-weak", 1), ("a-strong.per-criterion", 2)]
    assert done[1].failure == "the server said 403"
    assert plan(fresh.load()).cost.calls == 1


def test_a_server_that_is_not_there(fresh: Any) -> None:
    """A server that refuses the key ends the recording at once."""
    fresh.model.before = lambda _: httpx2.Response(401, json={"error": {"message": "no"}})
    with pytest.raises(UnreachableError):
        fresh.record()
    assert len(fresh.model.requests) == 1


def test_a_recording_that_cannot_be_written(fresh: Any) -> None:
    """Where a reply cannot be kept, the recording ends and says so; the request is not paid for again."""
    (fresh.root / "cassettes").write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match=r"cassettes.*cannot be written"):
        fresh.record()
    assert len(fresh.model.requests) == 1


def test_nothing_secret_is_stored(fresh: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what is sent and received only the content type is kept: no key, cookie, organisation or request id."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-marker-of-the-environment")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-marker-of-the-environment")
    fresh.record()
    sent = fresh.model.requests[0].headers
    assert sent["authorization"] == "Bearer sk-marker-of-the-environment"
    assert sent["openai-organization"] == "org-marker-of-the-environment"
    for file in (fresh.root / "cassettes").iterdir():
        text = file.read_text(encoding="utf-8").lower()
        for secret in ("marker", "authorization", "cookie", "organization", "x-request-id", "user-agent"):
            assert secret not in text
    exchanges = fresh.exchanges("a-weak")
    assert {name for one in exchanges for name, _ in one.headers} == {"content-type"}


def test_repeats_measure_stability(fresh: Any) -> None:
    """Several replies to the same request are kept apart, and the report says how often a verdict comes back."""
    fresh.change(cases=["a-strong", "a-weak"], per_criterion=[], invariants={}, thresholds={"min_stability": 0.9})
    answers = iter([True, True, True, False, True, True])

    def reply(system: str, user: str, normal: Any = fresh.model.reply) -> dict[str, Any]:
        said = normal(system, user)
        if not next(answers):
            said["criteria"][0]["points"][0] = not said["criteria"][0]["points"][0]
            said["criteria"][0]["quotes"] = ["We talk about pages."]
        return dict(said)

    fresh.model.reply = reply
    fresh.record(repeats=3)
    assert len(fresh.model.requests) == 6
    assert len({request.content for request in fresh.model.requests}) == 2
    fresh.accept()
    findings, gate = fresh.run()
    assert findings.stability.cases == 2
    assert findings.stability.repeats == 3
    # Six items, of which one agrees in one of three pairs.
    assert findings.stability.share == pytest.approx((5 + 1 / 3) / 6)
    assert findings.stability.wavering == (("a-weak / owner-paged", (("missed", 2), ("partial", 1))),)
    failed = fresh.failed(gate)["stability"]
    assert failed == "the same verdict in 89% of pairs of repeats, at least 90% is wanted"


def test_prune(bench: Any) -> None:
    """Files that no case uses fail the run, are listed, and go when asked."""
    stray = bench.root / "cassettes" / "old.yaml"
    stray.write_bytes(bench.cassette("a-weak").read_bytes())
    gate = bench.run()[1]
    again = bench.load().command("record", "--prune")
    assert bench.failed(gate) == {"stale recording": f"no case uses old.yaml: '{again}' removes them"}
    planned = plan(bench.load())
    assert planned.strays == (stray,)
    assert prune(planned) == (stray,)
    assert bench.run()[1].passed


def test_exchanges_that_are_no_longer_made(bench: Any) -> None:
    """An exchange that the judge does not ask for makes a recording stale; recording drops it without asking anybody."""
    file = bench.cassette("a-weak")
    exchanges = bench.exchanges("a-weak")
    write_recording(file, [*exchanges, Exchange("POST", "http://model.invalid/v1/chat/completions", {}, 200, {})])
    failed = bench.failed(bench.run()[1])
    assert failed["stale recording"].endswith(
        f"a-weak.yaml holds 1 exchange that the judge no longer makes: '{bench.load().command('record', '--replace')}' "
        "drops them"
    )
    bench.record()
    assert bench.model.requests == []
    assert bench.run()[1].passed


def test_repaired_replies_replay(fresh: Any) -> None:
    """Where the judge asks again for a quote that is not there, all of its requests are recorded and replayed."""
    fresh.change(cases=["a-strong"], per_criterion=[], invariants={})
    fresh.model.quote = lambda _: "this stands nowhere in the answer at all"
    fresh.record()
    assert len(fresh.model.requests) == 3
    assert fresh.model.requests[1].content == fresh.model.requests[2].content
    fresh.accept()
    findings, gate = fresh.run()
    assert gate.passed
    assert findings.results["a-strong"].usage.calls == 3
    assert findings.results["a-strong"].status == "ungraded"
    assert findings.results["a-strong"].reason == "quote_not_found"


def test_what_cannot_be_recorded(fresh: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded judge sends nothing; a server in the environment that replaying would not know is refused."""
    fresh.change(judge="embedded", base_url=None)
    with pytest.raises(ConfigurationError, match="nothing to record"):
        plan(fresh.load())
    fresh.change(base_url=None, judge="openai/gpt-5-mini")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere.invalid/v1")
    with pytest.raises(ConfigurationError, match="OPENAI_BASE_URL is set"):
        plan(fresh.load())
