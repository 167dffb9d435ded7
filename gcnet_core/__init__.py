"""gcnet: facial expression recognition by generative-contrastive networks (GCNet, arXiv 1703.07140).

    import gcnet_core as gcnet

    model = gcnet.load()
    print(model.predict("photograph.jpg").to_pandas())

    run = gcnet.run("vae_resnet", {"training.batch_size": 16})
    model = gcnet.load(run.folder)

Public names are imported when they are first asked for, so that `gcnet --help` need not wait for torch.
"""

import importlib
import os
from typing import TYPE_CHECKING, Any

# FFMPEG prints what is wrong with a video; gcnet tells it with the name of the file. OpenCV looks when it is loaded.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

if TYPE_CHECKING:
    from gcnet_core.experiment.python import load_recipe, run
    from gcnet_core.inference.recognizer import Recognizer, load
    from gcnet_core.inference.results import FaceResult, Results
    from gcnet_core.plugin_api import RunFailed, UserError
    from gcnet_core.recipe import Recipe
    from gcnet_core.runs import Run
    from gcnet_core.version import __version__

__all__ = [
    "FaceResult",
    "Recipe",
    "Recognizer",
    "Results",
    "Run",
    "RunFailed",
    "UserError",
    "__version__",
    "load",
    "load_recipe",
    "run",
]

_MODULES = {
    "FaceResult": "inference.results",
    "Recipe": "recipe",
    "Recognizer": "inference.recognizer",
    "Results": "inference.results",
    "Run": "runs",
    "RunFailed": "plugin_api",
    "UserError": "plugin_api",
    "__version__": "version",
    "load": "inference.recognizer",
    "load_recipe": "experiment.python",
    "run": "experiment.python",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
