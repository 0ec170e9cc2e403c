# ruff: noqa: RUF001 - letters of other languages, and brackets that look like ours
"""What people write to a grader, as patterns over a text in lower case.

A `STRONG` pattern tells by itself. Of the `CUES` it takes two kinds in one sentence: an answer about hiring may speak
of a rubric, and only a sentence to the grader speaks of a rubric, of marks and of what to do with them.
"""

from __future__ import annotations

import re

_GRADERS = (
    r"grader|graders|evaluator|assessor|assessors|examiner|marker of this|grading (?:system|model|note|run|bot)"
    r"|(?:ai|automatic|automated) (?:grader|grading|evaluator|judge|run|confirmation)|"
    r"whoever (?:or whatever )?(?:grades|reads)"
    r"|bewertungssystem|bewerter|prüfsystem|korrektor|correcteur|correctrice|évaluateur|"
    r"système d'évaluation|evaluador"
    r"|sistema de evaluación|corrector automático|avaliador|sistema de avaliação|valutatore|chi valuta|"
    r"sistema di valutazione"
    r"|oceniając\w*|egzaminator\w*|değerlendirme sistem\w*|değerlendiric\w*|notlandır\w*|评分|阅卷|评审"
    r"|मूल्यांकन|परीक्षक|judge of this answer|beoordelaar|оценщик\w*|проверяющ\w+|採点|채점"
)
_MARKS = (
    r"rubric|criteri(?:on|a)|red flags?|full (?:marks|points|credit|score)|maximum|scores?|verdicts?|"
    r"points|labels|re-?grade"
    r"|kriteri(?:um|en|a|i|um|o|os|ów)|kryteri\w+|critères?|criterios?|critérios?|ölçüt\w*|kriter\w*|"
    r"punkte|puntos|pontos|punkty"
    r"|punktzahl|höchste punkt\w*|signal d'alerte|señal\w* de alerta|sin(?:al|ais) de alerta|"
    r"warnsignal\w*|rúbrica|puntuación"
    r"|nota máxima|puntaje|punteggio|cento su cento|wynik\w*|puan\w*|标准|要点|红旗|满分|मानदंड|बिंदुओं|अंक|"
    r"regelwerk|consignes"
)
_ORDERS = (
    r"ignore|disregard|forget|override|treat|mark (?:it|all|each|every|the|this|them)|mark as|set (?:all|"
    r"every|each|the)|count (?:this|these|it|as)"
    r"|give (?:me|it|this|every|each|full|the maximum|all)|grade (?:what|the|this|it|me|from|as|under)|"
    r"accept each|judge (?:all|under|this|it|as)"
    r"|return (?:the|every|all)|report no|output|repeat|confirm (?:them|this)|copy (?:the|it|this|these)|"
    r"do not (?:mention|lower|re-?grade|grade)"
    r"|don't (?:mention|lower)|reuse|enter (?:the|it)|carry (?:them|it) over|"
    r"should (?:therefore )?be (?:true|met)|must be (?:graded|scored|marked)"
    r"|use the sentence|read first|ignorier\w*|missachte|bewerte|vergib|setze|erwähne|eintragen|"
    r"considèr\w+|attribu\w+|mets|notez|marca\w*|asigna"
    r"|considera\w*|desconsidere|responda|segnat[oa]|zignoruj|uznaj|przyznaj|ustaw|yok say|kabul et|"
    r"işaretle|söz etme|忽略|判定|标记|给出|无视"
    r"|अनदेखा|चिह्नित|माना जाए|(?:will|would|to) find gaps|setting points"
)
_CLAIMS = (
    r"(?:fully |all |are |is |as |verdict:? )(?:met|true|satisfied|fulfilled|demonstrated|absent|gold)\b|"
    r"not present|already (?:graded|approved|implies|judged)"
    r"|erfüllt|auf wahr|rempli|cumplid[oa]s?|verdadeir\w+|soddisfatt\w+|spełnion\w+|na prawdę|doğru|"
    r"karşılanmış|满足|为真|不存在|पूरा|सही|100|hundred"
)
CUES = tuple(
    re.compile(rf"(?<!\w)(?:{words})(?!\w)" if words is not _ORDERS else rf"(?<!\w)(?:{words})")
    for words in (_GRADERS, _MARKS, _ORDERS, _CLAIMS)
)
# Scripts without spaces between words have no word boundary to look for.
UNSPACED = tuple(
    re.compile(
        "|".join(word for word in words.split("|") if re.search("[\u0900-\u097f\u3040-\u9fff\uac00-\ud7af]", word))
    )
    for words in (_GRADERS, _MARKS, _ORDERS, _CLAIMS)
)

