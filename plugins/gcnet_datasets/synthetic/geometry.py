"""Where the features of a face lie once its muscles pull."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from gcnet_datasets.synthetic.curves import Points, mirror, smooth
from gcnet_datasets.synthetic.expressions import ActionUnits
from gcnet_datasets.synthetic.identity import Identity

EYE_HEIGHT = -0.1
"""Height of the eyes in face units (down is positive)."""

ACROSS: Float[np.ndarray, "point"] = np.linspace(-1, 1, 19)
"""Places across an eye (inner to outer corner) or a mouth (left to right corner)."""

_BULGE = 1 - ACROSS**2


@dataclass(frozen=True)
class Geometry:
    """Lines of the face; those of paired features are on the right side of the image and are mirrored for the left.

    Args:
        head: outline of the face, without the hair.
        brow: middle line, from the inner end.
        upper_lid, lower_lid: edges of the eye, from the inner corner.
        upper_lip, lower_lip: outer edges of the lips, from left to right.
        mouth_top, mouth_bottom: inner edges of the lips, from left to right.
    """

    head: Points
    brow: Points
    upper_lid: Points
    lower_lid: Points
    upper_lip: Points
    lower_lip: Points
    mouth_top: Points
    mouth_bottom: Points


def face_geometry(identity: Identity, units: ActionUnits) -> Geometry:
    """Place the features: lasting traits, plus resting deviations, plus what each action unit moves."""
    upper_lid, lower_lid = _lids(identity, units)
    upper_lip, mouth_top, mouth_bottom, lower_lip = _mouth(identity, units)
    return Geometry(
        head=_head(identity, units),
        brow=_brow(identity, units),
        upper_lid=upper_lid,
        lower_lid=lower_lid,
        upper_lip=upper_lip,
        lower_lip=lower_lip,
        mouth_top=mouth_top,
        mouth_bottom=mouth_bottom,
    )


def _head(identity: Identity, units: ActionUnits) -> Points:
    width = identity.face_width
    drop = 0.12 * units.jaw_drop - 0.015 * units.chin_raise
    chin = identity.chin_length + drop
    jaw = width * identity.jaw_width
    right = np.array(
        [
            [0.0, -1.10],
            [0.52 * width, -1.0],
            [0.9 * width, -0.66],
            [width, -0.2],
            [0.985 * width, 0.15],
            [jaw, 0.58 + 0.4 * drop],
            [0.5 * (jaw + identity.chin_width), 0.86 + 0.8 * drop],
            [identity.chin_width, chin - 0.05],
            [0.0, chin],
        ]
    )
    return smooth(np.concatenate([right, mirror(right[-2:0:-1])]), closed=True)


def _brow(identity: Identity, units: ActionUnits) -> Points:
    resting = identity.resting
    height = EYE_HEIGHT - 0.235 - resting.brow_height + 0.03 * units.nose_wrinkle
    inner_x = identity.eye_spacing - 0.2 - 0.045 * units.brow_lower
    inner = height + 0.02 - resting.brow_tilt - 0.13 * units.inner_brow_raise + 0.13 * units.brow_lower
    middle = height - 0.05 * units.inner_brow_raise - 0.09 * units.outer_brow_raise + 0.08 * units.brow_lower
    outer = height + 0.035 + 0.4 * resting.brow_tilt - 0.12 * units.outer_brow_raise + 0.02 * units.brow_lower
    corners = [
        [inner_x, inner],
        [inner_x + 0.2, middle - 0.6 * identity.brow_arch],
        [inner_x + 0.35, 0.5 * (middle + outer) - identity.brow_arch],
        [inner_x + 0.47 + 0.03 * units.brow_lower, outer],
    ]
    return smooth(np.array(corners), steps=5)


def _lids(identity: Identity, units: ActionUnits) -> tuple[Points, Points]:
    raised = 0.085 + identity.resting.lid_opening + 0.05 * units.upper_lid_raise
    raised -= 0.022 * units.lid_tighten + 0.012 * units.cheek_raise + 0.02 * units.nose_wrinkle
    raised -= 0.012 * units.brow_lower
    lowered = 0.05 + 0.012 * units.upper_lid_raise
    lowered -= 0.028 * units.lid_tighten + 0.032 * units.cheek_raise + 0.02 * units.nose_wrinkle
    x = identity.eye_spacing + identity.eye_width * ACROSS
    corners = EYE_HEIGHT - identity.eye_slant * ACROSS
    upper = corners - max(raised, 0.012) * _BULGE**0.7 * (1 - 0.12 * ACROSS)
    lower = corners + max(lowered, 0.004) * _BULGE * (1 + 0.15 * ACROSS)
    return np.stack([x, upper], axis=1), np.stack([x, lower], axis=1)


def _mouth(identity: Identity, units: ActionUnits) -> tuple[Points, Points, Points, Points]:
    resting = identity.resting
    half_width = 0.285 + resting.mouth_width + 0.09 * units.lip_corner_pull + 0.075 * units.lip_stretch
    half_width -= 0.05 * units.jaw_drop + 0.035 * units.lip_tighten + 0.015 * units.chin_raise
    curve = resting.mouth_curve + 0.15 * units.lip_corner_pull - 0.12 * units.lip_corner_depress
    curve -= 0.03 * units.lip_stretch + 0.03 * units.chin_raise
    opening = max(0.0, resting.mouth_opening + 0.09 * units.lips_part)
    opening += 0.26 * units.jaw_drop + 0.03 * units.upper_lip_raise
    opening *= 1 - 0.7 * min(units.lip_tighten, 1.0)
    fullness = identity.lip_fullness * (1 - 0.45 * units.lip_tighten - 0.15 * units.lip_stretch)
    # Without the mean of the curve the whole mouth would move, not its corners.
    middle = identity.mouth_height - 0.035 * units.chin_raise - 0.015 * units.lip_corner_pull
    line = middle - curve * (ACROSS**2 - 0.3)
    raised = 0.3 * opening + 0.055 * units.upper_lip_raise + 0.03 * units.nose_wrinkle
    top = line - raised * _BULGE**0.8
    bottom = top + (opening + 0.001) * _BULGE ** (0.6 if opening > 0.12 else 0.8)
    bow = 1 - 0.22 * np.exp(-((ACROSS / 0.16) ** 2))
    upper = top - 0.062 * fullness * _BULGE**0.75 * bow
    lower = bottom + 0.083 * fullness * (1 + 0.25 * units.chin_raise) * _BULGE**0.8

    def line_at(height: Float[np.ndarray, "point"]) -> Points:
        return np.stack([half_width * ACROSS, height], axis=1)

    return line_at(upper), line_at(top), line_at(bottom), line_at(lower)
