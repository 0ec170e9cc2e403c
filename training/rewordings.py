"""Says a sentence in another way without changing what it says: padded, as a learner of English would, and casually.

The rules are crude and the results at times odd. They are made to show which directions of the encoder's space tell how
something is said; nobody reads them, and no label is fitted to them.
"""

from __future__ import annotations

import random
import re

BEFORE = (
    "Well, |So basically, |I would say that |In our case, |What we ended up doing is that |If I remember correctly, |"
    "As everybody knows, |Right, so, |Generally speaking, |The thing is that |And then, of course, |"
    "From my point of view, |Let me put it this way: |Looking back, I think that |One more point is that |"
    "At the end of the day, |It goes without saying that |Now, |To put it simply, |What is worth mentioning is that |"
    "Besides, |In practice, |I have to say that |And also, |Maybe I should explain that "
).split("|")
WITHIN = (
    " of course,| you know,| in a way,| I think,| as I said,| more or less,| basically,| in the end,| for example,|"
    " naturally,| let us say,| in effect,"
).split("|")
AFTER = (
    ", I would say|, which I liked|, at least in our company|, if that makes sense|, more or less|, and so on|"
    ", as it should be|, so to speak|, which helped us a lot|, to be fair|, and that was important to me|"
    ", as far as I can tell|, one way or the other|, which is the whole point, really|, and people got used to it|"
    ", in my experience|, or something along those lines"
).split("|")
CASUAL_BEFORE = "Yeah, so |OK so |Honestly, |Basically |So, yeah, |Look, |Thing is, |We just |Pretty much, ".split("|")
CASUAL_AFTER = (
    ", simple as that|, job done|, you know|, kind of thing|, right|, no fuss|, and that's that|, or whatever"
).split("|")
CASUAL = {
    r"\b(do|does|did|is|are|was) not\b": r"\1n't",
    r"\bcannot\b": "can't",
    r"\bwe have\b": "we've got",
    r"\b(it|that) is\b": r"\1's",
    r"\b(we|they) are\b": r"\1're",
    r"\bI am\b": "I'm",
    r"\bbecause\b": "cos",
    r"\bapproximately\b": "like",
    r"\beach\b": "every single",
    r"\bneeds to\b": "has gotta",
    r"\bhave to\b": "gotta",
    r"\bdiscuss(?:es|ed)?\b": "chat about",
    r"\bexamine[sd]?\b": "look at",
    r"\bremove[sd]?\b": "get rid of",
    r"\bcreate[sd]?\b": "knock together",
    r"\b(?:obtain|receive)(?:s|d|ed)?\b": "get",
    r"\bpurchase[sd]?\b": "buy",
    r"\b(?:people|employees)\b": "folks",
    r"\bmanager(s?)\b": r"boss\1",
    r"\b(?:engineer|developer)(s?)\b": r"dev\1",
    r"\bproblem(s?)\b": r"headache\1",
    r"\bvery\b": "dead",
    r"\bmany\b": "loads of",
    r"\bseveral\b": "a bunch of",
    r"\bimportant\b": "big",
    r"\bsmall\b": "tiny",
    r"\bstop(?:ped|s)?\b": "kill",
    r"\b(?:begin|start)(?:s|ed)?\b": "kick off",
    r"\bshow(?:s|ed|n)?\b": "stick up",
    r"\bagree(?:d|s)? on\b": "settle on",
    r"\bdecide[sd]?\b": "make the call",
    r"\bfix(?:es|ed)?\b": "sort out",
    r"\bfigures\b": "numbers",
    r"\bmeasure[sd]?\b": "keep tabs on",
    r"\bwhether\b": "if",
    r"\bhowever\b": "but",
    r"\btherefore\b": "so",
    r"\bwork\b": "stuff",
    r"\bmeeting(s?)\b": r"catch-up\1",
    r"\bquickly\b": "pretty fast",
    r"\breduce[sd]?\b": "cut down",
}
PREPOSITIONS = {
    "in": ("on", "at", "by"),
    "on": ("in", "at"),
    "at": ("in", "on", "by"),
    "for": ("to", "since"),
    "with": ("by", "together with"),
    "from": ("of", "out of"),
    "of": ("from", "by"),
    "to": ("for", "until"),
}
SWAPPED = {"has": "have", "have": "has", "is": "are", "are": "is", "was": "were", "were": "was"}


def padded(sentence: str, rng: random.Random) -> str:
    """With filler before, within or after it."""
    body, end = _ended(sentence)
    places = [found.start() for found in re.finditer(r", | and | that | which | because ", body)]
    if places and rng.random() < 0.5:
        place = rng.choice(places)
        body = body[:place] + "," + rng.choice(WITHIN) + body[place + (body[place] == ",") :]
    elif rng.random() < 0.8:
        body = rng.choice(BEFORE) + _lowered(body)
    return body + (rng.choice(AFTER) if rng.random() < 0.6 else "") + end


def learner(sentence: str, rng: random.Random) -> str:
    """With articles left out, and prepositions, numbers and endings that are not quite right."""
    words = []
    for word in sentence.split(" "):
        lower = word.lower()
        if lower in {"the", "a", "an"} and rng.random() < 0.6:
            continue
        if lower in PREPOSITIONS and rng.random() < 0.25:
            words.append(rng.choice(PREPOSITIONS[lower]))
        elif lower in SWAPPED and rng.random() < 0.3:
            words.append(SWAPPED[lower])
        elif re.fullmatch(r"[a-z]{4,}(?<!s)s", word) and rng.random() < 0.3:
            words.append(word[:-1])
        elif re.fullmatch(r"[a-z]{4,}ed", word) and rng.random() < 0.15:
            words.append(f"have {word}")
        elif lower == "that" and rng.random() < 0.4:
            words.append("which")
        else:
            words.append(word)
    said = " ".join(words)
    return said[:1].upper() + said[1:]


def casual(sentence: str, rng: random.Random) -> str:
    """As one talks."""
    for pattern, other in CASUAL.items():
        if rng.random() < 0.8:
            sentence = re.sub(pattern, other, sentence)
    body, end = _ended(sentence)
    if rng.random() < 0.4:
        body = rng.choice(CASUAL_BEFORE) + _lowered(body)
    return body + (rng.choice(CASUAL_AFTER) if rng.random() < 0.4 else "") + end


REWORDINGS = {"padded": padded, "learner": learner, "casual": casual}


def _ended(sentence: str) -> tuple[str, str]:
    """The sentence without its full stop, and the full stop."""
    body = sentence.rstrip()
    return (body[:-1], body[-1]) if body and body[-1] in ".!?" else (body, ".")


def _lowered(body: str) -> str:
    """With a small first letter, unless the first word is a name or an abbreviation."""
    first = body.split(" ", 1)[0]
    named = first == "I" or first[:1].isdigit() or first[1:].lower() != first[1:]
    return body if named else body[:1].lower() + body[1:]
