"""Contact details, card and identity numbers inside texts, masked by their form. Runs on executors.

What stays tells what was wrong with a value, which kind and how long it is, and not whose it is. A form is no proof:
some numbers are masked that nobody is reached by, which costs a look into the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

SUSPECT = r"(?si)[@＠]|%40|&#0*64;|&#x0*40;|&commat;|[\[(]at[\])]|\p{Nd}(.{0,3}\p{Nd}){5}"
"""What every form below holds: a sign of an e-mail, or six digits near to each other."""
SHORTEST_PHONE, LONGEST_PHONE = 7, 15  # digits, ITU-T E.164
UNSEEN = r"\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad"  # of no width, as pages and messengers put in
SPACE = r" \u00a0\u2000-\u200a\u202f\u3000\r\n"  # a tab stands between the cells of a line
HYPHEN = r"\u2010-\u2015\u2043\u2212\u30fb\ufe58\ufe63\uff0d\u00b7\u2022-"  # and dashes, minus, points at half height
GAP = rf"[{SPACE}./(){UNSEEN}{HYPHEN}]"
CODE_GAP = rf"[{SPACE}.{UNSEEN}{HYPHEN}]"  # between the groups of a card, an account or an identity number

EMAIL = re.compile(  # begins where a word does: else each character of a long word would be a beginning
    r"(?:(?<![^\s@＠<>\"',;:|=()\[\]])[^\s@＠<>\"',;:|=()\[\]]+|\"[^\"@＠]{1,64}\")(?:\s?(?:@|＠|%40|&#0*64;|&#x0*40;|&commat;|\[at\]|\(at\))\s?)[^\s@＠<>\"',;:|=()\[\]]+",
    re.IGNORECASE,
)
TIME = re.compile(
    r"(?<![\d./-])(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))"
    r"(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:[AaPp][Mm]|Z|[+-]\d{2}:?\d{2})?)?(?![\d./-]*\d)"
)
NUMBER = re.compile(  # with decimals
    r"(?<![\d.,])[+-]?(?!0\d)(?:\d+[.,]\d+|\d{1,3}(?:\.\d{3})+,\d+)(?:[eE][+-]?\d+)?(?![\d.,]*\d)"
)
IBAN = re.compile(rf"\b[A-Z]{{2}}\d{{2}}(?:{CODE_GAP}?[A-Z0-9]){{11,30}}\b", re.IGNORECASE)
CARD = re.compile(rf"(?<!\d)\d(?:{CODE_GAP}?\d){{13,18}}(?!\d)")
IDENTITIES = (
    re.compile(r"(?<![\dA-Za-z])\d{3}-\d{2}-\d{4}(?!\d)"),  # United States
    re.compile(r"(?<![\dA-Za-z])\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)"),  # Brazil
    re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])"),  # China
    re.compile(r"(?<![\dA-Za-z])\d{6}[-+]\d{4}(?:\d{3})?(?!\d)"),  # Sweden, Denmark, Korea
    re.compile(r"(?<![\dA-Za-z])(?:\d{8}|[XYZxyz]\d{7})-?[A-HJ-NP-TV-Za-hj-np-tv-z](?![\dA-Za-z])"),  # Spain
    re.compile(  # United Kingdom
        rf"(?<![\dA-Za-z])[A-Z]{{2}}(?:{CODE_GAP}?\d{{2}}){{3}}{CODE_GAP}?[A-D](?![\dA-Za-z])", re.IGNORECASE
    ),
    re.compile(r"(?<![\dA-Za-z])[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z](?![\dA-Za-z])", re.IGNORECASE),  # Italy
    re.compile(r"(?<![\dA-Za-z])[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d(?![\dA-Za-z])", re.IGNORECASE),  # Mexico
    re.compile(r"(?<![\dA-Za-z])[12] ?\d{2} ?\d{2} ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}(?!\d)"),  # France
)
PHONE = re.compile(
    rf"(?<![\dA-Za-z])(?:\+|00|\()?\d(?:{GAP}{{0,3}}\d){{{SHORTEST_PHONE - 1},{LONGEST_PHONE + 1}}}(?!\d)"
)
KEPT = re.compile("\x00([\ue000-\uf8ff])\x00")
LONG = re.compile(r"(?<![\dA-Za-z])\d{9,}(?!\d)")


def masked(text: str, is_code: bool = False) -> str:
    """`text`, in which what has the form of a contact detail or a personal number is replaced by its kind and length.

    A code of the shop (`is_code`: an order, a product) keeps plain runs of digits, unless they are a card's.
    """
    text = EMAIL.sub(partial(named, "e-mail"), text)
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\x00{chr(0xE000 + len(kept) - 1)}\x00"

    text = IBAN.sub(account, text)
    text = CARD.sub(where(is_card, "card number"), text)
    for form in IDENTITIES:
        if not is_code or "-" in form.pattern:
            text = form.sub(partial(named, "identity number"), text)
    text = NUMBER.sub(keep, TIME.sub(keep, text)) if len(text) < 6000 else text
    text = PHONE.sub(lambda found: named("phone", found) if is_phone(found[0], is_code) else found[0], text)
    if not is_code:
        text = LONG.sub(partial(named, "digits"), text)
    return KEPT.sub(lambda found: (kept[ord(found[1]) - 0xE000 :] or [found[0]])[0], text)  # a text may hold NULs


def named(kind: str, found: re.Match[str]) -> str:
    return f"[{kind} of {len(found[0])} characters]"


def where(holds: Callable[[str], bool], kind: str) -> Callable[[re.Match[str]], str]:
    """A replacement of what not only has the form, but the check digits too."""
    return lambda found: named(kind, found) if holds(found[0]) else found[0]


def is_phone(text: str, is_code: bool) -> bool:
    """Whether a run of digits is written as numbers are dialled; a code may begin with a zero, and be long."""
    digits = sum(character.isdigit() for character in text)
    if not SHORTEST_PHONE <= digits <= LONGEST_PHONE + 2:
        return False
    if text[0] in "+(":
        return True
    is_plain = text.isdigit()
    if is_plain:
        return not is_code and text[0] == "0"
    return not is_code or text[0] == "0" or " " in text


def is_card(text: str) -> bool:
    """Whether its digits pass Luhn's test, and are not all the same."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1


