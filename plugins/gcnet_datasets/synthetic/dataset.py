"""The data set of drawn faces: names of images, and what each name shows."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.cache.key import digest_of_code
from gcnet_core.data.randomness import keyed_generator
from gcnet_core.interfaces import BuildContext, Dataset
from gcnet_core.plugin_api import Sample, UserError
from gcnet_datasets.synthetic.config import SyntheticFacesConfig
from gcnet_datasets.synthetic.expressions import EXPRESSIONS
from gcnet_datasets.synthetic.identity import Identity, on_another_day, sample_identity
from gcnet_datasets.synthetic.performance import sample_action_units
from gcnet_datasets.synthetic.render import render
from gcnet_datasets.synthetic.shot import another_shot, sample_session, sample_shot, shot_in_session

_NAME = re.compile(
    r"s(?P<subject>\d+)/(day(?P<session>[1-9]\d*)/)?(?P<expression>[a-z]+)-(?P<repetition>\d+)(?P<reference>/reference)?"
)


class SyntheticFaces(Dataset):
    """Draws faces when they are read; nothing is stored.

    An image depends on the seed and its own name alone, so that asking for more people or more images changes none of
    those that were there before. The reference of an image is the same person at rest, in another shot of the same
    sitting: a neutral query and its reference are never the same picture. Light, camera, crop, hair and clothes of a
    session are drawn once for all of its images.

    Args:
        config: how many people and images, and how much they differ.
        context: size and channels of the images.
    """

    config: SyntheticFacesConfig

    def __init__(self, config: SyntheticFacesConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.samples = tuple(sample for number in range(config.subjects) for sample in self._samples(number))

    def _samples(self, subject: int) -> Iterator[Sample]:
        """All samples of one person."""
        sessions = self.config.sessions
        for session in [None] if sessions is None else range(1, sessions + 1):
            place = f"s{subject:03d}" if session is None else f"s{subject:03d}/day{session}"
            for expression in self._shown(subject, session):
                for repetition in range(1, self.config.images_per_expression + 1):
                    name = f"{place}/{expression}-{repetition}"
                    day = None if session is None else str(session)
                    yield Sample(name, f"s{subject:03d}", expression, f"{name}/reference", session=day)

    def _shown(self, subject: int, session: int | None) -> tuple[str, ...]:
        """The expressions of a person in a session."""
        count = self.config.expressions_per_session
        if count is None or session is None:
            return EXPRESSIONS
        rng = keyed_generator(self.config.seed, "expressions", subject, session)
        return tuple(EXPRESSIONS[index] for index in sorted(rng.permutation(len(EXPRESSIONS))[:count]))

    def identity(self, subject: int) -> Identity:
        """The person with a number."""
        return _identity(self.config.seed, subject, self.config.resting_variation)

    def read(self, name: str) -> UInt8[np.ndarray, "height width channel"]:
        """Draw one image.

        Args:
            name: e.g. `s012/anger-1`, in a session `s012/day2/anger-1`; `s012/anger-1/reference` is its reference.

        Returns:
            Pixels 0 to 255 of the size and channels that the recipe asks for.

        Raises:
            UserError: if no image can have this name.
        """
        match = _NAME.fullmatch(name)
        if match is None or match["expression"] not in EXPRESSIONS:
            raise UserError(f"{name}: not the name of a drawn face; such names look like s012/anger-1")
        subject, expression, variation = int(match["subject"]), match["expression"], self.config.shot_variation
        session = int(match["session"] or 0)
        key = (self.config.seed, subject, expression, int(match["repetition"]), *([session] if session else []))
        person, rng = self.identity(subject), keyed_generator("query", *key)
        shot = sample_shot(rng, variation)
        if session:
            day = keyed_generator(self.config.seed, "session", subject, session)
            shot, person = shot_in_session(shot, sample_session(day, variation)), on_another_day(person, day)
        if match["reference"]:
            rng = keyed_generator("reference", *key)
            shot = another_shot(shot, rng, variation)
            expression = "neutral"
        units = sample_action_units(rng, expression, float(rng.uniform(*self.config.intensity)))
        return render(person, shot, units, self.image.size, self.image.channels == 3)

    def content_key(self) -> str:
        """All that a face is drawn from: the options that its pixels depend on, and the code that draws it."""
        options = self.config.model_dump_json(include={"seed", "intensity", "resting_variation", "shot_variation"})
        return f"{options} {digest_of_code(Path(__file__).parent.glob('*.py'))}"


@lru_cache(maxsize=4096)
def _identity(seed: int, subject: int, resting_variation: float) -> Identity:
    return sample_identity(keyed_generator(seed, "identity", subject), resting_variation)
