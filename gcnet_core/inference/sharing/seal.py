"""The seal of an exported file: a checksum of all that stands before it, so that no flipped bit answers.

A file of ONNX is a message of protobuf, whose fields may stand in any order: the seal is one more entry of the
metadata, and the last bytes of the file. Whatever reads ONNX passes it over, and checking it takes no package of ONNX.
"""

import hashlib
from pathlib import Path

from gcnet_core.files import write_bytes
from gcnet_core.plugin_api import UserError

SEAL = "gcnet.sha256"
"""Key of the entry."""
METADATA_FIELD = b"\x72"
"""Of ModelProto: metadata_props, number 14, a message."""
KEY_FIELD, VALUE_FIELD = b"\x0a", b"\x12"
"""Of an entry of it, numbers 1 and 2, texts."""


def write_seal(file: Path) -> None:
    """Put the seal at the end of a file of ONNX that has none."""
    content = file.read_bytes()
    write_bytes(file, content + _seal(content))


def check_seal(file: Path, *, sealed: bool) -> None:
    """Tell that a sealed file is not what `gcnet export` wrote.

    Args:
        file: of ONNX, sealed or not: gcnet 0.5 and older wrote no seal.
        sealed: whether it says of itself that it is; else it is looked at only if it ends with a seal.

    Raises:
        UserError: if it holds something else, or the seal is gone.
    """
    content, length = file.read_bytes(), len(_seal(b""))
    sealed = sealed or SEAL.encode() in content[-length:]
    if sealed and content[-length:] != _seal(content[:-length]):
        raise UserError(
            f"{file}: damaged or changed: its content is not what `gcnet export` wrote, by the checksum at its end. "
            "Copy it again from where it was whole, or export once more"
        )


def _seal(content: bytes) -> bytes:
    value = hashlib.sha256(content).hexdigest().encode()
    key = SEAL.encode()
    entry = b"".join((KEY_FIELD, _length(key), key, VALUE_FIELD, _length(value), value))
    return b"".join((METADATA_FIELD, _length(entry), entry))


def _length(part: bytes) -> bytes:
    """As protobuf writes a length below 128."""
    return bytes((len(part),))
