"""Near copies among the answers of a cohort."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from evaluator.honesty.duplicates import MIN_RUNS, NEAR, Written, near_copies

WORDS = [f"word{n}" for n in range(400)]
RANDOM = Random(7)  # noqa: S311 - nothing secret
TEXTS = [" ".join(RANDOM.choices(WORDS, k=80)) for _ in range(60)]
STRANGERS: list[Written] = [(f"a{n}", None, text) for n, text in enumerate(TEXTS)]
GOLD = Path(__file__).resolve().parent.parent / "gold" / "answers.jsonl"


def changed(text: str, *places: int) -> str:
    """The text with other words at these places."""
    words = text.split()
    for place in places:
        words[place] = f"other{place}"
    return " ".join(words)


def test_copies_point_at_the_first_of_their_kind() -> None:
    """An answer with two words changed, or in capitals, is a copy; strangers and short answers are not."""
    given = [
        *STRANGERS,
        ("b", None, changed(TEXTS[17], 3, 50)),
        ("d", None, TEXTS[17].upper()),
        ("e", None, "I do not know."),
        ("f", None, "I do not know."),
    ]
    assert near_copies(given) == {"b": "a17", "d": "a17"}


def test_of_several_the_most_alike_is_named() -> None:
    """A copy of a copy names the one it is nearest to, not the first that is near."""
    draft, final = TEXTS[4], changed(TEXTS[4], 10, 40)
    assert near_copies([("a", "Ada", draft), ("b", "Bo", final), ("c", "Cy", changed(final, 70))]) == {
        "b": "a",
        "c": "b",
    }


def test_own_attempts_do_not_count() -> None:
    """Nobody copies from themselves; who wrote it is unknown for each answer on its own."""
    text = TEXTS[0]
    given = [("a", "Ada", text), ("b", "Ada", text), ("c", None, text), ("d", None, text), ("e", "Ada", text)]
    assert near_copies(given) == {"c": "a", "d": "a", "e": "c"}


@pytest.mark.parametrize(("every", "copy"), [(24, True), (23, True), (8, False), (7, False)])
def test_the_share_of_common_runs_decides(every: int, copy: bool) -> None:
    """A changed word takes three runs with it: with one in 23 changed about 0.76 are common, with one in 8 about 0.45."""
    long = " ".join(Random(3).choices(WORDS, k=200))  # noqa: S311 - nothing secret
    other = changed(long, *range(5, 195, every))
    assert (near_copies([("a", None, long), ("b", None, other)]) == {"b": "a"}) is copy


def test_a_phrase_that_everybody_uses_hides_no_copy() -> None:
    """Copies are found among answers that all begin with the question in the same words."""
    start = " ".join(WORDS[:30])
    given: list[Written] = [(f"a{n}", None, f"{start} {text}") for n, text in enumerate(TEXTS)]
    assert near_copies(given) == {}
    assert near_copies([*given, ("b", None, f"{start} {changed(TEXTS[50], 20)}")]) == {"b": "a50"}


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_answers(count: int) -> None:
    """Nothing, one answer, and two strangers have no copies; so have answers without words."""
    assert near_copies(STRANGERS[:count]) == {}
    assert near_copies([("a", None, ""), ("b", None, "... \n"), *STRANGERS[:count]]) == {}


def test_shortest_that_is_compared() -> None:
    """An answer is compared from `MIN_RUNS` runs of three words on."""
    enough = " ".join(WORDS[: MIN_RUNS + 2])
    short = " ".join(WORDS[: MIN_RUNS + 1])
    assert near_copies([("a", None, enough), ("b", None, enough)]) == {"b": "a"}
    assert near_copies([("a", None, short), ("b", None, short)]) == {}


def test_odd_text_is_read() -> None:
    """Half of a surrogate pair, other scripts and one word over and over are answers like others."""
    odd = [f"{TEXTS[1]} \ud800", "слово " * 40, "ответ инженера " * 20, "はい " * 60]
    given: list[Written] = [(f"{n}{twice}", None, text) for n, text in enumerate(odd) for twice in "ab"]
    assert near_copies(given) == {f"{n}b": f"{n}a" for n in range(4)}


def test_blocks_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a block of answers ends makes no difference."""
    given = [*STRANGERS, ("b", None, TEXTS[0]), ("c", None, TEXTS[59])]
    expected = near_copies(given)
    monkeypatch.setattr("evaluator.honesty.duplicates._BLOCK", 7)
    assert near_copies(given) == expected == {"b": "a0", "c": "a59"}


def test_agrees_with_the_plain_definition() -> None:
    """Among answers copied more and less, those found are those that counting runs of three words finds."""
    random = Random(11)  # noqa: S311 - nothing secret
    given: list[Written] = []
    for n in range(150):
        text = random.choice(given)[2] if given and random.random() < 0.5 else random.choice(TEXTS)
        places = random.sample(range(80), random.choice((0, 1, 3, 8)))
        given.append((f"a{n}", None, changed(text, *places)))
    runs = [frozenset(zip(w, w[1:], w[2:], strict=False)) for w in (text.split() for *_, text in given)]
    shares = [[len(mine & other) / len(mine | other) for other in runs[:n]] for n, mine in enumerate(runs)]
    found = near_copies(given)
    assert len(found) > 40
    assert found.keys() == {f"a{n}" for n, row in enumerate(shares) if row and max(row) >= NEAR}
    assert all(shares[int(copy[1:])][int(original[1:])] >= NEAR for copy, original in found.items())


def test_people_of_the_gold_set_copy_nobody() -> None:
    """Answers that were written one by one are no copies, though they answer the same questions."""
    gold = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    assert near_copies((one["id"], None, one["text"]) for one in gold) == {}
