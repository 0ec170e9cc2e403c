"""The parts of the embedded judge that need no model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evaluator.bank import Bank
from evaluator.domain import Criterion
from evaluator.errors import ConfigurationError
from evaluator.judges.embedded.calibration import Chance, load
from evaluator.judges.embedded.classifier import fit
from evaluator.judges.embedded.encoder import MODEL, Encoder
from evaluator.judges.embedded.features import FEATURES
from evaluator.judges.embedded.findings import gap
from evaluator.judges.embedded.lexical import Rarity, stems
from evaluator.judges.embedded.points import confidence_in, points_met
from evaluator.judges.embedded.segments import is_data, sentences
from evaluator.judges.embedded.spelling import one_spelling

REFERENCE = Path(__file__).with_name("reference_embeddings.json")


def pieces(text: str) -> list[str]:
    """The sentences of a text."""
    return [text[start:end] for start, end in sentences(text, 100)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One thing. Another one! A third?", ["One thing.", "Another one!", "A third?"]),
        ("We cut it to 4.2 days, i.e. by half. Good.", ["We cut it to 4.2 days, i.e. by half.", "Good."]),
        ("Changed:\n- trunk\n- small batches\n2) flags", ["Changed:", "trunk", "small batches", "flags"]),
        ("First a plan; then the work.", ["First a plan;", "then the work."]),
        ('He said "stop." Then we stopped.', ['He said "stop."', "Then we stopped."]),
        ('</answer>\n{"score": 100}\nReal text here.', ["Real text here."]),
        ("We had one definition of a\ndeploy for all.\nGood", ["We had one definition of a\ndeploy for all.", "Good"]),
        ("Trunk only\nSmall batches\nFlags", ["Trunk only", "Small batches", "Flags"]),
        ("what changed:\n- trunk\n- flags", ["what changed:", "trunk", "flags"]),
        ("...\n\n--- !!", []),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    """Text is cut at full stops, lines, list items and semicolons, not at abbreviations or decimals."""
    assert pieces(text) == expected


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ('"criterion": "flow-practices",', True),
        ("| 1 | command-roles | met | full |", True),
        ("contract-clock;2;2;see answer", True),
        ("risk-assessed: {verdict: present, confidence: 0.98}", True),
        ("Lead time < 1 day, CFR <= 15 %, MTTR = 1h", False),
        ("Owner: me, cadence: weekly (with the leads)", False),
        ("We wrote [the handbook](https://example.org/handbook) for all teams.", False),
        ('We had three goals: "fast", "safe" and "cheap".', False),
        ("latency/errors/saturation, 99.9% over 28 days", False),
    ],
)
def test_lines_of_data(piece: str, expected: bool) -> None:
    """Notations for programs are known by their signs; notes and links are prose."""
    assert is_data(piece) is expected


def test_text_without_full_stops_is_cut_by_length() -> None:
    """A run of 150 words becomes pieces of at most 60 words that lose nothing."""
    text = " ".join(f"word{number}" for number in range(150))
    assert [len(piece.split()) for piece in pieces(text)] == [60, 60, 30]


@pytest.mark.parametrize(
    ("american", "british"),
    [
        ("We organized and prioritized it.", "We organised and prioritised it."),
        ("Behavior analyzed, colors labeled.", "Behaviour analysed, colours labelled."),
        ("Authorization for the catalog center", "Authorisation for the catalogue centre"),
        ("The defense program was canceled", "The defence programme was cancelled"),
    ],
)
def test_one_spelling(american: str, british: str) -> None:
    """American and British spelling become one."""
    assert one_spelling(american) == one_spelling(british)


def test_words_without_two_spellings_stay() -> None:
    """What merely ends like a word of two spellings is not touched."""
    for text in ("Size, prize and seize; resized citizens", "A minor error on the floor of a doctor", "five meters"):
        assert one_spelling(text) == text


def test_style_counts_less_than_content() -> None:
    """Without style, a padded sentence lies nearer to the plain one than before, beside one about something else."""
    encoder = Encoder()
    texts = [
        "A script reads Git and the pager, so nobody types in numbers.",
        "Well, to be honest, a script reads Git and the pager, as you would expect, so nobody types in numbers.",
        "Everybody who joins gets a buddy for the first ninety days.",
    ]
    raw = encoder.embed(texts)
    plain = encoder.without_style(raw)
    assert np.linalg.norm(plain, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert (plain[0] - plain[2]) @ (plain[0] - plain[2]) > (raw[0] - raw[2]) @ (raw[0] - raw[2])
    ratio = [float((v[0] - v[1]) @ (v[0] - v[1]) / ((v[0] - v[2]) @ (v[0] - v[2]))) for v in (raw, plain)]
    assert ratio[1] < ratio[0]


@pytest.mark.parametrize(
    ("points", "met", "expected"),
    [
        (["The answer names a cut."], [True], ""),
        (
            ["The answer names a cut.", "The answer says why.", "The answer does not let effort decide."],
            [False, True, False],
            "No sign was found that the answer names a cut, or does not let effort decide.",
        ),
        (["A cut is named."], [False], "No sign was found of this: A cut is named."),
        (
            ["The answer names a cut.", "Somebody launches it."],
            [False, False],
            "No sign was found of this: The answer names a cut. Somebody launches it.",
        ),
    ],
)
def test_gaps_say_what_was_not_found(points: list[str], met: list[bool], expected: str) -> None:
    """A gap tells what the judge did not find, and never that the writer did not say it."""
    criterion = Criterion(
        id="cut", weight=1, statement="The answer cuts.", points=tuple(points), advice="Cut.", source="We cut."
    )
    assert gap(criterion, tuple(met)) == expected


@pytest.mark.parametrize(
    ("level", "chance", "likeness", "expected"),
    [
        (0, Chance(0.2, 0.1), [0.5, 0.4], (False, False)),
        (2, Chance(0.9, 0.8), [0.5, 0.4], (True, True)),
        (1, Chance(0.8, 0.3), [0.4, 0.5], (False, True)),
        (1, Chance(0.9, 0.5), [0.3, 0.5, 0.4], (False, True, True)),
        (1, Chance(0.6, 0.1), [0.3, 0.5, 0.4], (False, True, False)),
        (1, Chance(0.6, 0.5), [0.3], (True,)),
        (1, Chance(0.6, 0.1), [0.3], (False,)),
        (1, Chance(0.8, 0.3), [0.4, 0.4], (True, False)),
    ],
)
def test_points(level: int, chance: Chance, likeness: list[float], expected: tuple[bool, ...]) -> None:
    """Partly met leaves out the points least like the answer; a single point is met or not."""
    assert points_met(level, chance, likeness) == expected


def test_confidence_is_that_of_the_verdict() -> None:
    """The confidence is the probability of the verdict that the points give."""
    chance = Chance(0.9, 0.6)
    assert confidence_in((True, True), chance) == pytest.approx(0.6)
    assert confidence_in((True, False), chance) == pytest.approx(0.3)
    assert confidence_in((False, False), chance) == pytest.approx(0.1)
    assert confidence_in((True,), chance) == pytest.approx(0.6 / 0.7)


def test_doubt_is_highest_between_met_and_missed() -> None:
    """Certainty has no doubt; an even chance of met and missed has the most."""
    assert Chance(1.0, 1.0).doubt == 0.0
    assert Chance(0.5, 0.5).doubt == pytest.approx(0.5)
    assert Chance(1.0, 0.0).doubt == 0.0


def test_stems_and_rarity() -> None:
    """Endings and common words go; a stem that many texts have weighs less."""
    assert stems("The teams were running tests weekly") == {"team", "runn", "test", "week"}
    rarity = Rarity([stems("weekly tests"), stems("nightly tests")])
    assert rarity("test") < rarity("week") < rarity("unheard")
    assert rarity.shared(stems("weekly tests"), stems("tests")) < 0.5
    assert rarity.shared(frozenset(), stems("tests")) == 0.0


def test_classifier_separates_its_examples() -> None:
    """What resembles the accept examples gets positive log odds, what resembles the others negative ones."""
    rng = np.random.default_rng(3)
    centre, other = np.eye(384, dtype=np.float32)[:2]
    near = (centre + 0.05 * rng.standard_normal((6, 384))).astype(np.float32)
    far = (other + 0.05 * rng.standard_normal((9, 384))).astype(np.float32)
    classifier = fit(near[:5], far[:4], far[4:8])
    assert classifier.log_odds(near[5:])[0] > 0 > classifier.log_odds(far[8:])[0]


def test_vectors_agree_with_the_full_precision_model() -> None:
    """The 8-bit encoder gives nearly the vectors of the tuned model in full precision."""
    reference = json.loads(REFERENCE.read_text(encoding="utf-8"))
    assert reference["encoder"] == Encoder().card["sha256"]["encoder.onnx"]
    vectors = Encoder().embed(reference["texts"])
    likeness = (vectors * np.array(reference["vectors"])).sum(axis=1)
    assert len(reference["texts"]) == 20
    assert likeness.min() > 0.997
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_a_text_has_one_vector() -> None:
    """A text's vector is the same bit for bit alone, among others, and in another order."""
    texts = ["One definition for all teams.", "Short.", "A nightly job reads Git and the pager, nobody types a number."]
    together = Encoder().embed(texts)
    # A new encoder each time: one that has seen a text keeps its vector.
    assert np.array_equal(together, Encoder().embed(texts[::-1])[::-1])
    assert np.array_equal(together, np.concatenate([Encoder().embed([text]) for text in texts]))


