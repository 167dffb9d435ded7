"""Use: a part of any kind is built and answers once in both modes, as in a run; answers are held to its interface."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from gcnet_core.interfaces import (
    Dataset,
    Detector,
    Engine,
    Generator,
    Join,
    Model,
    Reference,
    VectorComponent,
    generator_output,
    generator_phases,
)
from gcnet_core.interfaces.boundaries import check_terms, checked_boundaries
from gcnet_core.interfaces.detector import checked_faces
from gcnet_core.plugin_api import Part, PluginConfig
from gcnet_core.testing.case import IN_FEATURES, Case
from gcnet_core.testing.networks.modules import given
from gcnet_core.testing.references.asking import SHOWN, ask, some_candidates


def use(case: Case, config: PluginConfig | None = None) -> None:
    """Build a part and let it answer.

    Args:
        case: the part.
        config: in place of the options of the case.

    Raises:
        PluginError: if it cannot be built, or returns something else than its interface says.
        Exception: whatever the part raises.
    """
    built = made(case, config)
    if not isinstance(built, torch.nn.Module):
        answer_once(built, case)
        return
    for training in (True, False):
        answer_once(built.train(training), case)


def made(case: Case, config: PluginConfig | None = None) -> Any:
    """Construct the part on its device, without weights that would have to be there.

    Args:
        case: the part.
        config: in place of the options of the case.
    """
    part = Part(case.kind, case.name, config or case.part.config)
    takes_vectors = issubclass(case.spec.load(), VectorComponent)
    context = replace(case.context, initial_weights=False)
    built = context.build(part, in_features=IN_FEATURES if takes_vectors else None)
    return built.to(case.device) if isinstance(built, torch.nn.Module) else built


def answer_once(built: Any, case: Case) -> None:
    """Let a part answer as in a run, and hold its answers against its interface."""
    parts = (built,) if isinstance(built, torch.nn.Module) else ()
    with checked_boundaries(parts, case.batch()):
        HOW.get(case.kind, _part)(built, case)


def _part(built: Any, case: Case) -> None:
    built(*given(case))


def _generator(built: Generator, case: Case) -> None:
    batch = case.batch()
    generator_output(built, batch, with_reference=True)
    generator_output(built, batch, with_reference=False)
    for phase in generator_phases(built):
        check_terms(built, f"phase {phase.name}", phase.loss(batch))


def _model(built: Model, case: Case) -> None:
    batch = case.batch()
    if not built.config.trains_by_gradient():
        built.eval().fit([batch])
    built(batch, built.config.available_outputs())
    for phase in built.phases():
        check_terms(built, f"phase {phase.name}", phase.loss(batch))


def _reference(built: Reference, case: Case) -> None:
    for album, true_reference in SHOWN:
        ask(built, case.batch(album=album), true_reference=true_reference, draw=built.training)


def _join(built: Join, case: Case) -> None:
    for value in ((IN_FEATURES,), (case.channels, case.size, case.size)):
        values, known, query, distance = some_candidates(value)
        built(values, known, query, distance if built.config.needs_generator() else None)


def _dataset(built: Dataset, case: Case) -> None:
    for question in (built.config.info, built.config.notes, built.config.preparation):
        question()
    for sample in built.samples[:3]:
        built.read(sample.image)


def _detector(built: Detector, case: Case) -> None:
    built.config.permissive()
    picture = np.random.default_rng(0).integers(0, 256, (48, 64, 1), dtype=np.uint8)
    checked_faces(built, built.detect(picture, "picture.png"))


def _engine(built: Engine, case: Case) -> None:
    list(built.run([], 1))


HOW: dict[str, Callable[[Any, Case], None]] = {
    "generator": _generator, "reference": _reference, "join": _join, "model": _model,
    "dataset": _dataset, "detector": _detector, "engine": _engine,
}  # fmt: skip
