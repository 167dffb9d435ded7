"""Results as a table of HTML, as notebooks show them: each face, its label, and how sure the model is of the rest."""

import base64
from collections.abc import Sequence
from html import escape as as_text

import numpy as np
from jaxtyping import UInt8

from gcnet_core.inference.results import FaceResult
from gcnet_core.output.visible import one_line

MOST = 50
"""Faces that are shown."""
SIDE = 64
"""Pixels of a face on the page."""
HEADINGS = ("file", "face", "", "label", "probability", "then")


def results_html(faces: Sequence[FaceResult]) -> str:
    """A table that needs nothing from elsewhere; whatever stands in names is shown as text.

    Args:
        faces: of which the first 50 are shown.
    """
    head = "".join(f"<th>{name}</th>" for name in HEADINGS)
    rows = "".join(map(_row, faces[:MOST]))
    rest = f"<p>and {len(faces) - MOST:,} more</p>" if len(faces) > MOST else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{rest}"


def escape(name: str) -> str:
    """A name as text of a page."""
    return as_text(one_line(name))


def _row(face: FaceResult) -> str:
    file = escape(face.file) + ("" if face.time is None else f" at {face.time:.2f} s")
    if face.label is None:
        return f"<tr><td>{file}</td><td></td><td></td><td colspan=3><em>{escape(face.reason)}</em></td></tr>"
    first, *others = sorted(face.probabilities.items(), key=lambda item: -item[1])
    then = ", ".join(f"{escape(name)} {share:.0%}" for name, share in others[:2])
    number = "" if face.number is None else str(face.number)
    pictures = [_picture(picture, name) for picture, name in ((face.query, "face"), (face.reference, "neutral face"))]
    cells = (file, number, "".join(pictures), f"<b>{escape(first[0])}</b>", f"{first[1]:.0%}", then)
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _picture(pixels: UInt8[np.ndarray, "channel height width"] | None, name: str) -> str:
    if pixels is None:
        return ""
    import cv2

    rows = np.ascontiguousarray(pixels[::-1].transpose(1, 2, 0))  # OpenCV's order of colours
    content = base64.b64encode(cv2.imencode(".png", rows)[1].tobytes()).decode("ascii")
    return f'<img src="data:image/png;base64,{content}" alt="{name}" width={SIDE} height={SIDE} style="display:inline">'
