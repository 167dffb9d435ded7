"""What a face does: the seven expressions as combinations of action units (Facial Action Coding System)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ActionUnits:
    """How strongly each muscle group pulls: 0 at rest, 1 at its usual maximum."""

    inner_brow_raise: float = 0.0  # AU1
    outer_brow_raise: float = 0.0  # AU2
    brow_lower: float = 0.0  # AU4
    upper_lid_raise: float = 0.0  # AU5
    cheek_raise: float = 0.0  # AU6
    lid_tighten: float = 0.0  # AU7
    nose_wrinkle: float = 0.0  # AU9
    upper_lip_raise: float = 0.0  # AU10
    lip_corner_pull: float = 0.0  # AU12
    lip_corner_depress: float = 0.0  # AU15
    chin_raise: float = 0.0  # AU17
    lip_stretch: float = 0.0  # AU20
    lip_tighten: float = 0.0  # AU23
    lips_part: float = 0.0  # AU25
    jaw_drop: float = 0.0  # AU26


REST = ActionUnits()

PROTOTYPES: dict[str, ActionUnits] = {
    "neutral": REST,
    "anger": ActionUnits(
        brow_lower=1.0, upper_lid_raise=0.35, lid_tighten=0.8, nose_wrinkle=0.15, chin_raise=0.35, lip_tighten=0.9
    ),
    "disgust": ActionUnits(
        brow_lower=0.45, cheek_raise=0.3, lid_tighten=0.5, nose_wrinkle=1.0, upper_lip_raise=0.9,
        lip_corner_depress=0.35, chin_raise=0.4, lips_part=0.1,
    ),
    "fear": ActionUnits(
        inner_brow_raise=1.0, outer_brow_raise=0.5, brow_lower=0.45, upper_lid_raise=0.9, lip_stretch=1.0,
        lips_part=0.55, jaw_drop=0.3,
    ),
    "happiness": ActionUnits(cheek_raise=0.8, lip_corner_pull=1.0, lips_part=0.8),
    "sadness": ActionUnits(
        inner_brow_raise=0.9, brow_lower=0.35, lid_tighten=0.2, lip_corner_depress=1.0, chin_raise=0.55
    ),
    "surprise": ActionUnits(
        inner_brow_raise=1.0, outer_brow_raise=1.0, upper_lid_raise=0.8, lips_part=0.5, jaw_drop=1.0
    ),
}  # fmt: skip
"""The full-blown expressions, in canonical order."""

EXPRESSIONS = tuple(PROTOTYPES)
