"""Small ONNX files in the formats of face detectors, whose faces follow from the picture in a closed form.

Each cell of their maps is as sure as its part of the picture is bright, so that a white square is a face.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LANDMARKS = (0.3, 0.4, 0.7, 0.4, 0.5, 0.6, 0.35, 0.8, 0.65, 0.8)
"""x and y of right eye, left eye, nose, and corners of the mouth, as shares of the box."""


def _constant(name: str, values: object) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(values, dtype=np.float32), name)


def _save(path: Path, nodes: list, constants: list, outputs: dict[str, list], size: list) -> Path:
    graph = helper.make_graph(
        nodes,
        "detector",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, size)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, path)
    return path


def centerface_file(path: Path, side: float, fixed: bool = False) -> Path:
    """Faces of `side` pixels, centred at the cells of 4 pixels that are white.

    With `fixed` the file says that it takes ten pictures of 32 x 32 pixels.
    """
    log = float(np.log(side / 4))
    maps = {
        "scale": np.full((1, 2, 1, 1), log),
        "offset": np.zeros((1, 2, 1, 1)),
        "landmarks": np.array(LANDMARKS).reshape(5, 2)[:, ::-1].reshape(1, 10, 1, 1),  # y before x
    }
    nodes = [
        helper.make_node("ReduceMean", ["input"], ["grey"], axes=[1], keepdims=1),
        helper.make_node("AveragePool", ["grey"], ["pooled"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Mul", ["pooled", "gain"], ["heat"]),
        helper.make_node("Mul", ["pooled", "zero"], ["empty"]),
    ]
    constants = [_constant("gain", 1 / 255), _constant("zero", 0.0)]
    for name, values in maps.items():
        nodes.append(helper.make_node("Add", ["empty", f"{name}_values"], [name]))
        constants.append(_constant(f"{name}_values", values))
    shapes = {
        name: [10, count, 8, 8] if fixed else [1, count, "rows", "columns"]
        for name, count in (("heat", 1), ("scale", 2), ("offset", 2), ("landmarks", 10))
    }
    return _save(path, nodes, constants, shapes, [10, 3, 32, 32] if fixed else [1, 3, "height", "width"])


def yunet_file(path: Path, side: float, size: tuple[int, int]) -> Path:
    """Faces of `side` pixels at the cells of 32 pixels that are white; none at the finer strides."""
    nodes = [helper.make_node("ReduceMean", ["input"], ["grey"], axes=[1], keepdims=1)]
    constants = [_constant("zero", 0.0)]
    outputs: dict[str, dict[str, list]] = {"cls": {}, "obj": {}, "bbox": {}, "kps": {}}
    lengths = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
    for stride in (8, 16, 32):
        shape = f"shape_{stride}"
        constants += [
            numpy_helper.from_array(np.array([1, -1, 1], dtype=np.int64), shape),
            _constant(f"gain_{stride}", 1 / 255 if stride == 32 else 0.0),
            _constant(f"box_{stride}", [[[0.5, 0.5, np.log(side / stride), np.log(side / stride)]]]),
            _constant(f"points_{stride}", [[(np.array(LANDMARKS) - 0.5) * side / stride + 0.5]]),
        ]
        pool = {"kernel_shape": [stride, stride], "strides": [stride, stride]}
        nodes += [
            helper.make_node("AveragePool", ["grey"], [f"pooled_{stride}"], **pool),
            helper.make_node("Reshape", [f"pooled_{stride}", shape], [f"flat_{stride}"]),
            helper.make_node("Mul", [f"flat_{stride}", f"gain_{stride}"], [f"cls_{stride}"]),
            helper.make_node("Mul", [f"flat_{stride}", f"gain_{stride}"], [f"obj_{stride}"]),
            helper.make_node("Mul", [f"flat_{stride}", "zero"], [f"empty_{stride}"]),
            helper.make_node("Add", [f"empty_{stride}", f"box_{stride}"], [f"bbox_{stride}"]),
            helper.make_node("Add", [f"empty_{stride}", f"points_{stride}"], [f"kps_{stride}"]),
        ]
        for kind, names in outputs.items():
            names[f"{kind}_{stride}"] = [1, size[0] * size[1] // stride**2, lengths[kind]]
    return _save(path, nodes, constants, {k: v for names in outputs.values() for k, v in names.items()}, [1, 3, *size])
