"""Who is drawn: the lasting traits of a face, among them its resting geometry.

Lengths are in face units: the origin lies between the eyes and the nose tip, x points right, y points down, and the
cheekbones are about 0.85 from the middle.
"""

from dataclasses import dataclass, replace

import numpy as np

Colour = tuple[int | float, int | float, int | float]
"""Red, green and blue from 0 to 255."""

HAIR_STYLES = ("bald", "cropped", "short", "parted", "fringe", "bob", "long", "curly", "receding")
STYLES_WITH_FACIAL_HAIR = ("bald", "cropped", "short", "parted", "curly", "receding")
FACIAL_HAIR = ("none", "stubble", "moustache", "beard")

HINT = 0.75
"""Correlation of a resting trait with the lasting trait that hints at it."""

SKIN: tuple[Colour, ...] = ((246, 213, 190), (229, 184, 150), (196, 144, 106), (154, 106, 76), (110, 74, 55))
HAIR: tuple[Colour, ...] = ((28, 24, 24), (62, 42, 32), (104, 70, 44), (158, 112, 66), (206, 170, 110), (136, 62, 34))
GREY_HAIR: Colour = (176, 174, 172)
IRIS: tuple[Colour, ...] = ((70, 42, 24), (96, 64, 34), (84, 104, 66), (92, 126, 156), (112, 118, 124))
CLOTHES: tuple[Colour, ...] = ((52, 60, 82), (118, 52, 52), (70, 92, 72), (172, 168, 160), (40, 40, 44), (96, 84, 120))


@dataclass(frozen=True)
class Resting:
    """Where the features lie when no muscle pulls, as deviations from the average face, in face units.

    Args:
        mouth_curve: how far the mouth corners lie above the middle of the mouth.
        mouth_opening: gap between the lips; closed at or below 0.
        mouth_width: excess of the half width.
        brow_height: how far the brows lie higher.
        brow_tilt: how far the inner ends of the brows lie higher than the rest.
        lid_opening: how far the upper lids are raised.
    """

    mouth_curve: float = 0.0
    mouth_opening: float = -0.02
    mouth_width: float = 0.0
    brow_height: float = 0.0
    brow_tilt: float = 0.0
    lid_opening: float = 0.0


@dataclass(frozen=True)
class Identity:
    """The lasting traits of one person; lengths in face units, colours from 0 to 255.

    Args:
        skin, hair, iris, clothes: colours.
        face_width: half width at the cheekbones.
        jaw_width: half width of the jaw, relative to the cheekbones.
        chin_length: height of the chin below the origin.
        chin_width: half width of the chin.
        hair_style: one of `HAIR_STYLES`.
        hair_line: how far the hair begins lower on the forehead.
        parting: horizontal place of the parting, -1 to 1.
        facial_hair: one of `FACIAL_HAIR`.
        age: 0 smooth to 1 creased.
        brow_thickness, brow_arch: thickness, and height of the bend.
        eye_spacing: distance of an eye's centre from the middle.
        eye_width: half width of an eye.
        eye_slant: how far the outer corner lies higher.
        lid_fold: distance of the fold above the upper lid.
        nose_width, nose_length: half width at the wings; height of the tip below the origin.
        nose_bridge: prominence of the bridge, 1 on average.
        mouth_height: height of the mouth below the origin.
        lip_fullness: thickness of the lips, 1 on average.
        nasolabial: strength of the crease from nose to mouth, 0 to 1.
        glasses: 0 none, 1 round, 2 angular.
        resting: the resting geometry.
    """

    skin: Colour
    hair: Colour
    iris: Colour
    clothes: Colour
    face_width: float
    jaw_width: float
    chin_length: float
    chin_width: float
    hair_style: str
    hair_line: float
    parting: float
    facial_hair: str
    age: float
    brow_thickness: float
    brow_arch: float
    eye_spacing: float
    eye_width: float
    eye_slant: float
    lid_fold: float
    nose_width: float
    nose_length: float
    nose_bridge: float
    mouth_height: float
    lip_fullness: float
    nasolabial: float
    glasses: int
    resting: Resting


