"""Blocks of bytes as records of text, in UTF-8 and in bounded memory. Runs on executors."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from vitalfew.procedures.ingest.readers.parts import Record, Refused, UnreadableError

LONGEST = 64 << 20
REPLACED = "\ufffd".encode()
BOM = codecs.BOM_UTF8


def records(blocks: Iterable[bytes], encoding: str, quote: str = "") -> Iterator[list[Record]]:
    """Numbered lines that are not blank, by the block; with a `quote`, a line goes on while one is open."""
    number, carry = 0, b""
    for block in utf8(blocks, encoding):
        data = carry + block
        cut = data.rfind(b"\n") + 1
        lines = data[:cut].split(b"\n")[:-1]
        carry = data[cut:]
        if quote:
            lines, open_end = joined(lines, quote.encode())
            carry = open_end + carry
        if len(carry) > LONGEST:
            raise UnreadableError(
                f"holds a line of more than {LONGEST >> 20} MB: is a quote not closed, or is it no text?"
            )
        found = [(number + position, line) for position, line in enumerate((x for x in lines if x.strip()), 1)]
        number += len(found)
        if found:
            yield found
    if carry.strip():
        yield [(number + 1, carry)]


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


def joined(lines: list[bytes], quote: bytes) -> tuple[list[bytes], bytes]:
    """Lines joined until their quotes are in pairs, and what is still open at the end."""
    found, open_lines, is_open = [], list[bytes](), False
    for line in lines:
        is_open ^= bool(line.count(quote) % 2)
        open_lines.append(line)
        if not is_open:
            found.append(b"\n".join(open_lines))
            open_lines.clear()
    return found, b"".join(line + b"\n" for line in open_lines)


def legible(found: list[Record], encoding: str) -> tuple[list[Record], list[Refused]]:
    """The records that hold valid text, and the others."""
    text = b"\n".join(line for _, line in found)
    if is_legible(text, encoding):
        return found, []
    good = [record for record in found if is_legible(record[1], encoding)]
    kept = {number for number, _ in good}
    why = f"holds bytes that are not {encoding}"
    return good, [Refused(number, line, why) for number, line in found if number not in kept]


def is_legible(line: bytes, encoding: str) -> bool:
    if encoding != "utf-8":
        return REPLACED not in line
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
