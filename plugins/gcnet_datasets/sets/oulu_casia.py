"""Oulu-CASIA NIR&VIS (Zhao et al., Image and Vision Computing 2011): 80 people, six expressions, three lights."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from gcnet_core.plugin_api import Sample
from gcnet_datasets.files.base import PublishedConfig, folds_by_subject
from gcnet_datasets.files.names import folder_of
from gcnet_datasets.files.sequence import in_order, notes_on, peak_samples
from gcnet_datasets.files.tree import Tree
from gcnet_datasets.labels import expression_name

SEQUENCES = 480


class OuluCASIAConfig(PublishedConfig):
    """Oulu-CASIA: the last frames of each sequence, the first (000.jpeg) as reference.

    Default: visible light, strong, as papers report it: 480 sequences, 1440 images. Folds: subjects in ascending order,
    modulo ten.
    """

    layout: ClassVar[str] = (
        "  OriginalImg/VL/Strong/P001/Anger/000.jpeg ...            (version: original)\n"
        "  PreProcess_Img/VL_Acropped/Strong/P001/Anger/000.jpeg ... (version: cropped)"
    )

    version: Literal["original", "cropped"] = Field("original", description="whole pictures, or the published crops")
    spectrum: Literal["VL", "NI"] = Field("VL", description="visible light or near infrared")
    light: Literal["Strong", "Weak", "Dark"] = Field("Strong", description="illumination")
    peaks: int = Field(3, ge=1, le=10_000, description="frames taken from the end of each sequence")
    neutral: bool = Field(False, description="add the first frame of each sequence as a neutral sample")
    instructions: str = Field(
        "Oulu-CASIA NIR&VIS (Zhao et al. 2011) is given away on request by the University of Oulu, for research.",
        description="what the data are and how to get them",
    )

    def find(self, tree: Tree) -> Iterator[Sample]:
        folder = self.spectrum if self.version == "original" else f"{self.spectrum}_Acropped"
        sequences: dict[tuple[str, str], list[str]] = defaultdict(list)
        for name, match in tree.matching(rf"(?:^|/){folder}/{self.light}/(P\d+)/([A-Z]+)/\d+\.jpe?g$"):
            sequences[match[1].upper(), expression_name(match[2])].append(name)
        folds = folds_by_subject(Sample("", subject, "") for subject, _ in sequences)
        for (subject, expression), copies in sorted(sequences.items()):
            names = in_order(copies)
            shown = Sample(names[0], subject, expression, session=expression, fold=folds[subject])
            yield from peak_samples(names, shown, "last", self.peaks, neutral=self.neutral)

    def why_left_out(self, name: str) -> str:
        other = re.search(r"(?:^|/)(?:VL|NI)(?:_Acropped)?/(Strong|Weak|Dark)/P\d+/", name, re.IGNORECASE)
        chosen = folder_of(name) in self.neighbors or other is None
        return super().why_left_out(name) if chosen else "another version, spectrum or light than was chosen"

    def notes(self) -> tuple[str, ...]:
        found = len({(sample.subject, sample.session) for sample in self.all_samples})
        if found == SEQUENCES:
            return ()
        empty = [name for name in Tree(self.root).empty if re.search(r"P\d+/[A-Z]+$", name, re.IGNORECASE)]
        return (
            f"Oulu-CASIA: {found} sequences hold frames, of {SEQUENCES}.",
            *notes_on(empty, "Folders without a frame, left out"),
        )
