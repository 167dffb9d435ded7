"""The seal of an exported file: every flipped bit is told, and a file without one is read as before."""

from pathlib import Path
from random import Random

import pytest

from gcnet_core.inference.onnx_answerer import open_onnx
from gcnet_core.inference.sharing.seal import write_seal
from gcnet_core.plugin_api import UserError
from tests.benchmarks.damaged_folders import flipped
from tests.inference.made_graph import CLASSES, write_graph


def test_every_flipped_bit_of_a_sealed_file_is_told(tmp_path: Path) -> None:
    assert open_onnx(write_graph(tmp_path / "old.onnx"), 1).classes == CLASSES
    path, random = write_graph(tmp_path / "model.onnx", sealed=True), Random(0)
    with pytest.raises(UserError, match="by the checksum at its end"):
        open_onnx(path, 1)
    write_seal(path)
    assert open_onnx(path, 1).classes == CLASSES
    whole = path.read_bytes()
    for _ in range(200):
        path.write_bytes(flipped(whole, random))
        with pytest.raises(UserError, match=r"model\.onnx"):
            open_onnx(path, 1)
    path.write_bytes(whole[:-1])
    with pytest.raises(UserError, match=r"model\.onnx"):
        open_onnx(path, 1)
