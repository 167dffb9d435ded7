"""RaFD (Langner et al., Cognition and Emotion 2010): 67 models, eight expressions, five angles, three gazes."""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from gcnet_core.plugin_api import Sample
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.references import with_own_neutral
from gcnet_datasets.files.tree import Tree
from gcnet_datasets.labels import expression_name


class RaFDConfig(PublishedConfig):
    """RaFD: angle, number of the model, expression and gaze stand in the file name.

    The reference is the neutral face of the same model, angle and gaze. A gaze is a session: it was photographed anew,
    by five cameras at one moment.
    """

    layout: ClassVar[str] = "  Rafd090_01_Caucasian_female_angry_frontal.jpg ...   (something may stand before Rafd)"

    angles: tuple[Annotated[int, Field(ge=0, le=180)], ...] = Field(
        (90,), min_length=1, description="angles to keep: 0, 45, 90 (frontal), 135, 180"
    )
    gazes: tuple[str, ...] = Field(
        ("frontal", "left", "right"), min_length=1, description="gazes to keep: frontal, left, right"
    )
    instructions: str = Field(
        "RaFD (Langner et al. 2010) is given away on request by Radboud University, for scientific research.",
        description="what the data are and how to get them",
    )

    def find(self, tree: Tree) -> Iterator[Sample]:
        pattern = re.compile(r"Rafd(\d{3})_(\d+)_(.*?)_([a-z]+)_(frontal|left|right)\.\w+$", re.IGNORECASE)
        samples = []
        for name in tree.pictures:
            match = pattern.search(name)
            if match is None:
                continue
            angle, subject, person, expression, gaze = match.groups()
            if int(angle) in self.angles and gaze.lower() in self.gazes:
                shown = expression_name(expression)
                seen = f"{int(angle)} degrees"
                known = tuple(zip(("group", "sex"), person.lower().split("_"), strict=False))
                samples.append(Sample(name, subject, shown, session=gaze.lower(), lighting=seen, attributes=known))
        yield from with_own_neutral(samples)

    def why_left_out(self, name: str) -> str:
        other = re.search(r"Rafd\d{3}_\d+_.*_[a-z]+_(frontal|left|right)\.", name, re.IGNORECASE)
        return "an angle or a gaze that was not chosen" if other else super().why_left_out(name)
