"""gcnet: facial expression recognition by generative-contrastive networks (GCNet, arXiv 1703.07140).

    import gcnet_core as gcnet

    model = gcnet.load()
    print(model.predict("photograph.jpg").to_pandas())

Public names are imported when they are first asked for, so that `gcnet --help` need not wait for torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

from gcnet_core.version import __version__

if TYPE_CHECKING:
    from gcnet_core.inference.recognizer import Recognizer, load
    from gcnet_core.inference.results import FaceResult, Results

__all__ = ["FaceResult", "Recognizer", "Results", "__version__", "load"]

_MODULES = {
    "FaceResult": "inference.results",
    "Recognizer": "inference.recognizer",
    "Results": "inference.results",
    "load": "inference.recognizer",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
