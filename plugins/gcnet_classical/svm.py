"""A support vector machine as a model, on any encoder, alone or with the difference to a reference."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

import torch

from gcnet_classical.config import SVMConfig
from gcnet_classical.machine import Machine
from gcnet_core.interfaces import Batch, BuildContext, Model, Output, Phase


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
        output = Output()
        given = true_reference or self.config.needs_true_reference()
        codes = required_outputs & {"query_code", "reference_code", "features", "logits"}
        needs_estimate = codes and self.config.reference == "generated" and not given
        if self.generator is not None and ("reference" in required_outputs or needs_estimate):
            estimate = self.generator.predict(batch)
            output.reference, output.extra_losses = estimate.reference, estimate.extra_losses
        elif self.generator is not None and self.generator.training:
            output.extra_losses = self.generator.extra_losses(batch)
        if codes:
            self._describe(batch, output, given)
        if "logits" in required_outputs:
            assert output.features is not None
            output.logits = self.machine(output.features)
        return output

    def fit(self, batches: Iterable[Batch]) -> None:
        """Fit the machine to the training samples."""
        features, labels = [], []
        for batch in batches:
            for seen in (batch, batch.mirrored()) if self.config.flip else (batch,):
                described = self(seen, {"features"}).features
                assert described is not None
                features.append(described.cpu())
                labels.append(seen.label.cpu())
        gamma = None if self.config.gamma == "scale" else self.config.gamma
        self.machine.fit(
            torch.cat(features), torch.cat(labels), c=self.config.c, gamma=gamma, standardize=self.config.standardize
        )

    def phases(self) -> Sequence[Phase]:
        """The generator's own phases."""
        return self.generator.phases() if self.generator is not None else ()

    def _describe(self, batch: Batch, output: Output, given: bool) -> None:
        query = self.encoder(batch.query)
        output.features = query
        if self.config.reference != "none":
            reference = batch.true_reference if given else output.reference
            output.query_code, output.reference_code = query, self.encoder(reference)
            output.difference = query - output.reference_code
            output.features = torch.cat([output.difference, query], dim=1)
