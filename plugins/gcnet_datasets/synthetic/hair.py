"""Hair: a style is an outline around the skull and a line across the forehead."""

from dataclasses import dataclass

import numpy as np

from gcnet_datasets.synthetic.canvas import Canvas, shade
from gcnet_datasets.synthetic.curves import Points, both, mirror, moved, ribbon, smooth
from gcnet_datasets.synthetic.geometry import Geometry
from gcnet_datasets.synthetic.identity import Identity


@dataclass(frozen=True)
class HairStyle:
    """Shape of the hair, in face units.

    Args:
        volume: thickness above the skull.
        length: height of the lower end at the sides.
        line: height of the hair line in the middle of the forehead.
        temple: how far the temples are bare.
        slope: difference of the hair line to both sides of the parting.
        curls: amplitude of a wavy outline.
        opacity: 1 for full hair.
    """

    volume: float
    length: float
    line: float
    temple: float = 0.0
    slope: float = 0.0
    curls: float = 0.0
    opacity: float = 1.0


STYLES: dict[str, HairStyle] = {
    "cropped": HairStyle(0.02, -0.15, -0.78, temple=0.05, opacity=0.8),
    "short": HairStyle(0.09, -0.1, -0.76),
    "parted": HairStyle(0.11, -0.05, -0.75, slope=0.18),
    "fringe": HairStyle(0.1, 0.1, -0.5),
    "bob": HairStyle(0.13, 0.75, -0.72, slope=0.14),
    "long": HairStyle(0.11, 1.7, -0.76, slope=0.08),
    "curly": HairStyle(0.16, 0.25, -0.7, curls=0.035),
    "receding": HairStyle(0.05, -0.1, -0.92, temple=0.16),
}
"""Styles by name; `bald` has none."""


def paint_back_hair(canvas: Canvas, identity: Identity) -> None:
    """What lies behind the head."""
    style = STYLES.get(identity.hair_style)
    if style is None:
        return
    canvas.paint(_outline(identity, style), shade(identity.hair, 0.75), style.opacity, softness=0.012)


def paint_front_hair(canvas: Canvas, identity: Identity) -> None:
    """What lies on the skull and falls onto the forehead."""
    style = STYLES.get(identity.hair_style)
    if style is None:
        return
    outer = _outline(identity, style)
    top = outer[outer[:, 1] < -0.12]
    line = _hair_line(identity, style)
    canvas.paint(np.concatenate([moved(line, down=0.03), top[::-1]]), (40, 25, 20), 0.25, softness=0.03)
    canvas.paint(np.concatenate([line, top[::-1]]), identity.hair, style.opacity, softness=0.018)
    if style.length > 0.5:  # locks in front of the ears
        width, low = identity.face_width, style.length
        lock = [
            [0.9, -0.5],
            [0.96, -0.1],
            [0.97, 0.3],
            [1.0, 0.9 * low],
            [1.12, low],
            [1.16, 0.4],
            [1.12, -0.3],
            [1.0, -0.7],
        ]
        canvas.paint(
            both(smooth(np.array(lock) * (width, 1.0), closed=True, steps=4)), identity.hair, 0.95, softness=0.012
        )
    crown = np.array([0.5 * identity.parting * identity.face_width, -1.1 - 0.5 * style.volume])
    for first, brightness in ((3, 0.68), (6, 1.35)):  # dark and light strands from the crown to the hair line
        ends = line[first:-3:5]
        middles = moved(0.5 * crown + ends * (0.7, 0.5), down=-0.1)
        corners = [np.broadcast_to(crown, ends.shape), moved(middles, -0.03), ends, moved(middles, 0.03)]
        canvas.paint(list(np.stack(corners, axis=1)), shade(identity.hair, brightness), 0.3 * style.opacity, 0.018)


def paint_facial_hair(canvas: Canvas, identity: Identity, geometry: Geometry) -> None:
    """Stubble, moustache or beard, below the mouth that is painted later."""
    if identity.facial_hair == "none":
        return
    colour = shade(identity.hair, 0.65)
    lip = geometry.upper_lip
    if identity.facial_hair in ("moustache", "beard"):
        arch = moved(lip * (1.05, 1.0), down=-0.05)
        canvas.paint(ribbon(smooth(arch[::3], steps=4), 0.095, (0.4, 0.4)), colour, 0.92, softness=0.015)
    if identity.facial_hair == "moustache":
        return
    jaw = geometry.head[geometry.head[:, 1] > 0.12]  # runs from the right cheek around the chin to the left one
    cheek = np.array([[0.62, 0.42], [0.42, 0.52], [0.36, geometry.upper_lip[0, 1] - 0.12], [0.0, lip[9, 1] - 0.03]])
    inner = smooth(np.concatenate([mirror(cheek), cheek[-2::-1]]), steps=4)
    opacity = 0.28 if identity.facial_hair == "stubble" else 0.9
    canvas.paint(np.concatenate([jaw * (0.97, 0.99), inner]), colour, opacity, softness=0.025)


def _outline(identity: Identity, style: HairStyle) -> Points:
    """Outer edge, from the lower right end over the crown to the lower left end, in fine steps."""
    width = identity.face_width + 0.6 * style.volume
    top = -1.1 - style.volume
    sides = max(style.length, -0.1)
    right = np.array(
        [
            [width * 0.99, sides],
            [width + 0.02, 0.5 * sides - 0.2],
            [width * 1.01, -0.45],
            [0.86 * width, -0.8],
            [0.5 * width, top + 0.1],
            [0.0, top],
        ]
    )
    curve = smooth(np.concatenate([right, mirror(right[-2::-1])]), steps=8)
    if style.curls:
        angle = np.arange(len(curve)) * 1.1
        curve = curve + style.curls * np.stack([np.sin(angle), np.cos(1.3 * angle)], axis=1)
    return curve


def _hair_line(identity: Identity, style: HairStyle) -> Points:
    """Lower edge on the forehead, from the right temple to the left one."""
    width = identity.face_width
    height = style.line + identity.hair_line
    bare = style.temple
    side = np.sign(identity.parting) * style.slope
    corners = np.array(
        [
            [1.0 * width, -0.12],
            [(0.93 - 0.3 * bare) * width, -0.42 - bare],
            [(0.72 - bare) * width, 0.5 * (height - 0.55) - bare - 0.3 * side],
            [0.36 * width, height + 0.5 * side],
            [0.5 * identity.parting * width * 0.4, height - abs(side) * 0.5],
            [-0.36 * width, height - 0.5 * side],
            [-(0.72 - bare) * width, 0.5 * (height - 0.55) - bare + 0.3 * side],
            [-(0.93 - 0.3 * bare) * width, -0.42 - bare],
            [-1.0 * width, -0.12],
        ]
    )
    return smooth(corners, steps=5)
