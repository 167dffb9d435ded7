"""The data set of drawn faces: names of images, and what each name shows."""

import re
from functools import lru_cache
from itertools import product

import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.randomness import keyed_generator
from gcnet_core.interfaces import BuildContext, Dataset
from gcnet_core.plugin_api import Sample, UserError
from gcnet_datasets.synthetic.config import SyntheticFacesConfig
from gcnet_datasets.synthetic.expressions import EXPRESSIONS
from gcnet_datasets.synthetic.identity import Identity, sample_identity
from gcnet_datasets.synthetic.performance import sample_action_units
from gcnet_datasets.synthetic.render import render
from gcnet_datasets.synthetic.shot import another_shot, sample_shot

_NAME = re.compile(r"s(\d+)/([a-z]+)-(\d+)(/reference)?")


class SyntheticFaces(Dataset):
    """Draws faces when they are read; nothing is stored.

    An image depends on the seed and its own name alone, so that asking for more people or more images changes none of
    those that were there before. The reference of an image is the same person at rest, in another shot of the same
    sitting: a neutral query and its reference are never the same picture.

    Args:
        config: how many people and images, and how much they differ.
        context: size and channels of the images.
    """

    config: SyntheticFacesConfig

    def __init__(self, config: SyntheticFacesConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        subjects = [f"s{number:03d}" for number in range(config.subjects)]
        repetitions = range(1, config.images_per_expression + 1)
        samples = []
        for subject, expression, repetition in product(subjects, EXPRESSIONS, repetitions):
            name = f"{subject}/{expression}-{repetition}"
            samples.append(Sample(name, subject, expression, f"{name}/reference"))
        self.samples = tuple(samples)

    def identity(self, subject: int) -> Identity:
        """The person with a number."""
        return _identity(self.config.seed, subject, self.config.resting_variation)

    def read(self, name: str) -> UInt8[np.ndarray, "height width channel"]:
        """Draw one image.

        Args:
            name: e.g. `s012/anger-1`, or `s012/anger-1/reference` for its reference.

        Returns:
            Pixels 0 to 255 of the size and channels that the recipe asks for.

        Raises:
            UserError: if no image can have this name.
        """
        match = _NAME.fullmatch(name)
        if match is None or match[2] not in EXPRESSIONS:
            raise UserError(f"{name}: not the name of a drawn face; such names look like s012/anger-1")
        subject, expression, repetition = int(match[1]), match[2], int(match[3])
        key = (self.config.seed, subject, expression, repetition)
        rng = keyed_generator("query", *key)
        shot = sample_shot(rng, self.config.shot_variation)
        if match[4]:
            rng = keyed_generator("reference", *key)
            shot = another_shot(shot, rng, self.config.shot_variation)
            expression = "neutral"
        units = sample_action_units(rng, expression, float(rng.uniform(*self.config.intensity)))
        return render(self.identity(subject), shot, units, self.image.size, self.image.channels == 3)


@lru_cache(maxsize=4096)
def _identity(seed: int, subject: int, resting_variation: float) -> Identity:
    return sample_identity(keyed_generator(seed, "identity", subject), resting_variation)
