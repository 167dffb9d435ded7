"""A model as one graph of fixed operations: from prepared faces to calibrated probabilities, for other programs."""

import dataclasses

import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from gcnet_core.inference.sharing.graph_description import (
    CODES,
    DISTANCE,
    FACES,
    KNOWN,
    PROBABILITIES,
    QUERY_CODE,
    REFERENCE,
    REFERENCE_CODE,
)
from gcnet_core.inference.temperature import at_temperature
from gcnet_core.inference.torch_answerer import TorchAnswerer
from gcnet_core.interfaces import Batch, Output, asked
from gcnet_core.plugin_api import UserError


class AnswerGraph(nn.Module):
    """What `TorchAnswerer` does, on tensors alone.

    Args:
        answerer: the model.
    """

    def __init__(self, answerer: TorchAnswerer) -> None:
        super().__init__()
        self.model, self.classes = answerer.model, len(answerer.classes)
        self.temperature, self.flip = answerer.temperature, answerer.flip
        self.compares, self.takes_references = answerer.compares, answerer.takes_references
        self.has_generator = answerer.has_generator

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of what goes in."""
        return (FACES, CODES, KNOWN) if self.takes_references else (FACES,)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of what comes out."""
        compared = (DISTANCE, QUERY_CODE, REFERENCE_CODE) if self.compares else ()
        return (PROBABILITIES, *compared, *((REFERENCE,) if self.has_generator else ()))

    def forward(
        self,
        faces: UInt8[Tensor, "face channel height width"],
        codes: Float[Tensor, "face candidate embedding"] | None = None,
        known: Bool[Tensor, "face candidate"] | None = None,
    ) -> tuple[Tensor, ...]:
        """Answer.

        Args:
            faces: 0 to 255.
            codes: embeddings of pictures of the person in each face; zeros where there are fewer.
            known: where there is one; a face without any is compared with what is made of it.

        Returns:
            What `outputs` names; the codes of a model that answers for the mirror image too are means over both.
        """
        batch = asked(faces.float() / 255, self.classes)
        if codes is not None and known is not None:
            batch = dataclasses.replace(batch, codes=codes, has_codes=known)
        output = self._asked(batch, with_reference=True)
        mirrored = self._asked(batch.mirrored(), with_reference=False) if self.flip else None
        shares = _shares(output)
        if mirrored is not None:
            shares = (shares + _shares(mirrored)) / 2
        found = [at_temperature(shares, self.temperature)]
        if self.compares:
            query, reference = _codes(output)
            found.append((query - reference).norm(dim=1))
            if mirrored is not None:
                other = _codes(mirrored)
                query, reference = (query + other[0]) / 2, (reference + other[1]) / 2
            found += [query, reference]
        if output.reference is not None and self.has_generator:
            found.append((255 * output.reference.float().clamp(0, 1)).round().to(torch.uint8))
        return tuple(found)

    def _asked(self, batch: Batch, *, with_reference: bool) -> Output:
        wanted = {"logits"}
        if self.compares:
            wanted |= {"query_code", "reference_code"}
        if with_reference and self.has_generator:
            wanted.add("reference")
        output: Output = self.model(batch, wanted)
        return output


def _shares(output: Output) -> Float[Tensor, "face class"]:
    assert output.logits is not None
    return output.logits.float().softmax(dim=1)


def _codes(output: Output) -> tuple[Float[Tensor, "face embedding"], Float[Tensor, "face embedding"]]:
    assert output.query_code is not None
    assert output.reference_code is not None
    return output.query_code.float(), output.reference_code.float()


def example(answerer: TorchAnswerer, faces: int = 3, candidates: int = 2) -> tuple[Tensor, ...]:
    """What goes into the graph of a model, without meaning."""
    image = answerer.image
    found = [torch.zeros((faces, image.channels, image.size, image.size), dtype=torch.uint8)]
    if answerer.takes_references:
        width = answerer.codes(found[0][:1].numpy(), calm=True).shape[1]
        known = torch.zeros((faces, candidates), dtype=torch.bool)
        known[1:, 0] = True
        found += [torch.zeros((faces, candidates, width)), known]
    return tuple(found)


def exported(answerer: TorchAnswerer) -> tuple[AnswerGraph, ExportedProgram]:
    """A model as a graph, for any number of faces.

    Args:
        answerer: the model, on the CPU.

    Raises:
        UserError: if a part of it is no graph of fixed operations; the text says why.
    """
    for part in answerer.model.modules():
        if "stochastic" in getattr(getattr(part, "config", None), "tags", ()):
            raise UserError(
                f"{answerer.name} cannot be exported: {getattr(part, 'origin', '') or type(part).__name__} draws at "
                "random when it answers, and a graph could not be compared with it"
            )
    graph = AnswerGraph(answerer).eval()
    face, candidate = Dim("face", min=1), Dim("candidate", min=1)
    shapes = ({0: face}, {0: face, 1: candidate}, {0: face, 1: candidate})[: len(graph.inputs)]
    try:
        with torch.no_grad():
            program = torch.export.export(graph, example(answerer), dynamic_shapes=shapes, strict=True)
    except Exception as error:  # whatever a part does that no graph can hold
        reason = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise UserError(
            f"{answerer.name} cannot be exported: torch.export finds no graph for it ({reason.strip()}); a part that "
            "computes outside torch has none"
        ) from error
    return graph, program
