"""A graph made by hand, so that tests of answers without torch need no torch and no exporter."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from gcnet_core.inference.sharing.graph_description import FACES, KEY, PROBABILITIES, GraphDescription
from gcnet_core.plugin_api import ImageConfig
from gcnet_core.runs.record import as_line

CLASSES = ("dark", "bright", "=1+1")
SIZE = 8


def write_graph(path: Path, *, described: bool = True, **changes: Any) -> Path:
    """A file that tells bright faces from dark ones.

    Args:
        path: where to.
        described: whether it says what it is.
        changes: of what it says.
    """
    weights = np.zeros((SIZE * SIZE, 3), np.float32)
    weights[:, 1] = 0.001
    nodes = [
        helper.make_node("Cast", [FACES], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["floats"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weights", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], [PROBABILITIES]),
    ]
    graph = helper.make_graph(
        nodes,
        "faces",
        [helper.make_tensor_value_info(FACES, TensorProto.UINT8, ["face", 1, SIZE, SIZE])],
        [helper.make_tensor_value_info(PROBABILITIES, TensorProto.FLOAT, ["face", 3])],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array([4, 0, -50], np.float32), "bias"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    if described:
        says = {"name": "by hand", "classes": CLASSES, "image": ImageConfig(size=SIZE), "gcnet": "0", "identity": "x"}
        says |= {"framing": {"eye_distance": 0.4, "eye_height": 0.37}}
        helper.set_model_props(model, {KEY: as_line(GraphDescription(**{**says, **changes}))})
    onnx.save(model, path)
    return path
