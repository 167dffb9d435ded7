"""Export a model as one file: ONNX, or a program of torch; compared with the model before anybody can use it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gcnet_core.files import beside
from gcnet_core.inference.answers import Prepared
from gcnet_core.inference.onnx_answerer import GraphAnswerer, open_onnx
from gcnet_core.inference.sharing.graph import AnswerGraph, exported
from gcnet_core.inference.sharing.graph_check import TOLERANCE, largest_difference, per_face
from gcnet_core.inference.sharing.graph_description import KEY, QUERY_CODE, REFERENCE_CODE, GraphDescription
from gcnet_core.inference.sharing.seal import write_seal
from gcnet_core.inference.sharing.trial_faces import trial_faces
from gcnet_core.inference.torch_answerer import TorchAnswerer
from gcnet_core.plugin_api import UserError
from gcnet_core.runs.description import ModelDescription
from gcnet_core.runs.record import as_line
from gcnet_core.version import __version__

OPSET = 18
"""Of ONNX: the oldest that torch's exporter writes by itself."""
Quantize = Callable[[Path, Path], dict[str, float]]
"""Makes of a file another one with int8 weights, and says what that changed."""


@dataclass(frozen=True)
class Exported:
    """A file that was written.

    Args:
        file: where it is.
        description: what it says of itself.
        megabytes: its size.
        milliseconds: for a face, one thread, by the number of faces at a time: of the model in torch, and of the file.
    """

    file: Path
    description: GraphDescription
    megabytes: float
    milliseconds: dict[int, tuple[float, float]]


def export_onnx(
    answerer: TorchAnswerer,
    source: ModelDescription,
    file: Path,
    *,
    opset: int = OPSET,
    faces: Prepared | None = None,
    quantize: Quantize | None = None,
) -> Exported:
    """Write an ONNX file that answers as the model does.

    Args:
        answerer: the model, on the CPU.
        source: its model.json.
        file: where to.
        opset: of ONNX.
        faces: prepared ones to compare on, beside noise and pictures with the spectrum of photographs.
        quantize: makes int8 of it, after it was compared.

    Raises:
        UserError: if the model is no graph of fixed operations, or a package is missing.
        RunFailed: if the file answers otherwise than the model; nothing is written.
    """
    _refuse_missing("onnx", "onnxscript", "onnxruntime")
    graph, program = exported(answerer)
    asked = _asked(answerer, faces)
    description = _described(answerer, source, graph, asked).model_copy(update={"opset": opset})
    with beside(file) as written:
        made = torch.onnx.export(
            program, dynamo=True, opset_version=opset, input_names=graph.inputs, output_names=graph.outputs,
            verbose=False,
        )  # fmt: skip
        assert made is not None
        made.save(written, external_data=False)
        _write_metadata(written, description)
        difference = largest_difference(answerer, open_onnx(written, threads=1), asked)
        difference.refuse(answerer.name)
        changes: dict[str, Any] = {"difference": difference.values}
        if quantize:
            plain = written.replace(written.with_name("plain.onnx"))
            changes |= {"quantized": quantize(plain, written), "precision": "int8"}
        description = description.model_copy(update={**changes, "sealed": True})
        _write_metadata(written, description)
        write_seal(written)
        times = per_face(answerer, open_onnx(written, threads=1), asked)
    return Exported(file, description, file.stat().st_size / 1e6, times)


def export_torch(
    answerer: TorchAnswerer, source: ModelDescription, file: Path, *, faces: Prepared | None = None
) -> Exported:
    """Write a program of torch (`torch.export.load`) that answers as the model does, without gcnet.

    Args:
        answerer: the model, on the CPU.
        source: its model.json.
        file: where to.
        faces: as of `export_onnx`.

    Raises:
        UserError: if the model is no graph of fixed operations.
        RunFailed: if the file answers otherwise than the model; nothing is written.
    """
    graph, program = exported(answerer)
    asked = _asked(answerer, faces)
    description = _described(answerer, source, graph, asked)
    with beside(file) as written:
        compared = GraphAnswerer(_ProgramSession(program.module(), graph), description, str(file))
        difference = largest_difference(answerer, compared, asked)
        difference.refuse(answerer.name)
        description = description.model_copy(update={"difference": difference.values})
        torch.export.save(program, written, extra_files={f"{KEY}.json": as_line(description)})
        times = per_face(answerer, compared, asked)
    return Exported(file, description, file.stat().st_size / 1e6, times)


class _ProgramSession:
    """A program of torch that runs as a session of onnxruntime does."""

    def __init__(self, module: torch.nn.Module, graph: AnswerGraph) -> None:
        self._module, self._inputs, self._outputs = module, graph.inputs, graph.outputs

    @torch.inference_mode()
    def run(self, wanted: Sequence[str], fed: dict[str, np.ndarray]) -> list[np.ndarray]:
        found = self._module(*(torch.from_numpy(fed[name]) for name in self._inputs))
        named = dict(zip(self._outputs, found, strict=True))
        return [named[name].numpy() for name in wanted]


def _asked(answerer: TorchAnswerer, faces: Prepared | None) -> Prepared:
    drawn = trial_faces(answerer.image, 16)
    return drawn if faces is None else np.concatenate([drawn, faces])


def _described(
    answerer: TorchAnswerer, source: ModelDescription, graph: AnswerGraph, faces: Prepared
) -> GraphDescription:
    """What is known of a graph before it is a file."""
    shared = set(GraphDescription.model_fields) & set(ModelDescription.model_fields) - {"image", "precision"}
    codes = _code_outputs(answerer, graph, faces[:8]) if answerer.takes_references else {}
    return GraphDescription(
        **source.model_dump(include=shared - {"temperature", "flip"}),
        name=answerer.name,
        image=answerer.image,
        flip=answerer.flip,
        temperature=answerer.temperature,
        gcnet=__version__,
        compares=answerer.compares,
        takes_references=answerer.takes_references,
        needs_reference=answerer.needs_reference,
        has_generator=answerer.has_generator,
        identity=answerer.identity,
        **codes,
    )


@torch.inference_mode()
def _code_outputs(answerer: TorchAnswerer, graph: AnswerGraph, faces: Prepared) -> dict[str, Any]:
    """Which outputs are the codes of pictures: that of the query, or of what the generator makes of it."""
    outputs = dict(zip(graph.outputs, graph(torch.from_numpy(faces)), strict=True))
    found: dict[str, Any] = {}
    for key, calm in (("calm_code", True), ("album_code", False)):
        codes = answerer.codes(faces, calm=calm)
        found["embedding"] = codes.shape[1]
        apart = {name: _apart(outputs[name].numpy(), codes) for name in (QUERY_CODE, REFERENCE_CODE)}
        found[key] = min(apart, key=apart.__getitem__)
        if not apart[found[key]] <= TOLERANCE[key]:
            raise UserError(
                f"{answerer.name} cannot be exported: the codes of pictures of a person are none of its outputs"
            )
    return found


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).max()) if one.shape == other.shape else float("inf")


def _write_metadata(file: Path, description: GraphDescription) -> None:
    import onnx

    model = onnx.load(file)
    for node in model.graph.node:  # which line of whose file made it is nobody's business
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    onnx.helper.set_model_props(model, {KEY: as_line(description)})
    model.producer_name, model.producer_version = "gcnet", description.gcnet
    onnx.save(model, file)


def _refuse_missing(*packages: str) -> None:
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise UserError(f"to export as ONNX {' and '.join(missing)} must be installed: pip install 'gcnet[onnx]'")