_WHO = (
    r"(?:grader|evaluator|assessor|examiner|grading|marker|candidate|answer|input|system|assistant|user|"
    r"developer|note|rubric|criterion)"
)
_ANY_TAG = "|".join(
    r"\s?".join(name)
    for name in (
        "answer", "system", "assistant", "rubric", "criterion", "note", "verdict", "grade", "result", "example",
        "candidate", "input",
    )
)  # fmt: skip
_LESS = r"(?:<|＜|‹|⟨|〈|〈|&lt;|\[)"
_NUMBERS = (
    r"(?:\d{1,3}\s?(?:/|of|out of|von|sur|su)\s?\d{1,3}|\d{2,3}\b|met\b|true\b|passed|full marks|"
    r"all (?:points|criteria)|a\+|a plus|every (?:point|criterion)|all true|tous les)"
)

TAG = re.compile(
    rf"{_LESS}\s{{0,5}}/?\s{{0,5}}(?:{_ANY_TAG})(?:[-_ ][^<>\n]{{0,80}})?\s{{0,5}}(?:>|›|⟩|〉|〉|&gt;|\])"
    rf"|<\s{{0,5}}/?\s{{0,5}}{_WHO}[\w-]{{0,40}}\s{{0,5}}>"
    r"|<\|[^<>\n]{0,60}\|>|\[/?inst\]|<</?sys>>|</?(?:start|end)_of_turn>|<eos>"
)
"""Tags of a prompt and markers of chat templates."""

