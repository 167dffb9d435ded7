"""GCNet: query -> reference -> codes -> difference -> logits -> reconstructions (arXiv 1703.07140, figure 2)."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from gcnet_core.interfaces import (
    Batch,
    BuildContext,
    Candidates,
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
from gcnet_paper.model_config import GCNetConfig

CODES = frozenset({"query_code", "reference_code", "target_code"})
RECONSTRUCTIONS = frozenset({"query_reconstruction", "reference_reconstruction"})
BEHIND_DELTA = frozenset({"features", "difference", "logits"})
CANDIDATES = frozenset({"candidates", "candidate_codes"})
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
        self.reference = context.build(config.reference)
        self.join = context.build(config.join)
        self.encoder = context.build(config.encoder)
        self.delta = context.build(config.delta, in_features=self.encoder.width)
        self.classifier = context.build(config.classifier, in_features=self.delta.width)
        self.decoder = context.build(config.decoder, in_features=self.encoder.width) if config.decoder else None

    def forward(self, batch: Batch, required_outputs: AbstractSet[str], *, true_reference: bool = False) -> Output:
        """Compute the wanted fields of the output; see `Model.forward`."""
        needs_codes = bool(required_outputs & (BEHIND_CODES | CANDIDATES))
        needs_estimate = "reference" in required_outputs or (needs_codes and not self._is_always_given(true_reference))
        output = generator_output(self.generator, batch, with_reference=needs_estimate)
        if not needs_codes:
            return output
        output.candidates = self._candidates(batch, output, true_reference)
        output.query_code, output.reference_code, *others = compared_codes(
            batch.query,
            output.candidates,
            self.encode,
            self.join,
            in_pixels=self.config.join_in == "pixels",
            others=(batch.reference,) if "target_code" in required_outputs else (),
        )
        if "candidate_codes" in required_outputs:
            output.candidate_codes = candidate_codes(output.candidates, self.encode)
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

    def encode(self, images: Float[Tensor, "batch channel height width"]) -> Float[Tensor, "batch embedding"]:
        """Codes of pictures, normalized as the recipe says."""
        codes: Tensor = self.encoder(images)
        return functional.normalize(codes.float(), dim=1) if self.config.normalize == "l2" else codes

    def sample_count(self, batch: Batch, term: str) -> float | Tensor:
        """As the generator counts for its own terms."""
        return generator_count(self.generator, batch, term)

    def phases(self) -> Sequence[Phase]:
        """The generator's own phases."""
        return generator_phases(self.generator)

    def _is_always_given(self, true_reference: bool) -> bool:
        """Whether no query is compared with its generated neutral face."""
        return self.generator is None or true_reference or self.config.needs_true_reference()

    def _candidates(self, batch: Batch, output: Output, true_reference: bool) -> Candidates:
        """The pictures with which each query is compared."""
        return chosen_candidates(
            batch,
            None if output.reference is None else self._taught(output.reference),
            self.reference,
            self.join,
            None if self.generator is None else self._generate,
            draw=self.training,
            true_reference=true_reference,
        )

    def _generate(
        self, pictures: Float[Tensor, "picture channel height width"]
    ) -> Float[Tensor, "picture channel height width"]:
        """The neutral faces of other pictures than the queries."""
        assert self.generator is not None
        return self._taught(self.generator(pictures))

    def _taught(self, neutral: Tensor) -> Tensor:
        """Generated pictures, through which losses on the codes reach the generator if the recipe says so."""
        return neutral if self.config.generator_gradient else neutral.detach()
