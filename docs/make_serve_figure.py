"""Draw docs/figures/serve.png: the page of `gcnet serve` with a photograph, in a headless Chromium.

    python docs/make_serve_figure.py MODEL ../shared/data/london/smiling_001_08.jpg

MODEL is whatever `gcnet serve` takes. Only photographs that may be shown: those of the London set, with their credit.
"""

import sys
import tempfile
import threading
from pathlib import Path

import cv2
import uvicorn

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from gcnet_core.inference.recognizer import load  # noqa: E402
from gcnet_core.serve.app import create_app  # noqa: E402
from gcnet_core.serve.limits import Limits  # noqa: E402
from gcnet_core.serve.predictor import Predictor  # noqa: E402
from gcnet_core.serve.server import address, listen  # noqa: E402
from tests.serve.browser import browser  # noqa: E402

TARGET = ROOT / "docs" / "figures" / "serve.png"
COLORS = 200
"""Of the file, so that it stays small."""


def draw(model: str, photographs: list[Path], width: int = 1000) -> None:
    """Take the picture."""
    listening = listen("127.0.0.1", 0)
    app = create_app(Predictor(load(model), Limits()))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    threading.Thread(target=server.run, args=([listening],), daemon=True).start()
    with tempfile.TemporaryDirectory() as folder, browser(Path(folder)) as page:
        page.open(address(listening, "127.0.0.1"), width=width)
        page.wait_for("document.getElementById('model').textContent.includes(':')")
        page.choose("#files", *photographs)
        page.wait_for("document.getElementById('stop').hidden && document.getElementById('status').textContent")
        page.wait_for("[...document.images].every(image => image.complete)")
        page.screenshot(TARGET)
    server.should_exit = True
    shrink(TARGET)


def shrink(path: Path) -> None:
    """Keep fewer colors, which a page has anyway."""
    from PIL import Image

    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLORS).save(path, optimize=True)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB, {cv2.imread(str(path)).shape}")


if __name__ == "__main__":
    draw(sys.argv[1], list(map(Path, sys.argv[2:])))
