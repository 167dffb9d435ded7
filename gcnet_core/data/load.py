"""From the `data` and `image` sections of a recipe to a table of faces."""

from collections.abc import Callable

from gcnet_core.data.faces import FaceTable, read_faces
from gcnet_core.interfaces.context import BuildContext
from gcnet_core.interfaces.dataset import Dataset
from gcnet_core.plugin_api import ImageConfig, Part, Registry, ordered_classes


def load_faces(
    data: Part,
    image: ImageConfig,
    registry: Registry,
    classes: tuple[str, ...] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> FaceTable:
    """Build a data set and decode it.

    Args:
        data: the chosen data set.
        image: size and channels to prepare.
        registry: where the data set's code is found.
        classes: expression names in the order of the labels; default: those of the data, in canonical order.
        progress: called with the number of images done and in all.

    Raises:
        MissingData: if files are not where the recipe says.
        UserError: if a file's content is wrong.
    """
    dataset: Dataset = BuildContext(registry, image).build(data)
    names = classes or ordered_classes([sample.expression for sample in dataset.samples])
    return read_faces(dataset.samples, names, dataset.read, image, progress)
