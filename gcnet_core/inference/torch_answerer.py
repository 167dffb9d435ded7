"""A model of gcnet that answers through torch."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gcnet_core.inference.answers import Answers, KnownPerson, Prepared
from gcnet_core.inference.temperature import at_temperature
from gcnet_core.interfaces import Batch, Output
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
        self.takes_references = bool({"reference_code"} & config.available_outputs())
        self.has_generator = "reference" in config.available_outputs()

    @torch.inference_mode()
    def answer(self, queries: Prepared, known: KnownPerson | None = None, *, with_reference: bool = False) -> Answers:
        """See `Answerer.answer`."""
        batch = self._batch(queries)
        wanted = {"logits"}
        if self.takes_references:
            wanted |= {"query_code", "reference_code"}
        if with_reference and self.has_generator:
            wanted.add("reference")
        output = self.model(batch, wanted)
        shares = self._shares(output)
        if self.flip:
            shares = (shares + self._shares(self.model(batch.mirrored(), {"logits"}))) / 2
        shares = at_temperature(shares, self.temperature)
        return Answers(shares.cpu().numpy(), _distance(output), _pictures(output.reference) if with_reference else None)

    def codes(self, pictures: Prepared, *, calm: bool) -> Float[np.ndarray, "picture embedding"]:
        """See `Answerer.codes`."""
        raise UserError(f"{self.name} looks at the query alone, so pictures of the person would change nothing")

    def _shares(self, output: Output) -> Float[Tensor, "face class"]:
        assert output.logits is not None
        return output.logits.float().softmax(dim=1)

    def _batch(self, queries: Prepared) -> Batch:
        """The queries as a user gives them: nothing else is known."""
        query = torch.from_numpy(np.ascontiguousarray(queries)).to(self.model.device).float() / 255
        count = len(query)
        nothing = torch.zeros(count, dtype=torch.bool, device=query.device)
        unknown = torch.full((count,), -1, device=query.device)
        return Batch(
            query=query,
            reference=torch.zeros_like(query),
            has_reference=nothing,
            true_reference=torch.zeros_like(query),
            has_true_reference=nothing,
            label=unknown,
            votes=query.new_zeros((count, len(self.classes))),
            neutral=nothing,
            sample=unknown,
        )


def _distance(output: Output) -> Float[np.ndarray, "face"] | None:
    if output.query_code is None or output.reference_code is None:
        return None
    return np.asarray((output.query_code.float() - output.reference_code.float()).norm(dim=1).cpu().numpy())


def _pictures(images: Tensor | None) -> np.ndarray | None:
    return None if images is None else (255 * images.float().clamp(0, 1)).round().to(torch.uint8).cpu().numpy()