def account(found: re.Match[str]) -> str:
    """What looks like an IBAN, with the words after it: as much of it as passes its test is masked."""
    text = found[0]
    ends = [end for end in range(len(text), 14, -1) if end == len(text) or not text[end].isalnum()]
    end = next((end for end in ends if is_iban(text[:end])), 0)
    return f"[bank account of {end} characters]{text[end:]}" if end else text


def is_iban(text: str) -> bool:
    """Whether it passes the test of ISO 13616."""
    plain = re.sub(CODE_GAP, "", text).upper()
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def masked_json(text: str, codes: frozenset[str]) -> str:
    """A JSON object whose texts are masked; those under the names `codes` as codes of the shop."""
    found = json.loads(text)
    clean = {name: masked(value, name in codes) if isinstance(value, str) else value for name, value in found.items()}
    return text if clean == found else json.dumps(clean, ensure_ascii=False, separators=(",", ":"))


def masked_batches(batches: Iterable[pa.RecordBatch], column: str, codes: frozenset[str]) -> Iterator[pa.RecordBatch]:
    """`batches`, the JSON objects of `column` masked: only those are looked at that hold what may be a contact."""
    for batch in batches:
        place = batch.schema.get_field_index(column)
        texts = batch.column(place).cast(pa.string())
        suspects = pc.match_substring_regex(texts, SUSPECT)
        if not pc.any(suspects).as_py():
            yield batch
            continue
        clean = [
            masked_json(text, codes) if is_suspect else text
            for text, is_suspect in zip(texts.to_pylist(), suspects.to_pylist(), strict=True)
        ]
        kind = batch.schema.field(place).type
        yield batch.set_column(place, batch.schema.field(place), pa.array(clean, pa.string()).cast(kind))
