"""E-mail addresses, links and phone numbers: what has a form."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from evaluator.redaction.spans import Span, keep_free

_EMAIL = re.compile(
    r"""(?xi) (?<![\w.+-]) [\w.+'-]{1,64}
        (?: @ | \s?[(\[]\s?at\s?[)\]]\s? )
        (?: [\w-]+ (?: \. | \s?[(\[]\s?dot\s?[)\]]\s? ) ){1,6} [^\W\d_]{2,24} (?![\w-])"""
)
_SCHEME = re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]{1,14}://|www\.)[^\s<>\"]+")
_BARE = re.compile(
    r"""(?xi) (?<![\w@./-]) (?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,6}
        (?:com|org|net|edu|gov|info|biz|io|dev|app|cloud|ai|co|uk|de|fr|es|it|pl|nl|at|ch|se|no|fi|dk|ie|eu|us|ca|au
        |br|in|jp|cn|kr|tr|ru|za|example|test|localhost|internal|local)
        (?![\w-]) (?:\.[a-z]{2}(?![\w-]))? (?::\d{1,5})? (?:[/?\#][^\s<>\"]*)?"""
)
_NO_LINK = re.compile(r"(?i)\A(?:asp|vb|ado|socket|node|next)\.(?:net|io|js)\Z")
_TRAILING = ".,;:!?'\u2019\u201d*_"
_CLOSING = {")": "(", "]": "[", "}": "{"}

_DIGITS = re.compile(r"\d(?:[^\w\n]{0,3}\d){6}")
_REGIONS = ("US", "GB", "DE", "FR", "IN", "SE", "NL", "ES", "IT", "PL", "CH", "AT", "AU", "BR", "JP", "ZA", "IE")
_LOCAL = re.compile(
    r"""(?xi) \b(?:call(?:ed|s|ing)?|phoned?|number|dial(?:led|ed|s)?|ring|rang|text(?:ed)?|tel|mobile|cell|whatsapp|fax
        |hotline|bridge|line|reach(?:ed|able)?|extension)\b [^\d+\n]{0,40}
        (?P<number>\(?\d(?:[\s().\-/\u2011\u2013]{0,2}\d){6,14})(?![\w%]|[.,]\d)"""
)
_NO_NUMBER = re.compile(
    r"""(?x) \d{4}-\d{2}-\d{2} | \d{1,3}(?:\.\d{1,3}){3} | \d{1,3}(?:,\d{3})+ | \d{1,3}(?:\ \d{3})+
    | (?:19|20)\d{2}\D(?:19|20)\d{2} | \d{1,2}\.\d{1,2}\.\d{4}"""
)
_IDENTIFIER = re.compile(
    r"(?i)(?:\b(?:ticket|build|commit|issue|case|order|invoice|version|id|pr|rfc|iso|step)\s*\Z|[#\w.-]\Z)"
)


def emails(text: str) -> Iterator[Span]:
    """Addresses, also with (at) and (dot) in words."""
    for match in _EMAIL.finditer(text):
        lead = len(match[0]) - len(match[0].lstrip("'.-"))
        yield Span(match.start() + lead, match.end(), "email")


def urls(text: str) -> Iterator[Span]:
    """Links with a scheme, with www, or a bare domain with one of the usual endings."""
    for pattern in (_SCHEME, _BARE):
        for match in pattern.finditer(text):
            found = _trim(match[0])
            if "." in found and not _NO_LINK.match(found):
                yield Span(match.start(), match.start() + len(found), "url")


def _trim(link: str) -> str:
    """A link without the punctuation of the sentence around it."""
    while link:
        last = link[-1]
        if last in _TRAILING or (last in _CLOSING and link.count(last) > link.count(_CLOSING[last])):
            link = link[:-1]
        else:
            break
    return link


def phones(text: str) -> Iterator[Span]:
    """Phone numbers, with a country code or as they are written in one of some large countries."""
    if not _DIGITS.search(text):
        return
    found = [*_matched(text, "ZZ", phonenumbers.Leniency.POSSIBLE)]
    for region in _REGIONS:
        found += _matched(text, region, phonenumbers.Leniency.VALID)
    local = (Span(*match.span("number"), "phone") for match in _LOCAL.finditer(text))
    found += (span for span in local if _plausible(text, span))
    yield from keep_free(sorted(found, key=lambda span: (span.start, -span.end)), ())


def _matched(text: str, region: str, leniency: int) -> Iterator[Span]:
    for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=leniency, max_tries=1000):
        span = Span(match.start, match.end, "phone")
        if _plausible(text, span):
            yield span


def _plausible(text: str, span: Span) -> bool:
    number = text[span.start : span.end]
    return number.startswith("+") or not (_NO_NUMBER.fullmatch(number) or _IDENTIFIER.search(text[: span.start]))
