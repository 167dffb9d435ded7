"""Overlay: a picture with the boxes of its faces, what a model says of each, and the neutral face made of it."""

import math
from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont, features

from gcnet_core.inference.results import FaceResult
from gcnet_core.output.drawn_names import drawn_names
from gcnet_core.output.fonts import USUAL, font_file, is_joined
from gcnet_core.output.visible import one_line

Drawn = UInt8[np.ndarray, "drawn_height drawn_width 3"]
Area = tuple[float, float, float, float]
"""Left, top, right and lower edge."""
COLORS = ("#ffb000", "#64b5ff", "#ff6ea8", "#7ee081", "#c9a6ff", "#ff8f5a", "#4fe0d0", "#e6e04a")
"""Of the faces by number: told apart by people who see colours otherwise, and light on the dark panel."""
DARK = (16, 18, 24, 190)
SMALLEST = 360
"""Shorter side to which smaller pictures are enlarged, pixels: text would not be readable in them."""


def enlargement(height: int, width: int) -> int:
    """By how much a picture is enlarged before it is drawn on."""
    return max(1, math.ceil(SMALLEST / min(height, width)))


def overlay(pixels: UInt8[np.ndarray, "height width channel"], faces: Sequence[FaceResult]) -> Drawn:
    """Draw what was found in a picture.

    Args:
        pixels: 0 to 255, grey or RGB; left as they are.
        faces: of this picture.

    Returns:
        A new picture; small ones are enlarged by a whole number.
    """
    scale = enlargement(*pixels.shape[:2])
    colour = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
    canvas = Image.fromarray(np.ascontiguousarray(colour))
    if scale > 1:
        canvas = canvas.resize((canvas.width * scale, canvas.height * scale), Image.Resampling.BICUBIC)
    found = [face for face in faces if face.probabilities]
    unit = _unit(canvas, found)
    panels = [Panel(face, COLORS[((face.number or 1) - 1) % len(COLORS)], unit) for face in found]
    boxes = [_box(face, scale, canvas) for face in found]
    if any(face.face is None for face in found):  # prepared: beside the face, as it fills the picture
        canvas = _widened(canvas, max(panel.size[0] for panel in panels))
    drawing = ImageDraw.Draw(canvas, "RGBA")
    for panel, box in zip(panels, boxes, strict=True):
        if panel.face.face is not None:
            drawing.rectangle(box, outline=panel.color, width=max(2, round(unit / 8)))
    taken: list[Area] = []
    for panel, box in zip(panels, boxes, strict=True):
        others = [*(other for other in boxes if other is not box), *taken]
        area = _place(panel.size, box, others, canvas.size)
        panel.draw(canvas, drawing, area)
        taken.append(area)
    if not found:
        _note(drawing, faces[0].reason if faces else "", unit)
    return np.asarray(canvas)


class Panel:
    """What a model says of one face: its number and label, a bar for each expression, the neutral face.

    Args:
        face: answered.
        color: of its box.
        unit: height of a line of text, pixels.
    """

    def __init__(self, face: FaceResult, color: str, unit: float) -> None:
        self.face, self.color, self.unit = face, color, unit
        names = dict(zip(face.probabilities, class_names(tuple(face.probabilities)), strict=True))
        self.size_of_letters = max(8, round(0.72 * unit))
        label, share = names[face.label or ""], max(face.probabilities.values())
        self.title = f"{face.number}  {label} {share:.0%}" if face.number else f"{label} {share:.0%}"
        self.names = tuple(names.values())
        self.words = max(self._length(word) for word in self.names)
        self.bars = 4.5 * unit
        shown = max(len(self.names), 0 if face.reference is None else 5)
        lines = (shown + 1.4) * unit
        self.side = 0 if face.reference is None else min(4 * unit, lines - 2 * unit)
        width = self.words + self.bars + 1.2 * unit + (self.side + 0.5 * unit if self.side else 0)
        self.size = (max(width, self._length(self.title) + 0.8 * unit), lines)

    def _font(self, text: str) -> ImageFont.FreeTypeFont:
        return font(text, self.size_of_letters)

    def _length(self, text: str) -> float:
        return float(self._font(text).getlength(text))

    def draw(self, canvas: Image.Image, drawing: ImageDraw.ImageDraw, area: Area) -> None:
        """Draw it.

        Args:
            canvas: the picture.
            drawing: on it.
            area: where.
        """
        unit, (left, top, _, _) = self.unit, area
        drawing.rectangle(area, fill=DARK)
        drawing.text((left + 0.4 * unit, top + 0.6 * unit), self.title, self.color, self._font(self.title), anchor="lm")
        start = left + 0.4 * unit
        if self.face.reference is not None:
            side = round(self.side)
            corner = (round(start), round(top + 1.2 * unit))
            canvas.paste(_thumbnail(self.face.reference, side), corner)
            drawing.text((start, top + 1.3 * unit + side), "neutral", "white", self._font("neutral"), anchor="la")
            start += self.side + 0.5 * unit
        for line, (word, share) in enumerate(zip(self.names, self.face.probabilities.values(), strict=True)):
            middle = top + (1.7 + line) * unit
            drawing.text((start, middle), word, "white", self._font(word), anchor="lm")
            bar = start + self.words + 0.3 * unit
            drawing.rectangle(
                (bar, middle - 0.3 * unit, bar + self.bars, middle + 0.3 * unit), fill=(255, 255, 255, 40)
            )
            end = bar + max(1.0, self.bars * share)
            drawing.rectangle((bar, middle - 0.3 * unit, end, middle + 0.3 * unit), fill=self.color)


