"""Painting the features of a face: skin, ears, neck, eyes, brows, nose, mouth, creases, glasses."""

import numpy as np

from gcnet_datasets.synthetic.canvas import Canvas, shade
from gcnet_datasets.synthetic.curves import both, ellipse, moved, ribbon, smooth
from gcnet_datasets.synthetic.expressions import ActionUnits
from gcnet_datasets.synthetic.geometry import EYE_HEIGHT, Geometry
from gcnet_datasets.synthetic.identity import Colour, Identity


def paint_head(canvas: Canvas, identity: Identity, geometry: Geometry) -> None:
    """Shoulders, neck, ears and the skin of the face."""
    skin = identity.skin
    neck = np.array([[0.46, 0.5], [0.44, 1.1], [0.62, 1.5], [-0.62, 1.5], [-0.44, 1.1], [-0.46, 0.5]])
    canvas.paint(
        np.array([[0.5, 1.16], [1.5, 1.34], [1.5, 1.5], [-1.5, 1.5], [-1.5, 1.34], [-0.5, 1.16]]), identity.clothes
    )
    canvas.paint(neck, shade(skin, 0.72))
    ear = ellipse(identity.face_width + 0.03, 0.02, 0.1, 0.2)
    canvas.paint(both(ear), shade(skin, 0.86))
    canvas.paint(both(ellipse(identity.face_width + 0.045, 0.0, 0.045, 0.12)), shade(skin, 0.62), 0.6, 0.015)
    canvas.paint(moved(geometry.head, down=0.05), shade(skin, 0.4), 0.5, 0.05)  # shadow on the neck
    canvas.paint(geometry.head, skin)
    red, green, blue = skin
    blush: Colour = (min(red * 1.02, 255), green * 0.84, blue * 0.82)
    canvas.paint(both(ellipse(0.5, 0.26, 0.2, 0.15)), blush, 0.32, 0.07)


def paint_creases(canvas: Canvas, identity: Identity, units: ActionUnits, geometry: Geometry) -> None:
    """Lines of age, of resting habit and of pulling muscles."""
    dark = shade(identity.skin, 0.42)
    age = identity.age

    def crease(strength: float, width: float, corners: list[list[float]]) -> None:
        if strength < 0.1:
            return
        strength = min(strength, 1.0)
        line = smooth(np.array(corners), steps=4)
        canvas.paint(both(ribbon(line, width)), dark, 0.55 * strength, 0.012)

    corner_x, corner_y = geometry.upper_lip[-1]
    wing_x, wing_y = identity.nose_width + 0.03, identity.nose_length - 0.02 - 0.04 * units.nose_wrinkle
    fold = identity.nasolabial + 0.7 * units.lip_corner_pull + 0.6 * units.nose_wrinkle + 0.5 * units.upper_lip_raise
    side = max(corner_x + 0.05, wing_x + 0.1)
    crease(
        0.15 + 0.7 * fold,
        0.045,
        [[wing_x, wing_y], [0.6 * wing_x + 0.4 * side + 0.04, 0.5 * (wing_y + corner_y)], [side, corner_y]],
    )
    crease(
        0.9 * units.lip_corner_depress + 0.4 * age,
        0.04,
        [[corner_x + 0.02, corner_y], [corner_x + 0.06, corner_y + 0.13]],
    )
    brow_x, brow_y = geometry.brow[0]
    crease(0.25 * age + units.brow_lower, 0.045, [[brow_x * 0.5, brow_y - 0.08], [brow_x * 0.42, brow_y + 0.06]])
    for place in range(2):
        y = EYE_HEIGHT + 0.02 + 0.07 * place
        crease(0.6 * units.nose_wrinkle, 0.03, [[0.0, y], [0.06, y + 0.005], [0.11, y + 0.05]])
        y = -0.58 - 0.11 * place - 0.05 * units.inner_brow_raise
        lift = 0.05 * (units.inner_brow_raise - units.outer_brow_raise)
        raised = 0.5 * (units.inner_brow_raise + units.outer_brow_raise)
        crease(0.45 * age**2 + 0.6 * raised, 0.035, [[0.0, y - lift], [0.25, y - 0.015], [0.42, y + lift]])
        y = EYE_HEIGHT + 0.02 + 0.06 * place
        x = identity.eye_spacing + identity.eye_width
        crease(0.8 * units.cheek_raise + 0.5 * age**2, 0.03, [[x + 0.03, y], [x + 0.14, y + 0.05 * (2 * place - 1)]])
    bag = EYE_HEIGHT + 0.12
    inner, outer = identity.eye_spacing - 0.1, identity.eye_spacing + 0.12
    crease(
        0.2 + 0.3 * age + 0.5 * units.cheek_raise + 0.4 * units.lid_tighten,
        0.04,
        [[inner, bag - 0.03], [identity.eye_spacing, bag], [outer, bag - 0.03]],
    )
    chin = geometry.lower_lip[9, 1] + 0.06
    crease(0.2 + 0.7 * units.chin_raise, 0.05, [[0.0, chin - 0.02 * units.chin_raise], [0.12, chin + 0.015]])


