"""From a person, a shot and action units to pixels."""

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from gcnet_datasets.synthetic import features, hair
from gcnet_datasets.synthetic.canvas import EXTENT, Canvas
from gcnet_datasets.synthetic.expressions import ActionUnits
from gcnet_datasets.synthetic.geometry import face_geometry
from gcnet_datasets.synthetic.identity import Identity
from gcnet_datasets.synthetic.relief import Relief, bumps
from gcnet_datasets.synthetic.shot import Shot

SUPERSAMPLING = 2
"""The face is painted this many times larger than asked for, then reduced, so that edges are smooth."""


def render(
    identity: Identity, shot: Shot, action_units: ActionUnits, size: int, colour: bool
) -> UInt8[np.ndarray, "height width channel"]:
    """Draw one photograph of a face.

    The face is painted frontally, lit by its relief, turned and framed by the shot, and reduced to the size.

    Args:
        identity: who.
        shot: how it is photographed.
        action_units: what the face does.
        size: height and width in pixels.
        colour: RGB if true, else grey.

    Returns:
        Pixels 0 to 255, with 3 channels or 1; the same arguments give the same bytes.
    """
    resolution = SUPERSAMPLING * size
    canvas = Canvas(resolution, colour)
    canvas.pixels += np.float32(shot.background)
    relief = Relief(bumps(identity, action_units), resolution)
    _paint(canvas, identity, action_units)
    canvas.pixels *= relief.light(shot)
    pixels = _frame(cv2.merge(list(canvas.pixels)), relief, shot)
    pixels = cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA).reshape(size, size, -1)
    noise = np.random.Generator(np.random.Philox(shot.noise_seed)).standard_normal(pixels.shape, dtype=np.float32)
    pixels = pixels * np.float32(shot.exposure) + np.float32(shot.noise) * noise
    rounded: UInt8[np.ndarray, "height width channel"] = np.rint(pixels).clip(0, 255).astype(np.uint8)
    return rounded


def _paint(canvas: Canvas, identity: Identity, units: ActionUnits) -> None:
    """Everything from back to front."""
    geometry = face_geometry(identity, units)
    hair.paint_back_hair(canvas, identity)
    features.paint_head(canvas, identity, geometry)
    features.paint_creases(canvas, identity, units, geometry)
    hair.paint_facial_hair(canvas, identity, geometry)
    features.paint_nose(canvas, identity, units)
    features.paint_mouth(canvas, identity, geometry)
    features.paint_eyes(canvas, identity, geometry)
    hair.paint_front_hair(canvas, identity)
    features.paint_brows(canvas, identity, geometry)
    features.paint_glasses(canvas, identity)


def _frame(
    pixels: Float[np.ndarray, "height width *channel"], relief: Relief, shot: Shot
) -> Float[np.ndarray, "height width *channel"]:
    """Turn, tilt, move and zoom the painted face."""
    resolution = pixels.shape[0]
    pixel = resolution / (2 * EXTENT)
    # Both steps map target to source pixels; chaining the maps interpolates the picture only once.
    turned = [(source + np.float32(EXTENT)) * np.float32(pixel) - np.float32(0.5) for source in relief.turned(shot)]
    centre = (resolution - 1) / 2
    placement = cv2.getRotationMatrix2D((centre, centre), -shot.roll, shot.zoom)
    placement[:, 2] += (shot.shift_x * pixel, shot.shift_y * pixel)
    side = (resolution, resolution)
    x, y = (cv2.warpAffine(source, placement, side, borderMode=cv2.BORDER_REPLICATE) for source in turned)
    return cv2.remap(pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