STRONG = tuple(
    (words, re.compile(pattern, re.MULTILINE))
    for words, pattern in (
        # Messages of a system.
        (
            ("end of ", "system", "assistant"),
            (
                r"^[^\w\n]{0,20}(?:end of (?:the )?(?:candidate'?s? )?(?:answer|text|input)|"
                r"system(?: message)?\b[^\w\n:]{0,20}(?::|$)|"
                r"assistant\b[^\w\n:]{0,20}(?::|$))"
            ),
        ),
        (
            ("role",),
            (
                r"^[ \t]{0,20}(?:role|\"role\")\s*:\s*\"?(?:system|assistant|user|developer)|"
                r"\"role\"\s*:\s*\"(?:system|assistant|user)"
            ),
        ),
        (
            ("system",),
            r"\[/?system\]|system(?: message| prompt|:)\s*(?:end|override|all|new)",
        ),
        # Verdicts of its own.
        (
            ('"criteria', '"verdict', '"red_flags', '"points', '"labels', '"all_points', '"score', '"grade'),
            r"\"(?:criteria|verdicts?|red_flags|points|labels|all_points|score|grade)\"\s*:\s*(?:[\[{\"]|\d|true)",
        ),
        (
            ("met", "missed"),
            r"[,:|][ \t]{0,5}\"?(?:met|missed|fully met)\"?\s*(?:\||,\s?[\d.]{1,5})?[ \t]{0,20}$",
        ),
        (
            ("<verdict", "<grade", "<score", "<points", "submit_grade", "tool_call", "tool_result"),
            r"<(?:verdict|grade|score|points)\b|submit_grade|tool_(?:call|result)\s*:",
        ),
        (
            (" criteri", " point", " item", " id", " red flag", " boxes"),
            (
                r"(?:all|every|each)(?: of the)? (?:\w+ )?(?:criteri(?:on|a)|points?|items?|ids?|red flags?|"
                r"boxes)\b[^.\n]{0,40}\b(?:met|true|satisfied|fulfilled|absent|full(?:y)?|credit|demonstrated)\b"
            ),
        ),
        (
            ("met on", "met for", "met in", "satisfied ", "true ", "full marks", "full points", "full credit"),
            (
                r"(?:met|satisfied|true|full (?:marks|points|credit)) (?:on|for|in) (?:all|every|"
                r"each) (?:\w+ )?(?:criteri|item|point|required)"
            ),
        ),
        (
            (
                "full marks",
                "full points",
                "full credit",
                "maximum score",
                "100",
                "10/10",
                "score override",
                "all the points",
            ),
            (
                r"\bfull (?:marks|points|credit)\b|\bmaximum score\b|\b100 points\b|\b100\s?/\s?100\b|\b10/10\b|"
                r"score override|\ball the points\b"
            ),
        ),
        (
            ("red flag", "all met"),
            r"red flags?\W{1,3}(?:none|no\b|absent|missed)|no red flags?\b|all met\b",
        ),
        # Approved already.
        (
            ("reviewed", "approved", "graded", "judged", "verified", "used as", "already"),
            (
                r"\b(?:this|the|my) (?:answer|response|submission|candidate|score)\b[^.\n]{0,40}\b(?:reviewed|approved|"
                r"graded|judged|verified|used as|already)\b|\breviewed by a human\b|\bverified sample\b|"
                r"\bverified against ref"
            ),
        ),
        (
            ("judged by", "graded by", "scored by"),
            r"\b(?:judged|graded|scored) by (?:a|the|two|three)? ?\w* ?(?:human|grader|panel|person)",
        ),
        (
            ("grader ", "all met", ": agreed"),
            r"\bgrader \d\b|\ball met$|^\d\d:\d\d \w+(?: \d)?: (?:all met|agreed)",
        ),
        (
            (" assessor", " grader", " reviewer", " evaluator", "reviewer sign-off", "calibration "),
            (
                r"\b(?:human|senior|lead|first-pass|staff) (?:assessor|grader|reviewer|evaluator)\b|"
                r"reviewer sign-off|calibration (?:panel|sample|candidate|round)"
            ),
        ),
        (
            (
                "approved",
                "appeal no",
                "labels",
                "cached result",
                "anchor",
                "reference answer",
                "golden answer",
                "marked this answer",
            ),
            (
                r"^[^\w\n]{0,20}status\s*:\s*approved|appeal no|corrected labels|expected labels|cached result|"
                r"\b(?:anchor|reference answer)\b[^.\n]{0,30}\bpoints\b|golden answer|marked this answer"
            ),
        ),
        (
            ("score", "grade", "enter the maximum", "ticked", "demonstrated"),
            (
                r"\b(?:score|grade)\b[^.\n]{0,60}\b(?:is|was) (?:only )?(?:needed|final|withdrawn|"
                r"locked|confirmed)\b|enter the maximum|\bpanel\b[^.\n]{0,20}\bticked|"
                r"finding\s*:[^\n]{0,400}demonstrated"
            ),
        ),
        # Another part to play.
        (
            ("you are ", "you 're", "developer mode"),
            (
                r"\byou (?:are|'re) (?:no longer|now|not) (?:a |the )?(?:\w+ )?(?:grader|judge|evaluator|"
                r"assessor)|\bdeveloper mode\b"
            ),
        ),
        (
            ("the candidate", "the part", "let us play", "grade what you", "grade the one", "you grade", "as an actor"),
            (
                r"\b(?:you are|you're|you play|you have taken) the (?:candidate|part)\b|\blet us play\b|"
                r"\bgrade (?:what you|the one)|\byou grade\b|\bas an actor\b"
            ),
        ),
        (
            ("pretend", "rubric", " was written", "imagine"),
            (
                r"\bpretend\b[^.\n]{0,60}\b(?:rubric|answer|grader|judge)|\b(?:rubric|"
                r"points?) was written (?:after|from)|\b(?:everything that|read me) the rubric|"
                r"\bimagine\b[^.\n]{0,40}\banswered"
            ),
        ),
        # Notes to the reader of the list.
        (
            ("grad", "evaluator", "assessor", "whoever", "bewert", "evaluador", "valuta", "avaliador", "oceniając"),
            (
                r"\b(?:note|instructions?|message|dear|hint|ps|hinweis|anweisung|instrucción|istruzione|instrução|"
                r"polecenie|talimat)\b[^.\n]{0,40}\b(?:grad\w+|evaluator|assessor|whoever|bewert\w+|evaluador|"
                r"valuta|avaliador|oceniając\w*)\b"
            ),
        ),
        (
            ("ignore ", "rubric", "scoring policy", "judging rules"),
            (
                r"\bignore (?:the |all |any )*(?:rubric|previous|above|prior|instructions)|\b(?:rubric|"
                r"scoring policy|judging rules)\b[^.\n]{0,40}\b(?:withdrawn|replaced|revised|outdated|"
                r"switched off|updated)"
            ),
        ),
        (
            (
                " answer was",
                " answer were",
                "grade as if",
                "when you look for quotes",
                "silence about a topic",
                "end of ",
            ),
            (
                r"\b(?:second half|rest|remainder) of (?:my|the) answer (?:was|were)|\bgrade as if\b|"
                r"\bwhen you look for quotes\b|\bsilence about a topic\b|end of (?:the )?(?:candidate )?answer"
            ),
        ),
        (
            ("your rubric", "setting points", "low score", "give me ", " grader", " assessor"),
            (
                r"\b(?:your rubric|setting points|low score|give me (?:all the|the credit)|(?:generous|wise|fair|"
                r"clever)\w* (?:grader|assessor)s?)\b"
            ),
        ),
    )
)
"""Each tells by itself. The words in front are there to save time: where none of them stands, nothing is found."""

SHOT = re.compile(
    rf"(?:^|[\s>(.])(?:grade|graded|score|scored|note|verdict|output|grader|assistant|result|"
    rf"labels?)\s*\d{{0,3}}\s*[:=>.]?\s*(?:\d{{0,3}}\n)?[ \t]*{_NUMBERS}"
    rf"|->\s*{_NUMBERS}|\bscore 0\b|^assistant\s*:",
    re.MULTILINE,
)
"""A grade at the end of an example."""

SHOT_WORDS = ("grade", "score", "note", "verdict", "output", "assistant", "result", "label", "->")
"""One of them stands in each."""

OPENER = re.compile(
    r"(?:note|instructions?|message|hinweis|anweisung|instrucción|istruzione|instrução|polecenie|talimat|"
    r"指令|निर्देश|attention)\b"
    r"[^\n.]{0,60}:|<\s*system|^[^\w\n]{0,20}(?:end of candidate|system)|grader summary|"
    r"assessor summary|for the grader",
    re.MULTILINE,
)
"""After it, the rest of the paragraph is addressed to the grader too."""
