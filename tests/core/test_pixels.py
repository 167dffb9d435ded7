"""What a data set reads is a picture, or it is told in one sentence, wherever it is read."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.data_validation.image_stats import image_stats
from gcnet_core.faces.config import read_preparation
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.faces.prepare import prepare_faces
from gcnet_core.interfaces import BuildContext, Dataset
from gcnet_core.plugin_api import ComponentSpec, DatasetConfig, ImageConfig, PluginError, Registry, Sample

GREY = np.full((9, 7, 1), 200, dtype=np.uint8)
WRONG: dict[str, tuple[Any, str]] = {
    "floats": (GREY / 255, "an array of float64, [9, 7, 1], 0.784314 to 0.784314"),
    "two sides": (GREY[:, :, 0], "an array of uint8, [9, 7], 200 to 200"),
    "channels first": (GREY.transpose(2, 0, 1), "an array of uint8, [1, 9, 7], 200 to 200"),
    "four channels": (np.repeat(GREY, 4, axis=2), "an array of uint8, [9, 7, 4], 200 to 200"),
    "marks": (GREY > 100, "an array of bool, [9, 7, 1]"),
    "no pixel": (GREY[:0], "an array of uint8, [0, 7, 1]"),
    "nothing": (None, "None"),
    "a list": (GREY.tolist(), "a list"),
}


class Given(Dataset):
    """Reads what the test says."""

    answer: Any

    def __init__(self, config: DatasetConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.samples = (Sample("a.png", "s1", "anger"), Sample("b.png", "s2", "neutral"))

    def read(self, name: str) -> Any:
        return self.answer


@pytest.fixture
def given() -> Registry:
    registry = Registry()
    spec = ComponentSpec("dataset", "given", DatasetConfig, f"{__name__}:Given", "given pictures")
    registry.add(spec, "gcnet-given", "1.0")
    return registry


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("sets", [1, 2])
def test_what_is_no_picture_is_told_where_it_is_read(
    name: str, sets: int, given: Registry, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels, described = WRONG[name]
    monkeypatch.setattr(Given, "answer", pixels, raising=False)
    image = ImageConfig(size=8)
    listing = list_samples([given.part("dataset", "given")] * sets, {}, image, given)
    finder = FaceFinder(read_preparation(["detector.type=none"], registry), registry)
    for read in (
        lambda: load_faces(listing, image),
        lambda: image_stats(["given-1:a.png" if sets == 2 else "a.png"], listing.read),
        lambda: prepare_faces(listing, tmp_path / "out", finder),
    ):
        with pytest.raises(PluginError) as error:
            read()
        told = str(error.value)
        assert f"read('a.png') gave {described}; expected an array of uint8, 0 to 255, [height, width, 1 or 3]" in told
        assert told.count("\n") == 0


def test_the_data_set_and_who_brought_it_are_named(given: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Given, "answer", None, raising=False)
    listing = list_samples([given.part("dataset", "given")], {}, ImageConfig(size=8), given)
    with pytest.raises(PluginError, match=r"^the dataset given of gcnet-given 1\.0: read\('a\.png'\) gave None"):
        listing.read("a.png")


@pytest.mark.parametrize("channels", [1, 3])
def test_views_of_pictures_are_pictures(channels: int, given: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.repeat(GREY, channels, axis=2)[:, ::-1]
    pixels.flags.writeable = False
    monkeypatch.setattr(Given, "answer", pixels, raising=False)
    faces = load_faces(
        list_samples([given.part("dataset", "given")], {}, ImageConfig(size=8), given), ImageConfig(size=8)
    )
    assert faces.images.shape == (2, 1, 8, 8)
