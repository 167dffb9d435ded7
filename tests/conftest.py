"""Shapes in annotations are checked while tests run; everything that several tests need."""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch is imported
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
if "GCNET_CACHE" not in os.environ:  # workers have that of the process that starts them; no test sees the user's cache
    os.environ["GCNET_CACHE"] = tempfile.mkdtemp(prefix="gcnet-cache-")
    atexit.register(shutil.rmtree, os.environ["GCNET_CACHE"], ignore_errors=True)

from jaxtyping import install_import_hook

ROOT = Path(__file__).parent.parent
CORE = [f"gcnet_core.{name}" for name in ("interfaces", "data", "training", "evaluation", "inference", "faces", "runs")]
PLUGINS = sorted(path.name for path in (ROOT / "plugins").glob("gcnet_*"))

hook = install_import_hook([*CORE, *PLUGINS], "beartype.beartype")

import pytest  # noqa: E402
import torch  # noqa: E402

from gcnet_core.plugin_api import Registry, discover  # noqa: E402

torch.set_num_threads(1)

FACES = ROOT.parent / "shared" / "data"


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that one worker makes for all; tests read it, and copy what they change.

    Args:
        factory: pytest's.
        name: of the folder.
        make: fills the empty folder.
    """
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # each worker has a folder of its own in that of the session
    folder, done = root / f"shared-{name}", root / f"shared-{name}.done"
    with (root / f"shared-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def registry() -> Registry:
    """All installed parts."""
    return discover()


@pytest.fixture(scope="session")
def faces() -> Path:
    """The real faces, which are for research and not in the repository."""
    if not FACES.is_dir():
        pytest.skip(f"no real faces: {FACES} is not there")
    return FACES
