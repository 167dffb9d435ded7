"""The relief of a face: a smooth height above the picture plane, lit by a lamp and turned by the head pose."""

import numpy as np
from jaxtyping import Float

from gcnet_datasets.synthetic.canvas import EXTENT
from gcnet_datasets.synthetic.expressions import ActionUnits
from gcnet_datasets.synthetic.geometry import EYE_HEIGHT
from gcnet_datasets.synthetic.identity import Identity
from gcnet_datasets.synthetic.shot import Shot

Grid = Float[np.ndarray, "height width"]


def bumps(identity: Identity, units: ActionUnits) -> Float[np.ndarray, "bump 5"]:
    """The relief as a sum of bumps exp(-(x-x0)²/2s² - (y-y0)²/2t²); rows are x0, y0, s, t, height in face units.

    Such bumps are products of a column and a row, so that their sum is a single matrix product.
    """
    nose, mouth, chin = identity.nose_length, identity.mouth_height, identity.chin_length + 0.12 * units.jaw_drop
    smile = units.lip_corner_pull
    single = [
        (0.0, 0.0, 0.62, 0.85, 0.95),  # head
        (0.0, -0.68, 0.35, 0.2, 0.05),  # forehead
        (0.0, nose - 0.24, 0.075, 0.22, 0.1 * identity.nose_bridge),  # bridge
        (0.0, nose - 0.01, 0.085, 0.075, 0.14),  # tip
        (0.0, mouth, 0.26, 0.14, 0.06),
        (0.0, mouth + 0.17, 0.15, 0.04, -0.05 * (1 - 0.5 * units.chin_raise)),  # furrow below the lip
        (0.0, chin - 0.14, 0.14, 0.09, 0.07 + 0.05 * units.chin_raise),
    ]
    paired = [
        (identity.eye_spacing - 0.05, EYE_HEIGHT - 0.22, 0.2, 0.07, 0.05 + 0.02 * units.brow_lower),  # brow ridge
        (identity.eye_spacing - 0.03, EYE_HEIGHT, 0.15, 0.1, -0.09),  # eye socket
        (identity.nose_width * 0.75, nose + 0.02, 0.05, 0.05, 0.06 + 0.03 * units.nose_wrinkle),  # nose wing
        (0.48, 0.24 - 0.06 * units.cheek_raise, 0.17, 0.14, 0.05 + 0.06 * units.cheek_raise + 0.04 * smile),  # cheek
    ]
    mirrored = [(-x, *rest) for x, *rest in paired]
    return np.array(single + paired + mirrored)


class Relief:
    """Height and slopes on the pixels of a picture.

    Args:
        bumps: see `bumps`.
        resolution: height and width in pixels.
    """

    def __init__(self, bumps: Float[np.ndarray, "bump 5"], resolution: int) -> None:
        x0, y0, s, t, amount = bumps.astype(np.float32).T[:, :, None]
        axis = ((np.arange(resolution, dtype=np.float32) + 0.5) / resolution * 2 - 1) * np.float32(EXTENT)
        row = np.exp(-0.5 * ((axis - x0) / s) ** 2)
        column = amount * np.exp(-0.5 * ((axis - y0) / t) ** 2)
        self.axis = axis
        self.height: Grid = column.T @ row
        self.slope_x: Grid = column.T @ (row * (x0 - axis) / s**2)
        self.slope_y: Grid = (column * (y0 - axis) / t**2).T @ row

    def light(self, shot: Shot) -> Grid:
        """Brightness of each pixel under the lamp of a shot; about 1 where the lamp meets the surface head-on."""
        azimuth, elevation = np.deg2rad(shot.light_azimuth), np.deg2rad(shot.light_elevation)
        across = np.float32(np.cos(elevation) * np.sin(azimuth))
        down = np.float32(-np.sin(elevation))
        towards = np.float32(np.cos(elevation) * np.cos(azimuth))
        facing = towards - across * self.slope_x - down * self.slope_y
        facing /= np.sqrt(1 + self.slope_x**2 + self.slope_y**2)
        strength = np.float32(shot.light_strength)
        return (
            (1 - strength)
            + strength * np.float32(1.35) * np.maximum(facing, 0)
            + np.float32(0.06) * facing**8 * strength
        )

    def turned(self, shot: Shot) -> tuple[Grid, Grid]:
        """Where each pixel of the frontal picture lies after yaw and pitch: near parts move more than far ones.

        Returns:
            Horizontal and vertical source positions in face units, of each pixel of the turned picture.
        """
        yaw, pitch = np.deg2rad(shot.yaw), np.deg2rad(shot.pitch)
        depth = self.height - np.float32(0.4)  # the neck's axis, about which the head turns, lies behind the face
        return (
            (self.axis[None, :] - np.float32(np.sin(yaw)) * depth) / np.float32(np.cos(yaw)),
            (self.axis[:, None] - np.float32(np.sin(pitch)) * depth) / np.float32(np.cos(pitch)),
        )
