"""An exported model that answers through onnxruntime, without torch."""

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from gcnet_core.inference.answers import Answers, KnownPerson, Prepared
from gcnet_core.inference.sharing.graph_description import (
    CODES,
    DISTANCE,
    FACES,
    KEY,
    KNOWN,
    PROBABILITIES,
    REFERENCE,
    GraphDescription,
)
from gcnet_core.inference.sharing.seal import check_seal
from gcnet_core.machine import available_cores
from gcnet_core.plugin_api import UserError
from gcnet_core.runs.record import parse_record


class GraphAnswerer:
    """Answers by a file of `gcnet export`.

    Args:
        session: of onnxruntime, or what runs as it does: `run(outputs, inputs)`.
        description: of the graph.
        name: of the model, for messages.
    """

    def __init__(self, session: Any, description: GraphDescription, name: str) -> None:
        self.session, self.description, self.name = session, description, name
        self.classes, self.image = description.classes, description.image
        self.preparation, self.framing = description.preparation, description.framing
        self.flip, self.temperature = description.flip, description.temperature
        self.compares, self.takes_references = description.compares, description.takes_references
        self.needs_reference, self.has_generator = description.needs_reference, description.has_generator

    @property
    def identity(self) -> str:
        """See `Answerer.identity`; that of the model which was exported, because codes are the same."""
        return self.description.identity

    def answer(self, queries: Prepared, known: KnownPerson | None = None, *, with_reference: bool = False) -> Answers:
        """See `Answerer.answer`."""
        if known is not None and not self.takes_references:
            raise UserError(f"{self.name} takes no pictures of the person")
        if self.needs_reference and (known is None or not known.known.any(axis=1).all()):
            raise UserError(
                f"{self.name} compares each face with a real calm picture of the same person; give one with --reference"
            )
        wanted = [PROBABILITIES]
        if self.compares:
            wanted.append(DISTANCE)
        if with_reference and self.has_generator:
            wanted.append(REFERENCE)
        found = dict(zip(wanted, self.session.run(wanted, self.fed(queries, known)), strict=True))
        return Answers(found[PROBABILITIES], found.get(DISTANCE), found.get(REFERENCE))

    def codes(self, pictures: Prepared, *, calm: bool) -> Float[np.ndarray, "picture embedding"]:
        """See `Answerer.codes`."""
        output = self.description.calm_code if calm else self.description.album_code
        if not self.takes_references or output is None:
            raise UserError(f"{self.name} takes no {'calm pictures' if calm else 'albums'} of the person")
        (codes,) = self.session.run([output], self.fed(pictures, None))
        return np.asarray(codes)

    def fed(self, queries: Prepared, known: KnownPerson | None) -> dict[str, np.ndarray]:
        """What goes into the graph; without known people one empty place for each query."""
        fed: dict[str, np.ndarray] = {FACES: np.ascontiguousarray(queries)}
        if not self.takes_references:
            return fed
        if known is None or not known.codes.shape[1]:
            nothing = np.zeros((len(queries), 1, self.description.embedding or 0), np.float32)
            return {**fed, CODES: nothing, KNOWN: np.zeros((len(queries), 1), bool)}
        return {**fed, CODES: known.codes.astype(np.float32), KNOWN: known.known}


def open_onnx(path: Path, threads: int | None = None) -> GraphAnswerer:
    """Read an exported model.

    Args:
        path: of the .onnx file.
        threads: of the CPU; default: one for each core.

    Raises:
        UserError: if onnxruntime is not installed, or the file is damaged or was not written by `gcnet export`.
    """
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise UserError(f"{path}: an exported model needs onnxruntime: pip install onnxruntime") from error
    check_seal(path, sealed=False)  # before a damaged file is read at all
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or available_cores()
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        metadata = session.get_modelmeta().custom_metadata_map
    except Exception as error:  # its exceptions have no common class
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: damaged, or no model for this onnxruntime ({reason})") from error
    written = metadata.get(KEY)
    if written is None:
        raise UserError(f"{path}: not written by `gcnet export`, so nobody knows which expressions its answers are")
    description = parse_record(f"{path}: its metadata", written, GraphDescription)
    check_seal(path, sealed=description.sealed)  # a flipped bit hides this, or the seal itself, but not both
    return GraphAnswerer(session, description, str(path))
