"""Blocks of bytes as records of text, in UTF-8 and in bounded memory. Runs on executors."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

from vitalfew.procedures.ingest.readers.parts import Record, Refused, UnreadableError
from vitalfew.procedures.ingest.readers.quotes import Quotes

LONGEST = 64 << 20
BLANK_LINES = re.compile(rb"\n\s*\n")
Found = tuple[list[Record], list[Refused]]
REPLACED = "\ufffd".encode()
BOM = codecs.BOM_UTF8
UTF8 = "utf-8"
NOT_TEXT = "holds bytes that are not"
SUCH_AS = ", such as cp1252 or gb18030"


def records(blocks: Iterable[bytes], encoding: str, quotes: Quotes | None = None) -> Iterator[Found]:
    """Numbered records that are not blank, and those refused, by the block; with `quotes`, one may have more lines."""
    number = 0
    for lines, is_end in with_end(split(utf8(blocks, encoding), quotes)):
        told = quotes.joined(lines, is_end) if quotes else ((line, "") for line in lines if line.strip())
        good: list[Record] = []
        refused: list[Refused] = []
        for record, why in told:
            number += 1
            if why:
                refused.append(Refused(number, record, why))
            else:
                good.append((number, record))
        if good or refused:
            yield good, refused


def with_end(found: Iterable[list[bytes]]) -> Iterator[tuple[list[bytes], bool]]:
    """What was found, and that there is no more."""
    for lines in found:
        yield lines, False
    yield [], True


def split(blocks: Iterable[bytes], quotes: Quotes | None) -> Iterator[list[bytes]]:
    """Whole lines, by the block; the last one may lack its end. Many blank lines are as one."""
    carry: list[bytes] = []
    size = 0
    for block in blocks:
        cut = block.rfind(b"\n") + 1
        if cut:
            data = b"".join([*carry, block[:cut]])
            carry, size = [], 0
            yield without_blanks(data, quotes).split(b"\n")[:-1]
        carry.append(block[cut:])
        size += len(block) - cut
        if size > LONGEST:
            raise UnreadableError(f"holds a line of more than {LONGEST >> 20} MB: is it no text?")
    if rest := b"".join(carry):
        yield [rest]


def without_blanks(data: bytes, quotes: Quotes | None) -> bytes:
    """`data` without runs of blank lines, unless they may be within a quoted cell."""
    if b"\n\n" not in data and b"\n\r\n" not in data:
        return data
    if quotes and (quotes.pending or quotes.quote in data):
        return data
    return BLANK_LINES.sub(b"\n", data)


def utf8(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The blocks recoded; what cannot be decoded becomes U+FFFD. UTF-8 passes as it is, without its mark."""
    if encoding != "utf-8":
        decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        blocks = (decoder.decode(block, final=not block).encode() for block in ends(blocks))
    is_first = True
    for block in blocks:
        while is_first and block.startswith(BOM):  # two of them, where marked files were joined
            block = block.removeprefix(BOM)
        yield block
        is_first = is_first and not block


def ends(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks, and an empty one: the decoder is told that nothing follows."""
    yield from blocks
    yield b""


def legible(found: list[Record], encoding: str) -> tuple[list[Record], list[Refused]]:
    """The records that hold valid text, and the others."""
    text = b"\n".join(line for _, line in found)
    if is_legible(text, encoding):
        return found, []
    good = [record for record in found if is_legible(record[1], encoding)]
    kept = {number for number, _ in good}
    why = f"{NOT_TEXT} {encoding}"
    return good, [Refused(number, line, why) for number, line in found if number not in kept]


def is_legible(line: bytes, encoding: str) -> bool:
    if encoding != "utf-8":
        return REPLACED not in line
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
