"""GCNet: query -> reference -> codes -> difference -> logits -> reconstructions (arXiv 1703.07140, figure 2)."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from gcnet_core.interfaces import Batch, BuildContext, Model, Output, Phase, generator_output, generator_phases
from gcnet_paper.model_config import GCNetConfig

CODES = frozenset({"query_code", "reference_code", "target_code"})
RECONSTRUCTIONS = frozenset({"query_reconstruction", "reference_reconstruction"})
BEHIND_DELTA = frozenset({"features", "difference", "logits"})
BEHIND_CODES = CODES | RECONSTRUCTIONS | BEHIND_DELTA


class GCNet(Model):
    """Recognises an expression from the difference between a face and its generated neutral reference.

    Args:
        config: the choice of parts and how they are joined.
        context: image size, classes, and where parts are found.
    """

    config: GCNetConfig

    def __init__(self, config: GCNetConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.generator = context.build(config.generator) if config.generator else None
        self.encoder = context.build(config.encoder)
        self.delta = context.build(config.delta, in_features=self.encoder.width)
        self.classifier = context.build(config.classifier, in_features=self.delta.width)
        self.decoder = context.build(config.decoder, in_features=self.encoder.width) if config.decoder else None

    def forward(self, batch: Batch, required_outputs: AbstractSet[str], *, true_reference: bool = False) -> Output:
        """Compute the wanted fields of the output; see `Model.forward`."""
        true_reference = true_reference or self.config.needs_true_reference()
        needs_codes = bool(required_outputs & BEHIND_CODES)
        needs_estimate = "reference" in required_outputs or (needs_codes and not true_reference)
        output = generator_output(self.generator, batch, with_reference=needs_estimate)
        if not needs_codes:
            return output
        reference = batch.true_reference if true_reference else self.chosen_reference(output, batch)
        output.query_code, output.reference_code, *others = self.encode(
            batch.query, reference, *((batch.reference,) if "target_code" in required_outputs else ())
        )
        if others:
            output.target_code = others[0].detach()
        if required_outputs & BEHIND_DELTA:
            output.features = self.delta(output.query_code, output.reference_code)
            output.difference = output.features[:, : self.delta.difference_width]
            output.logits = self.classifier(output.features)
        if self.decoder is not None and required_outputs & RECONSTRUCTIONS:
            output.query_reconstruction = self.decoder(output.query_code)
            output.reference_reconstruction = self.decoder(output.reference_code)
        return output

    def encode(
        self, *images: Float[Tensor, "batch channel height width"]
    ) -> tuple[Float[Tensor, "batch embedding"], ...]:
        """Codes of queries, references and what else is to be compared with them.

        All pass through the encoder as one batch: batch norm would otherwise centre each set on its own and so
        remove a part of the very difference that is looked for.
        """
        codes = self.encoder(torch.cat(images))
        if self.config.normalize == "l2":
            codes = functional.normalize(codes.float(), dim=1)
        return tuple(codes.chunk(len(images)))

    def phases(self) -> Sequence[Phase]:
        """The generator's own phases."""
        return generator_phases(self.generator)

    def chosen_reference(self, output: Output, batch: Batch) -> Float[Tensor, "batch channel height width"]:
        """The generated reference; in training, for the share of samples that the recipe says, a given one."""
        assert output.reference is not None
        reference = output.reference if self.config.generator_gradient else output.reference.detach()
        if not (self.encoder.training and self.config.true_reference_prob):
            return reference
        given = torch.rand(len(batch), device=reference.device) < self.config.true_reference_prob
        given = (given & batch.has_true_reference).view(-1, 1, 1, 1)
        return torch.where(given, batch.true_reference, reference)
