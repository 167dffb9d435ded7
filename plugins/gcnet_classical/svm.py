"""A support vector machine as a model, on any encoder, alone or with the difference to a reference."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

import torch

from gcnet_classical.config import SVMConfig
from gcnet_classical.machine import Machine
from gcnet_core.interfaces import Batch, BuildContext, Model, Output, Phase, generator_output, generator_phases

BEHIND_CODES = frozenset({"query_code", "reference_code", "features", "logits"})


class SVM(Model):
    """Recognises an expression by a support vector machine with radial kernel, one for each two expressions.

    Args:
        config: encoder, reference and machine.
        context: image size and classes.
    """

    config: SVMConfig

    def __init__(self, config: SVMConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.generator = context.build(config.generator) if config.generator else None
        self.encoder = context.build(config.encoder)
        self.encoder.requires_grad_(False)
        codes = 1 if config.reference == "none" else 2
        self.machine = Machine(codes * self.encoder.width, len(context.classes))

    def forward(self, batch: Batch, required_outputs: AbstractSet[str], *, true_reference: bool = False) -> Output:
        """Compute the wanted fields of the output; see `Model.forward`."""
        true_reference = true_reference or self.config.needs_true_reference()
        needs_codes = bool(required_outputs & BEHIND_CODES)
        compares_estimate = needs_codes and self.config.reference == "generated" and not true_reference
        needs_estimate = "reference" in required_outputs or compares_estimate
        output = generator_output(self.generator, batch, with_reference=needs_estimate)
        if needs_codes:
            self._encode(batch, output, true_reference)
        if "logits" in required_outputs:
            assert output.features is not None
            output.logits = self.machine(output.features)
        return output

    def fit(self, batches: Iterable[Batch]) -> None:
        """Fit the machine to the training samples."""
        features, labels = [], []
        for batch in batches:
            for seen in (batch, batch.mirrored()) if self.config.flip else (batch,):
                output = self(seen, {"features"})
                assert output.features is not None
                features.append(output.features.cpu())
                labels.append(seen.label.cpu())
        gamma = None if self.config.gamma == "scale" else self.config.gamma
        self.machine.fit(
            torch.cat(features), torch.cat(labels), c=self.config.c, gamma=gamma, standardize=self.config.standardize
        )

    def phases(self) -> Sequence[Phase]:
        """The generator's own phases."""
        return generator_phases(self.generator)

    def _encode(self, batch: Batch, output: Output, true_reference: bool) -> None:
        """Fill in the features, and the codes that they are made of where there is a reference."""
        query_code = self.encoder(batch.query)
        output.features = query_code
        if self.config.reference != "none":
            reference = batch.true_reference if true_reference else output.reference
            output.query_code, output.reference_code = query_code, self.encoder(reference)
            output.difference = query_code - output.reference_code
            output.features = torch.cat([output.difference, query_code], dim=1)
