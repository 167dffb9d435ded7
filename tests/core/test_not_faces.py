"""Images that show no face are found: those unlike the others, if a detector agrees."""

from pathlib import Path

import numpy as np

from gcnet_core.data_validation.image_stats import image_stats
from gcnet_core.data_validation.not_faces import MIN_SUSPECTS, most_unlike, not_faces, permissive_finder
from gcnet_core.faces.config import read_preparation
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.plugin_api import Registry

ODD = 7


def pictures(count: int) -> np.ndarray:
    """Pictures that differ in more smooth directions than are learned, the last ones of random squares."""
    generator = np.random.default_rng(0)
    rows, columns = np.indices((48, 48)) / 47
    waves = np.stack([np.cos(np.pi * (a * rows + b * columns)) for a in range(7) for b in range(7)])
    smooth = np.tensordot(generator.normal(size=(count, 49)) / 3, waves, axes=1)
    smooth += 0.05 * generator.normal(size=smooth.shape)
    smooth[-ODD:] = 3 * generator.integers(0, 2, (ODD, 12, 12)).repeat(4, axis=1).repeat(4, axis=2)
    return (128 + 20 * smooth).clip(0, 255).astype(np.uint8)


def test_the_most_unlike_come_first() -> None:
    images = pictures(MIN_SUSPECTS + 300)
    usable = np.ones(len(images), dtype=bool)
    usable[-1] = False
    suspects = most_unlike(images, usable)
    assert len(suspects) == MIN_SUSPECTS
    assert set(suspects[: ODD - 1]) == set(range(len(images) - ODD, len(images) - 1))
    assert len(most_unlike(images[:50], usable[:50])) == 50


def test_the_detector_has_the_last_word(registry: Registry, tmp_path: Path) -> None:
    images = dict(zip("abcd", pictures(ODD + 4)[:4, :, :, None], strict=True))
    images["flat"] = np.full((48, 48, 1), 7, dtype=np.uint8)
    (tmp_path / "boxes.csv").write_text("image,x,y,width,height\na,1,1,20,20\nc,1,1,20,20\n")
    texts = ["detector.type=boxes", f"detector.file={tmp_path / 'boxes.csv'}"]
    finder = FaceFinder(read_preparation(texts, registry), registry)
    stats = image_stats(sorted(images), images.__getitem__)
    (finding,) = not_faces(stats, images.__getitem__, finder)
    assert finding.images == (("b",), ("d",))
    assert finding.count == 2
    assert "boxes.csv" in finding.text
    assert list(not_faces(stats, images.__getitem__, permissive_finder("none", registry))) == []
