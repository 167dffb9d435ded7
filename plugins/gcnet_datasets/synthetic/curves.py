"""Curves in the plane: smooth outlines, ribbons along a line, ellipses."""

from functools import cache

import numpy as np
from jaxtyping import Float, Int

Points = Float[np.ndarray, "_ 2"]
"""Any number of points (x, y) in face units."""

# Catmull-Rom: a smooth curve through the points, by the polynomials in t of four neighbours.
_CATMULL_ROM = 0.5 * np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]])


@cache
def _basis(steps: int) -> Float[np.ndarray, "steps 4"]:
    t = np.arange(steps) / steps
    return np.stack([t**0, t, t**2, t**3], axis=1) @ _CATMULL_ROM


@cache
def _neighbours(pieces: int) -> Int[np.ndarray, "piece 4"]:
    return np.arange(pieces)[:, None] + np.arange(4)


def smooth(points: Points, closed: bool = False, steps: int = 6) -> Points:
    """A smooth curve through points.

    Args:
        points: at least two points.
        closed: whether the curve returns to its beginning.
        steps: points of the curve for each point given.

    Returns:
        The points of the curve.
    """
    if closed:
        around = np.concatenate([points[-1:], points, points[:2]])
    else:
        around = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    curve: Points = (_basis(steps) @ around[_neighbours(len(around) - 3)]).reshape(-1, 2)
    return curve if closed else np.concatenate([curve, points[-1:]])


def ribbon(line: Points, width: float, taper: tuple[float, float] = (0.0, 0.0)) -> Points:
    """The outline of a line with thickness.

    Args:
        line: points of the line.
        width: thickness in the middle.
        taper: thickness at the beginning and at the end, relative to the middle.

    Returns:
        A closed outline.
    """
    normal = np.empty_like(line)
    normal[1:-1] = line[2:] - line[:-2]
    normal[0], normal[-1] = line[1] - line[0], line[-1] - line[-2]
    normal = normal[:, ::-1] * (-1.0, 1.0)
    normal *= _half_widths(len(line), *taper) * width / np.sqrt((normal * normal).sum(axis=1, keepdims=True) + 1e-12)
    return np.concatenate([line - normal, (line + normal)[::-1]])


@cache
def _half_widths(count: int, begin: float, end: float) -> Float[np.ndarray, "count 1"]:
    place = np.linspace(-1, 1, count)
    ends = np.where(place < 0, begin, end)
    return 0.5 * (ends + (1 - ends) * (1 - place**2))[:, None]


@cache
def _circle(count: int) -> Points:
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def ellipse(x: float, y: float, width: float, height: float, squareness: float = 0.0, count: int = 28) -> Points:
    """An ellipse.

    Args:
        x, y: centre.
        width, height: half axes.
        squareness: 0 for an ellipse, towards 1 for a rectangle with round corners.
        count: number of points.
    """
    circle = _circle(count)
    corner = np.sign(circle) * np.abs(circle) ** (1 - 0.6 * squareness)
    return moved(corner * (width, height), x, y)


def moved(points: Points, right: float = 0.0, down: float = 0.0) -> Points:
    """The same points elsewhere."""
    there: Points = points + np.array([right, down])
    return there


def mirror(points: Points) -> Points:
    """The same points on the other side of the face."""
    return points * (-1.0, 1.0)


def both(outline: Points) -> list[Points]:
    """An outline and its mirror image."""
    return [outline, mirror(outline)]
