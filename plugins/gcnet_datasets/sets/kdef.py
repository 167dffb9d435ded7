"""KDEF (Lundqvist, Flykt and Öhman 1998): 70 people, seven expressions, five angles, two sessions."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import ClassVar

from pydantic import Field

from gcnet_core.plugin_api import Sample
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.references import with_own_neutral
from gcnet_datasets.files.sequence import notes_on
from gcnet_datasets.files.tree import Tree
from gcnet_datasets.labels import expression_name

ANGLES = {"FL": "full left", "HL": "half left", "S": "straight", "HR": "half right", "FR": "full right"}
MISNAMED = {"AF31V": "AF31SAHL", "AM31H": "AM31SUHR"}
"""Two files whose names lost their end."""
BLACK_BYTES = 12104
"""Size of the few files that show nothing but black."""


class KDEFConfig(PublishedConfig):
    """KDEF: session, sex and number of the person, expression and angle stand in the file name.

    AF01 and BF01 are two sessions of one woman. The reference is the neutral face of the same session and angle. The
    averaged faces of AKDEF mix all people and are left out.
    """

    layout: ClassVar[str] = "  KDEF/AF01/AF01AFS.JPG ..."

    angles: tuple[str, ...] = Field(("S",), min_length=1, description="angles to keep: FL, HL, S (straight), HR, FR")
    instructions: str = Field(
        "KDEF (Lundqvist, Flykt and Öhman 1998) is given away by its authors at Karolinska Institutet, for research.",
        description="what the data are and how to get them",
    )

    def find(self, tree: Tree) -> Iterator[Sample]:
        samples = []
        for name in tree.pictures:
            stem = PurePosixPath(name).stem.upper()
            match = re.fullmatch(r"([AB])([FM]\d\d)(AF|AN|DI|HA|NE|SA|SU)(FL|HL|S|HR|FR)", MISNAMED.get(stem, stem))
            if match and match[4] in self.angles and not _is_black(tree, name):
                session, subject, code, angle = match.groups()
                sex = ("sex", "female" if subject.startswith("F") else "male")
                samples.append(
                    Sample(
                        name, subject, expression_name(code), session=session, lighting=ANGLES[angle], attributes=(sex,)
                    )
                )
        yield from with_own_neutral(samples)

    def why_left_out(self, name: str) -> str:
        other = re.search(r"[AB][FM]\d\d(AF|AN|DI|HA|NE|SA|SU)(FL|HL|S|HR|FR)\.", name.upper())
        return "an angle that is not among data.angles" if other else super().why_left_out(name)

    def notes(self) -> tuple[str, ...]:
        tree = Tree(self.root)
        black = [name for name in tree.pictures if _is_black(tree, name)]
        return notes_on(black, "KDEF: files that show nothing but black, left out")


def _is_black(tree: Tree, name: str) -> bool:
    """Whether a file is one of those that show nothing; only files of their size are decoded."""
    content = tree.read(name) if tree.size(name) == BLACK_BYTES else b""
    if not content:
        return False
    import cv2
    import numpy as np

    pixels = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
    return pixels is not None and float(pixels.mean()) < 10
