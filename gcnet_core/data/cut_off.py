"""Whether a picture file is complete: decoders fill what a broken download or copy lacks with grey, without a word."""

import re

_END_OF_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""A marker within coded data that is neither a stuffed byte nor a restart."""
_END, _SCAN = 0xD9, 0xDA


def is_cut_off(content: bytes) -> bool:
    """Whether a JPEG, PNG, WebP or BMP file ends before its picture does; other formats are left to the decoder."""
    if content.startswith(b"\xff\xd8"):
        return _jpeg_is_cut(content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png_is_cut(content)
    if content.startswith(b"RIFF"):
        return len(content) < 8 + int.from_bytes(content[4:8], "little")
    if content.startswith(b"BM"):
        return len(content) < int.from_bytes(content[2:6], "little")
    return False


def _jpeg_is_cut(content: bytes) -> bool:
    """Walk over the segments, as a small picture inside one has an end of its own, up to the end of the picture."""
    place = 2
    while place + 4 <= len(content) or content[place : place + 2] == b"\xff\xd9":
        marker = content[place + 1]
        if content[place] != 0xFF:
            return False  # not as the standard has it: whether it can be decoded is for the decoder to say
        if marker == _END:
            return False
        if marker == 0xFF:  # fill bytes may stand before a marker
            place += 1
            continue
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
        if marker == _SCAN:
            end = _END_OF_SCAN.search(content, place)
            if end is None:
                return True
            place = end.start()
    return True


def _png_is_cut(content: bytes) -> bool:
    place = 8
    while place + 12 <= len(content):
        if content[place + 4 : place + 8] == b"IEND":
            return False
        place += 12 + int.from_bytes(content[place : place + 4], "big")
    return True
