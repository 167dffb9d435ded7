"""A model of gcnet that answers through torch."""

import dataclasses
import hashlib
import json
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gcnet_core.inference.answers import Answers, KnownPerson, Prepared
from gcnet_core.inference.temperature import at_temperature
from gcnet_core.interfaces import Batch, Output, asked, picture_codes
from gcnet_core.plugin_api import UserError
from gcnet_core.storage import SavedModel


class TorchAnswerer:
    """Answers by a saved model.

    Args:
        saved: the model, on its device.
        name: of the model, for messages.
    """

    def __init__(self, saved: SavedModel, name: str) -> None:
        description, config = saved.description, saved.part.config
        self.model, self.name = saved.model, name
        self.classes, self.image = saved.classes, saved.image
        self.preparation, self.framing = description.preparation, description.framing
        self.flip, self.temperature = description.flip, description.temperature
        self.compares = "reference_code" in config.available_outputs()
        self.takes_references = "candidate_codes" in config.available_outputs()
        self.needs_reference = config.needs_true_reference()
        self.has_generator = "reference" in config.available_outputs()

    @cached_property
    def identity(self) -> str:
        """See `Answerer.identity`."""
        said = (self.classes, self.image.model_dump(mode="json"), self.preparation, self.framing, self.flip)
        checksum = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode())
        for name, tensor in sorted(self.model.state_dict().items()):
            checksum.update(name.encode())
            checksum.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
        return checksum.hexdigest()

    @torch.inference_mode()
    def answer(self, queries: Prepared, known: KnownPerson | None = None, *, with_reference: bool = False) -> Answers:
        """See `Answerer.answer`."""
        batch = self._batch(self._faces(queries), known)
        wanted = {"logits"}
        if self.compares:
            wanted |= {"query_code", "reference_code"}
        if with_reference and self.has_generator:
            wanted.add("reference")
        output = self.model(batch, wanted)
        shares = at_temperature(self._mirrored_too(batch, self._shares(output)), self.temperature)
        return Answers(shares.cpu().numpy(), _distance(output), _pictures(output.reference) if with_reference else None)

    def probabilities(
        self, faces: Float[Tensor, "face channel height width"], known: KnownPerson | None = None
    ) -> Float[Tensor, "face class"]:
        """The probabilities of an answer, as a function of pixels in [0, 1]: gradients pass where parts let them."""
        batch = self._batch(faces, known)
        shares = self._mirrored_too(batch, self._shares(self.model(batch, {"logits"})))
        return at_temperature(shares, self.temperature)

    @torch.inference_mode()
    def codes(self, pictures: Prepared, *, calm: bool) -> Float[np.ndarray, "picture embedding"]:
        """See `Answerer.codes`."""
        if not self.takes_references:
            raise UserError(self._why_no_references())
        faces = self._faces(pictures)
        codes = picture_codes(self.model, faces, len(self.classes), calm=calm)
        if self.flip:  # as if each mirror image stood in the album too
            codes = (codes + picture_codes(self.model, faces.flip(-1), len(self.classes), calm=calm)) / 2
        return np.asarray(codes.float().cpu().numpy())

    def _why_no_references(self) -> str:
        if self.compares:
            return f"{self.name} joins pictures, or weighs them by their distance from rest, which no embedding tells"
        if self.model.config.uses_album():
            return f"{self.name} adapts to the pictures of an album themselves, which embeddings cannot stand for"
        return f"{self.name} looks at the query alone, so pictures of the person would change nothing"

    def _mirrored_too(self, batch: Batch, shares: Float[Tensor, "face class"]) -> Float[Tensor, "face class"]:
        """The mean with the answers for the mirror images, if the model answers so."""
        return (shares + self._shares(self.model(batch.mirrored(), {"logits"}))) / 2 if self.flip else shares

    def _shares(self, output: Output) -> Float[Tensor, "face class"]:
        assert output.logits is not None
        return output.logits.float().softmax(dim=1)

    def _faces(self, pictures: Prepared) -> Float[Tensor, "face channel height width"]:
        return torch.from_numpy(np.ascontiguousarray(pictures)).to(self.model.device).float() / 255

    def _batch(self, faces: Float[Tensor, "face channel height width"], known: KnownPerson | None) -> Batch:
        """The queries as a user gives them, with what is known of their people."""
        batch = asked(faces, len(self.classes))
        if self.needs_reference and (known is None or not known.known.any(axis=1).all()):
            raise UserError(
                f"{self.name} compares each face with a real calm picture of the same person; give one with --reference"
            )
        if known is None:
            return batch
        if not self.takes_references:
            raise UserError(self._why_no_references())
        codes = torch.from_numpy(np.ascontiguousarray(known.codes, dtype=np.float32))
        has_codes = torch.from_numpy(np.ascontiguousarray(known.known))
        device = batch.query.device
        return dataclasses.replace(batch, codes=codes.to(device), has_codes=has_codes.to(device))


def _distance(output: Output) -> Float[np.ndarray, "face"] | None:
    if output.query_code is None or output.reference_code is None:
        return None
    return np.asarray((output.query_code.float() - output.reference_code.float()).norm(dim=1).cpu().numpy())


def _pictures(images: Tensor | None) -> np.ndarray | None:
    return None if images is None else (255 * images.float().clamp(0, 1)).round().to(torch.uint8).cpu().numpy()
