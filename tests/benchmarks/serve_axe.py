"""Whether the page of `gcnet serve` is accessible, as axe-core sees it: desktop and phone, light and dark.

    npm pack axe-core && tar xzf axe-core-*.tgz
    python tests/benchmarks/serve_axe.py MODEL ../shared/data/london/smiling_001_08.jpg --axe package/axe.min.js

Ends with 1 if anything is found. `--output FOLDER` keeps what the page looks like.
"""

import argparse
import sys
import tempfile
import threading
from pathlib import Path

import uvicorn

sys.path.insert(0, str(Path(__file__).parents[2]))

from gcnet_core.inference.recognizer import load
from gcnet_core.serve.app import create_app
from gcnet_core.serve.limits import Limits
from gcnet_core.serve.predictor import Predictor
from gcnet_core.serve.server import address, listen
from tests.serve.browser import browser

VIEWS = [(1280, 900, False), (1280, 900, True), (390, 844, False), (390, 844, True)]
VIOLATIONS = "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' | ')))"


def main() -> int:
    """Print what is found; how much."""
    words = argparse.ArgumentParser()
    words.add_argument("model")
    words.add_argument("photograph", type=Path)
    words.add_argument("--axe", type=Path, required=True)
    words.add_argument("--output", type=Path)
    given = words.parse_args()
    listening = listen("127.0.0.1", 0)
    url = address(listening, "127.0.0.1")
    app = create_app(Predictor(load(given.model), Limits()))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    threading.Thread(target=server.run, args=([listening],), daemon=True).start()
    found = 0
    with tempfile.TemporaryDirectory() as folder, browser(Path(folder)) as page:
        for width, height, dark in VIEWS:
            view = f"{width}x{height}{' dark' if dark else ''}"
            page.open(url, width, height, dark)
            page.wait_for("document.getElementById('model').textContent.includes(':')")
            page.evaluate("document.getElementById('options').open = true")
            page.choose("#files", given.photograph)
            page.wait_for("document.getElementById('stop').hidden && document.getElementById('status').textContent")
            for path in ("", "about"):
                if path:
                    page.open(url + path, width, height, dark)
                page.evaluate(given.axe.read_text(encoding="utf-8") + "; 0")
                violations = page.evaluate(VIOLATIONS)
                found += len(violations)
                print(f"{view} /{path}: {len(violations)} violations", *violations, sep="\n  ")
                if given.output:
                    given.output.mkdir(parents=True, exist_ok=True)
                    page.screenshot(given.output / f"{view.replace(' ', '_')}{path}.png")
    server.should_exit = True
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main())