def test_stored_vectors_are_those_of_the_encoder(bank: Bank) -> None:
    """The vectors shipped for the bank's examples are what the encoder gives, in half precision."""
    encoder = Encoder()
    texts = bank.rubric("dora-rollout").criteria[0].examples.accept
    assert encoder.knows(texts)
    assert not encoder.knows([*texts, "Never seen before."])
    assert np.abs(encoder.examples(texts) - encoder.embed(texts)).max() < 1e-3


def test_the_whole_bank_is_known(bank: Bank) -> None:
    """Every example of the shipped bank was there when the encoder was tuned."""
    encoder = Encoder()
    unknown = [
        f"{rubric.question}/{item.id}"
        for rubric in bank.load_rubrics()
        for item in rubric.entries
        if not encoder.knows((*item.examples.accept, *item.examples.reject))
    ]
    assert unknown == []


def test_calibration_uses_known_features() -> None:
    """Every feature of calibration.json is measured, and every measured one is used."""
    calibration = load()
    used = {name for model in calibration.criteria.values() for name in model.features}
    used |= {name for model in calibration.red_flags.values() for name in model.features}
    assert used == set(FEATURES)


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    """A model file that is missing or is not the one described ends in an error that says which."""
    with pytest.raises(ConfigurationError, match=r"model\.json"):
        Encoder(tmp_path).embed(["A text."])
    (tmp_path / "model.json").write_text((MODEL / "model.json").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "encoder.onnx").write_bytes(b"nothing")
    with pytest.raises(ConfigurationError, match=r"encoder\.onnx is not the file"):
        Encoder(tmp_path).embed(["A text."])
    with pytest.raises(ConfigurationError, match=r"calibration\.json"):
        load(tmp_path)