def sample_identity(rng: np.random.Generator, resting_variation: float = 1.0) -> Identity:
    """Draw a person.

    Resting traits are not independent of what else is seen of the face: each is correlated by `HINT` with a lasting
    trait, as mouths that turn down go with deep creases, so that a resting face can be guessed but not known.

    Args:
        rng: source of randomness; the same number of draws is taken whatever `resting_variation` is.
        resting_variation: factor of the differences in resting geometry, 0 (everybody alike) upwards.

    Returns:
        The person.
    """

    def normal(mean: float, std: float) -> float:
        """A normal number, cut at two standard deviations so that no face falls apart."""
        return mean + std * float(np.clip(rng.normal(), -2, 2))

    def hint(trait: float) -> float:
        """A standard normal number correlated with a standard normal resting trait."""
        return float(np.clip(HINT * trait + np.sqrt(1 - HINT**2) * rng.normal(), -2, 2))

    curve, opening, width, brow, tilt, lid = np.clip(rng.normal(size=6), -2.2, 2.2).tolist()
    age = float(rng.beta(1.3, 2.0))
    skin = _between(SKIN, rng.uniform(0, len(SKIN) - 1), normal(1.0, 0.03))
    darkest = 3 if sum(skin) < 420 else len(HAIR)  # fair hair on dark skin is rare
    hair = _mix(HAIR[int(rng.integers(darkest))], GREY_HAIR, max(0.0, 2 * age - 1) ** 0.5 * rng.uniform(0.3, 1))
    facial_hair = FACIAL_HAIR[int(rng.choice(4, p=(0.72, 0.12, 0.07, 0.09)))]
    styles = HAIR_STYLES if facial_hair == "none" else STYLES_WITH_FACIAL_HAIR
    return Identity(
        skin=skin,
        hair=hair,
        iris=IRIS[int(rng.integers(2 if sum(skin) < 420 else len(IRIS)))],
        clothes=CLOTHES[int(rng.integers(len(CLOTHES)))],
        face_width=normal(0.8, 0.045),
        jaw_width=normal(0.83, 0.05) + 0.02 * hint(width),
        chin_length=normal(1.09, 0.045),
        chin_width=normal(0.27, 0.05),
        hair_style=styles[int(rng.integers(len(styles)))],
        hair_line=normal(0.0, 0.05),
        parting=float(rng.uniform(-0.8, 0.8)),
        facial_hair=facial_hair,
        age=age,
        brow_thickness=0.078 - 0.017 * hint(brow),
        brow_arch=0.045 + 0.018 * hint(tilt),
        eye_spacing=normal(0.375, 0.018),
        eye_width=0.158 + 0.013 * hint(lid),
        eye_slant=normal(0.012, 0.016),
        lid_fold=0.055 + 0.016 * hint(brow),
        nose_width=0.155 + 0.018 * hint(width),
        nose_length=normal(0.37, 0.03),
        nose_bridge=normal(1.0, 0.2),
        mouth_height=normal(0.66, 0.022),
        lip_fullness=1.0 + 0.22 * hint(opening),
        nasolabial=float(np.clip(0.32 - 0.2 * hint(curve) + 0.25 * age, 0, 1)),
        glasses=int(rng.choice(3, p=(0.75, 0.14, 0.11))),
        resting=Resting(
            mouth_curve=0.038 * curve * resting_variation,
            mouth_opening=-0.02 + 0.019 * opening * resting_variation,
            mouth_width=0.026 * width * resting_variation,
            brow_height=0.038 * brow * resting_variation,
            brow_tilt=0.034 * tilt * resting_variation,
            lid_opening=0.014 * lid * resting_variation,
        ),
    )


def on_another_day(person: Identity, rng: np.random.Generator) -> Identity:
    """The same person with other clothes, hair combed or cut otherwise, and glasses put on or off.

    Args:
        person: whose face, resting geometry and beard stay.
        rng: source of randomness; the same number of draws is taken for everybody.
    """
    styles = HAIR_STYLES if person.facial_hair == "none" else STYLES_WITH_FACIAL_HAIR
    style, clothes, glasses = (int(rng.integers(count)) for count in (len(styles), len(CLOTHES), 3))
    cut, wears, lower = float(rng.random()), float(rng.random()), float(np.clip(rng.normal(), -2, 2))
    return replace(
        person,
        clothes=CLOTHES[clothes],
        hair_style=styles[style] if cut < 0.3 else person.hair_style,
        hair_line=person.hair_line + 0.03 * lower,
        parting=float(rng.uniform(-0.8, 0.8)),
        glasses=glasses if wears < 0.2 else person.glasses,
    )


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two; `share` 0 to 1 of the second."""
    red, green, blue = (float(one + share * (other - one)) for one, other in zip(first, second, strict=True))
    return red, green, blue


def _between(colours: tuple[Colour, ...], place: float, warmth: float) -> Colour:
    """The colour at a place along a scale of colours, with more or less red."""
    index = min(int(place), len(colours) - 2)
    red, green, blue = _mix(colours[index], colours[index + 1], place - index)
    return (min(red * warmth, 255.0), green, min(blue * (2 - warmth), 255.0))
