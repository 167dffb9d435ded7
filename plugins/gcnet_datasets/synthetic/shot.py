"""How a face is photographed: pose, framing, light, background and sensor noise."""

from dataclasses import dataclass, replace

import numpy as np

ZOOM, LIFT = 1.25, -0.12
"""Framing on average: the face from the hairline to the chin, as most data sets crop it."""


@dataclass(frozen=True)
class Shot:
    """One photograph.

    Args:
        yaw, pitch, roll: head pose in degrees; positive turns to the image's right, lowers the chin, tilts clockwise.
        shift_x, shift_y: place of the head in the image, in face units.
        zoom: size of the head; at 1 all of its hair is in the picture.
        light_azimuth: direction of the lamp in degrees, positive from the image's right.
        light_elevation: height of the lamp in degrees.
        light_strength: share of directed light, 0 (no shadows) to 1.
        exposure: brightness, 1 on average.
        background: grey level behind the head, 0 to 255.
        noise: standard deviation of the sensor noise, in grey levels.
        noise_seed: number that the noise is drawn from.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    zoom: float = 1.0
    light_azimuth: float = 0.0
    light_elevation: float = 30.0
    light_strength: float = 0.5
    exposure: float = 1.0
    background: float = 150.0
    noise: float = 2.0
    noise_seed: int = 0


def sample_shot(rng: np.random.Generator, variation: float = 1.0) -> Shot:
    """Draw the circumstances of a photograph.

    Args:
        rng: source of randomness.
        variation: factor of the differences in pose, framing and light, 0 (all alike) upwards.
    """
    yaw, pitch, roll, right, down, size, bright = variation * np.clip(rng.normal(size=7), -2, 2)
    return Shot(
        yaw=6 * float(yaw),
        pitch=4 * float(pitch),
        roll=2.5 * float(roll),
        shift_x=0.02 * float(right),
        shift_y=LIFT + 0.02 * float(down),
        zoom=ZOOM * (1 + 0.02 * float(size)),
        light_azimuth=variation * float(rng.uniform(-55, 55)),
        light_elevation=30 + variation * float(rng.uniform(-20, 20)),
        light_strength=0.5 + variation * float(rng.uniform(-0.2, 0.2)),
        exposure=1 + 0.07 * float(bright),
        background=float(rng.uniform(70, 220)),
        noise=float(rng.uniform(1, 3)),
        noise_seed=int(rng.integers(2**31)),
    )


def another_shot(shot: Shot, rng: np.random.Generator, variation: float = 1.0) -> Shot:
    """A second photograph of the same sitting: nearly the same pose and light, other noise.

    Args:
        shot: the first photograph.
        rng: source of randomness.
        variation: factor of what changes between the two, 0 (the noise alone) upwards.
    """
    yaw, pitch, roll, right, down, size, azimuth, bright = variation * np.clip(rng.normal(size=8), -2, 2)
    return replace(
        shot,
        yaw=shot.yaw + 0.7 * float(yaw),
        pitch=shot.pitch + 0.5 * float(pitch),
        roll=shot.roll + 0.4 * float(roll),
        shift_x=shot.shift_x + 0.005 * float(right),
        shift_y=shot.shift_y + 0.005 * float(down),
        zoom=shot.zoom * (1 + 0.005 * float(size)),
        light_azimuth=shot.light_azimuth + 3 * float(azimuth),
        exposure=shot.exposure * (1 + 0.01 * float(bright)),
        noise_seed=int(rng.integers(2**31)),
    )


def shot_in_session(shot: Shot, session: Shot) -> Shot:
    """A photograph of a session: its pose is its own, light, camera and crop are those of the day.

    Args:
        shot: drawn for the photograph alone.
        session: drawn for the day.
    """
    return replace(
        shot,
        shift_x=session.shift_x + 0.3 * shot.shift_x,
        shift_y=session.shift_y + 0.3 * (shot.shift_y - LIFT),
        zoom=session.zoom * (1 + 0.3 * (shot.zoom / ZOOM - 1)),
        light_azimuth=session.light_azimuth + 0.1 * shot.light_azimuth,
        light_elevation=session.light_elevation,
        light_strength=session.light_strength,
        exposure=session.exposure * (1 + 0.2 * (shot.exposure - 1)),
        background=session.background,
        noise=session.noise,
    )


def sample_session(rng: np.random.Generator, variation: float = 1.0) -> Shot:
    """Draw light, camera and crop of a day, which differ more from day to day than those of photographs do by chance.

    Args:
        rng: source of randomness.
        variation: factor of the differences, 0 (all days alike) upwards.
    """
    shot = sample_shot(rng, variation)
    right, down, size, bright = variation * np.clip(rng.normal(size=4), -2, 2)
    return replace(
        shot,
        shift_x=shot.shift_x + 0.02 * float(right),
        shift_y=shot.shift_y + 0.02 * float(down),
        zoom=shot.zoom * (1 + 0.04 * float(size)),
        exposure=shot.exposure * (1 + 0.06 * float(bright)),
    )