def paint_eyes(canvas: Canvas, identity: Identity, geometry: Geometry) -> None:
    """Whites, irises, pupils, lids and lashes."""
    upper, lower = geometry.upper_lid, geometry.lower_lid
    socket = ellipse(identity.eye_spacing, EYE_HEIGHT - 0.06, 0.2, 0.11)
    canvas.paint(both(socket), shade(identity.skin, 0.62), 0.35, 0.05)
    opening = np.concatenate([upper, lower[::-1]])
    canvas.paint(both(opening), (236, 232, 228))
    radius = 0.42 * identity.eye_width
    middle = EYE_HEIGHT - 0.018
    for share, colour in ((1.0, shade(identity.iris, 0.6)), (0.8, identity.iris), (0.45, (16, 12, 12))):
        disc = ellipse(identity.eye_spacing, middle, share * radius, share * radius, count=20)
        disc[:, 1] = disc[:, 1].clip(
            np.interp(disc[:, 0], upper[:, 0], upper[:, 1]), np.interp(disc[:, 0], lower[:, 0], lower[:, 1])
        )
        canvas.paint(both(disc), colour)
    shadow = np.concatenate([upper, moved(upper, down=0.025)[::-1]])
    canvas.paint(both(shadow), (60, 45, 45), 0.45, 0.008)
    glint_y = max(middle - 0.35 * radius, float(upper[9, 1]) + 0.01)
    glints = [ellipse(x + 0.02, glint_y, 0.013, 0.013, count=10) for x in (-identity.eye_spacing, identity.eye_spacing)]
    canvas.paint(glints, (255, 255, 255), 0.9)
    dark = shade(identity.hair, 0.35)
    for line, width, opacity in ((upper, 0.036, 0.95), (lower, 0.018, 0.45)):
        canvas.paint(both(ribbon(line, width, (0.3, 0.7))), dark, opacity)
    room = float(upper[9, 1] - geometry.brow[8, 1]) - 0.06  # lowered brows push the fold down
    fold = moved(upper, down=-max(0.012, min(identity.lid_fold, 0.6 * room)))
    canvas.paint(both(ribbon(fold, 0.024, (0.1, 0.3))), shade(identity.skin, 0.4), 0.6, 0.006)


def paint_brows(canvas: Canvas, identity: Identity, geometry: Geometry) -> None:
    """Brows, thick inside and thin outside."""
    outline = ribbon(geometry.brow, identity.brow_thickness, (0.85, 0.15))
    canvas.paint(both(outline), shade(identity.hair, 0.6), 0.9, 0.01)


def paint_nose(canvas: Canvas, identity: Identity, units: ActionUnits) -> None:
    """Nostrils, wings and a light ridge; the relief does the rest."""
    width = identity.nose_width * (1 + 0.12 * units.nose_wrinkle + 0.06 * units.lip_corner_pull)
    base = identity.nose_length + 0.05 - 0.045 * units.nose_wrinkle - 0.015 * units.upper_lip_raise
    skin = identity.skin
    wing = np.array(
        [
            [width * 0.8, base - 0.1],
            [width * 1.05, base - 0.03],
            [width * 0.85, base + 0.03],
            [width * 0.4, base + 0.01],
        ]
    )
    canvas.paint(both(ribbon(smooth(wing, steps=4), 0.035)), shade(skin, 0.5), 0.6, 0.012)
    canvas.paint(ellipse(0.0, base + 0.045, width * 0.7, 0.02), shade(skin, 0.5), 0.45, 0.02)
    canvas.paint(both(ellipse(width * 0.48, base + 0.01, 0.042, 0.02)), shade(skin, 0.22), 0.85, 0.008)
    canvas.paint(ellipse(0.0, base - 0.09, 0.035, 0.035), shade(skin, 1.25), 0.4, 0.03)


def paint_mouth(canvas: Canvas, identity: Identity, geometry: Geometry) -> None:
    """Lips, and between them teeth and dark."""
    red, green, blue = identity.skin
    lip: Colour = (red * 0.82, green * 0.58, blue * 0.6)
    upper, top, bottom, lower = geometry.upper_lip, geometry.mouth_top, geometry.mouth_bottom, geometry.lower_lip
    canvas.paint(np.concatenate([upper, lower[::-1]]), shade(lip, 0.9), 0.95, 0.006)
    canvas.paint(np.concatenate([bottom, lower[::-1]]), shade(lip, 1.12), 0.7, 0.006)
    gap = float((bottom - top)[9, 1])
    if gap > 0.012:
        canvas.paint(np.concatenate([top, bottom[::-1]]), (52, 18, 20))
        teeth = bottom.copy()
        teeth[:, 1] = np.minimum(top[:, 1] + min(0.075, 0.62 * gap), bottom[:, 1])
        canvas.paint(np.concatenate([top, teeth[::-1]])[1:-1], (228, 222, 210), 0.95)
        if gap > 0.16:
            canvas.paint(ellipse(0.0, float(bottom[9, 1]) - 0.035, 0.12, 0.035), (150, 66, 66), 0.8, 0.015)
    canvas.paint(ribbon(0.5 * (top + bottom) if gap < 0.012 else top, 0.022, (0.7, 0.7)), (60, 26, 26), 0.75)
    shine = 0.5 * (bottom + lower)[6:13]
    canvas.paint(ribbon(shine, 0.03), shade(lip, 1.6), 0.35, 0.012)


def paint_glasses(canvas: Canvas, identity: Identity) -> None:
    """Rims, bridge and temples."""
    if identity.glasses == 0:
        return
    square = 0.0 if identity.glasses == 1 else 0.6
    x, y, width, height = identity.eye_spacing + 0.02, EYE_HEIGHT + 0.03, 0.235, 0.19 - 0.04 * square
    colour: Colour = (38, 32, 32)
    outer, inner = ellipse(x, y, width, height, square), ellipse(x, y, width - 0.028, height - 0.028, square)
    temple = ribbon(np.array([[x + width - 0.005, y - 0.05], [identity.face_width + 0.02, y - 0.07]]), 0.03, (1.0, 1.0))
    bridge = ribbon(np.array([[width - x, y - 0.03], [0.0, y - 0.06], [x - width, y - 0.03]]), 0.03, (1.0, 1.0))
    canvas.paint(both(inner), (255, 255, 255), 0.07)
    canvas.paint([*both(outer), *both(inner), *both(temple), bridge], colour, 0.9)
