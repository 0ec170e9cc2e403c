"""Words that the rule for names and companies knows."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "words"
_FILES = ("common", "first_names", "terms")

PARTICLES = frozenset("van von der den de da do dos del della di du la le bin ibn bint al el ter ten".split())
"""Small words inside a name."""

TITLES = frozenset(
    "Mr Mrs Ms Miss Dr Prof Professor Sir Madam Lady Lord Herr Frau Monsieur Madame Señor Señora".split()
)

LEGAL = frozenset(
    "Ltd Limited Inc Incorporated LLC LLP PLC Plc plc Corp Corporation GmbH AG KG SE SA SAS SARL Sarl SpA Srl BV "
    "NV AB AS ASA Oy Oyj ApS SL SLU Pty Pvt KK Co".split()
)
"""Legal forms, without their full stops."""

TRADES = frozenset(
    "Airlines Airways Alimentos Analytics Associates Automotive Bakeries Bank Banking Beverages Biotech Brewery "
    "Brothers Capital Chemicals Cloud Clinic Clinics Consulting Courier Couriers Cruises Data Daughters Dental "
    "Designs Digital Electric Electronics Energie Energy Entertainment Exchange Express Farms Ferries Filhos "
    "Finance Financial Foods Foundation Freight Fund Games Gas Group Health Healthcare Holding Holdings Hospital "
    "Hotels Industries Insurance Interactive International Investments Labs Laboratories Learning Lines Logistics "
    "Logistik Mobility Motors Media Networks Oil Outfitters Paints Partners Pay Payments Petroleum Pharma "
    "Pharmaceuticals Pictures Power Press Properties Publishing Railways Rentals Resorts Retail Robotics Savings "
    "Schools Securities Seeds Semiconductors Shipping Shoes Software Solar Solutions Sons Steel Stores Studio "
    "Studios Supermarkets Systems Tech Technologies Technology Telecom Telekom Textiles Toys Trading Transport "
    "Travel Trust University Utilities Ventures Versicherung Water Wines Works".split()
)
"""Last words of company names."""

AT_COMPANY = frozenset(
    "at from joined left joining leaving bought acquired integrated customer customers client clients vendor "
    "supplier employer competitor company with".split()
)
"""Words after which several unknown words are a company rather than a person."""

THINGS = frozenset(
    "project projects release programme program office offices team teams service cluster platform system "
    "framework model method law laws rule principle forecast licence license account conference summit protocol "
    "index diagram chart report server database dashboard branch environment initiative migration pipeline "
    "experiment manifesto paradox effect curve theorem distribution API app tool tools customers region data job "
    "jobs test tests build builds".split()
)
"""What is named after something: "the Phoenix release", "Conway's law"."""

LAWS = frozenset("law laws rule principle paradox effect curve theorem".split())
"""What is called after a person who is no secret: "Conway's law"."""

NAMING = frozenset("project programme program release codename room product tool".split())
"""After these a capitalised word is no person: "the project Magellan"."""

VERBS = frozenset(
    "was is had has did does said says told asked wrote led made took went came gave got left ran saw knew "
    "thought found kept put held brought built began chose drew felt set met sent spoke taught won and from".split()
)
"""After these, or a word in -ed, an English word that is also a first name is a name at the start of a sentence."""

PLAIN_ENDINGS = (
    "ing",
    "ed",
    "ly",
    "tion",
    "sion",
    "ment",
    "ness",
    "ity",
    "ship",
    "ism",
    "ance",
    "ence",
    "able",
    "ful",
    "less",
    "ist",
    "ware",
    "ical",
)
"""An unknown word at the start of a sentence that ends so is an ordinary word."""


_CONTRACTED = frozenset(("s", "d", "m", "t", "ve", "re", "ll"))


@cache
def words(name: str) -> frozenset[str]:
    """One of the lists: "common" (lower case), "first_names" (lower case) or "terms" (capitalised)."""
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def lexicon_digest() -> str:
    """SHA-256 (hex) of all lists."""
    parts = (
        *(words(name) for name in _FILES),
        PARTICLES,
        TITLES,
        LEGAL,
        TRADES,
        AT_COMPANY,
        THINGS,
        LAWS,
        NAMING,
        VERBS,
    )
    text = "\n\n".join("\n".join(sorted(part)) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()


def is_common(word: str) -> bool:
    """Whether a word, whatever its case, is an ordinary English word, also as a plural or in another form."""
    common = words("common")
    low = word.lower().replace("\u2019", "'")
    head, apostrophe, tail = low.partition("'")
    if low in common or (apostrophe and tail in _CONTRACTED and (head in common or head == "i")):
        return True
    parts = low.split("-")
    if len(parts) > 1:
        return all(len(part) <= 2 or part in common for part in parts)  # noqa: PLR2004 - "re-use", "co-owner"
    stems = [low.removesuffix(end) for end in ("s", "es", "d", "ed", "ing", "ly", "er", "r") if low.endswith(end)]
    stems += [f"{low[:-3]}e"] if low.endswith("ing") else []
    stems += [f"{low[:-3]}y"] if low.endswith("ies") else []
    return any(len(stem) > 2 and stem in common for stem in stems)  # noqa: PLR2004


def is_first_name(word: str) -> bool:
    """Whether a word, whatever its case, is a first name of the list."""
    return word.lower() in words("first_names")
