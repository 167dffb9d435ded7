"""A support vector machine as a model, on any encoder, alone or with the difference to a reference."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

import torch
from torch import Tensor

from gcnet_classical.config import SVMConfig
from gcnet_classical.machine import Machine
from gcnet_core.interfaces import (
    Batch,
    BuildContext,
    Model,
    Output,
    Phase,
    candidate_codes,
    chosen_candidates,
    compared_codes,
    generator_count,
    generator_output,
    generator_phases,
)

BEHIND_CODES = frozenset({"candidates", "candidate_codes", "query_code", "reference_code", "features", "logits"})


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
        self.reference = context.build(config.reference) if config.reference else None
        self.join = context.build(config.join).requires_grad_(False)
        self.encoder = context.build(config.encoder).requires_grad_(False)
        codes = 1 if self.reference is None else 2
        self.machine = Machine(codes * self.encoder.width, len(context.classes))

    def forward(self, batch: Batch, required_outputs: AbstractSet[str], *, true_reference: bool = False) -> Output:
        """Compute the wanted fields of the output; see `Model.forward`."""
        needs_codes = bool(required_outputs & BEHIND_CODES)
        needs_estimate = "reference" in required_outputs or (needs_codes and self._compares_estimate(true_reference))
        output = generator_output(self.generator, batch, with_reference=needs_estimate)
        if needs_codes:
            self._encode(batch, output, true_reference)
        if "candidate_codes" in required_outputs and output.candidates is not None:
            output.candidate_codes = candidate_codes(output.candidates, self.encoder)
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

    def sample_count(self, batch: Batch, term: str) -> float | Tensor:
        """As the generator counts for its own terms."""
        return generator_count(self.generator, batch, term)

    def phases(self) -> Sequence[Phase]:
        """The generator's own phases."""
        return generator_phases(self.generator)

    def _compares_estimate(self, true_reference: bool) -> bool:
        """Whether a query may be compared with its generated neutral face."""
        always_given = true_reference or self.config.needs_true_reference()
        return self.generator is not None and self.reference is not None and not always_given

    def _encode(self, batch: Batch, output: Output, true_reference: bool) -> None:
        """Fill in the features, and the codes that they are made of where there is a reference."""
        if self.reference is None:
            output.features = self.encoder(batch.query)
            return
        output.candidates = chosen_candidates(
            batch,
            output.reference,
            self.reference,
            self.join,
            self.generator,
            draw=self.training,
            true_reference=true_reference,
        )
        query_code, reference_code = compared_codes(batch.query, output.candidates, self.encoder, self.join)
        output.query_code, output.reference_code = query_code, reference_code
        output.difference = query_code - reference_code
        output.features = torch.cat([output.difference, query_code], dim=1)
