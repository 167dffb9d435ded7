"""What the cache saves: the images of a recipe decoded without it, into it, and taken from it.

    PYTHONPATH=.:plugins OMP_NUM_THREADS=1 python tests/benchmarks/cache.py vae_resnet
    PYTHONPATH=.:plugins OMP_NUM_THREADS=1 python tests/benchmarks/cache.py fer2013/cnn --set data.folder=FER2013.zip

Prints seconds of processor time of all threads, and by the clock; listing the samples is not in them. The cache is a
new one in a temporary folder.
"""

import argparse
import os
import tempfile
import time

from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.plugin_api import discover
from gcnet_core.recipe import load_recipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe")
    parser.add_argument("--set", action="append", default=[])
    arguments = parser.parse_args()
    registry = discover()
    recipe = load_recipe(arguments.recipe, arguments.set, registry)
    with tempfile.TemporaryDirectory() as folder:
        for cache, what in (("off", "without"), (folder, "into it"), (folder, "from it"), (folder, "from it")):
            os.environ["GCNET_CACHE"] = cache
            listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
            clock, processor = time.perf_counter(), time.process_time()
            table = load_faces(listing, recipe.image)
            print(
                f"{what}: {time.process_time() - processor:.2f} s of processor time, "
                f"{time.perf_counter() - clock:.2f} s by the clock, {len(table.images):,} images"
            )


if __name__ == "__main__":
    main()