@cache
def font(text: str, size: int) -> ImageFont.FreeTypeFont:
    """A font that has the letters of a text, as far as one has them.

    Args:
        text: that will be written.
        size: of the letters, pixels.
    """
    return ImageFont.truetype(font_file(text) or font_file("") or USUAL, size)


@cache
def class_names(classes: tuple[str, ...]) -> tuple[str, ...]:
    """What drawings show for expressions: numbers where no font has the letters, or Pillow cannot join them."""
    joins = features.check("raqm")
    return tuple(drawn_names(classes, lambda name: font_file(name) is not None and (joins or not is_joined(name))))


def _unit(canvas: Image.Image, faces: Sequence[FaceResult]) -> float:
    """Height of a line: readable where the picture is looked at as a whole, smaller where many faces share it."""
    shorter = min(canvas.size)
    lines = max((len(face.probabilities) for face in faces), default=7) + 2
    return max(11.0, min(shorter / 28, shorter / lines / 1.1, shorter / 12 / math.sqrt(max(1, len(faces)))))


def _box(face: FaceResult, scale: int, canvas: Image.Image) -> Area:
    """Of a face; of a prepared face the whole picture."""
    if face.face is None:
        return (0.0, 0.0, float(canvas.width), float(canvas.height))
    left, top, width, height = (scale * float(value) for value in face.face.box)
    return (left, top, left + width, top + height)


def _widened(canvas: Image.Image, by: float) -> Image.Image:
    """A picture with room at its right side."""
    wide = Image.new("RGB", (canvas.width + math.ceil(by) + 8, canvas.height), DARK[:3])
    wide.paste(canvas, (0, 0))
    return wide


def _place(size: tuple[float, float], box: Area, others: Sequence[Area], canvas: tuple[int, int]) -> Area:
    """Where a panel hides least: right of its box, left, below or above, moved into the picture."""
    width, height = size
    left, top, right, bottom = box
    gap = 4.0
    corners = [(right + gap, top), (left - gap - width, top), (left, bottom + gap), (left, top - gap - height)]
    corners += [(right + gap, bottom - height), (left - gap - width, bottom - height)]
    areas = []
    for x, y in corners:
        x, y = max(0.0, min(x, canvas[0] - width)), max(0.0, min(y, canvas[1] - height))
        areas.append((x, y, x + width, y + height))
    return min(areas, key=lambda area: _shared(area, box) + sum(_shared(area, other) for other in others))


def _shared(one: Area, other: Area) -> float:
    """Square pixels that two areas share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)


def _note(drawing: ImageDraw.ImageDraw, text: str, unit: float) -> None:
    """A line in the corner of a picture without faces."""
    words = one_line(text)[:40]
    letters = font(words, max(8, round(0.72 * unit)))
    drawing.rectangle((0, 0, letters.getlength(words) + unit, 1.4 * unit), fill=DARK)
    drawing.text((0.5 * unit, 0.7 * unit), words, "white", letters, anchor="lm")


def _thumbnail(reference: UInt8[np.ndarray, "channel height width"], side: int) -> Image.Image:
    pixels = reference.transpose(1, 2, 0)
    colour = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
    return Image.fromarray(cv2.resize(np.ascontiguousarray(colour), (side, side), interpolation=cv2.INTER_CUBIC))
