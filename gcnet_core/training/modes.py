"""Modes: which modules are in training mode and which weights move, changed from phase to phase by what differs."""

from collections.abc import Sequence

from gcnet_core.training.phases import ActivePhase


class Modes:
    """Goes from one phase to the next; all modules are walked through once for each phase after `forget`.

    Args:
        phases: of the running stage.
    """

    def __init__(self, phases: Sequence[ActivePhase]) -> None:
        modules = dict.fromkeys(module for root in phases[0].everything for module in root.modules())
        weights = dict.fromkeys(weight for root in phases[0].everything for weight in root.parameters())
        self.modules, self.weights = list(modules), list(weights)
        self.forget()

    def forget(self) -> None:
        """Take nothing for granted: evaluation, or loaded weights, may have changed any mode."""
        self.current: ActivePhase | None = None
        self.known: dict[str, tuple[list[bool], list[bool]]] = {}

    def enter(self, phase: ActivePhase) -> None:
        """Make everything as a phase wants it."""
        if phase is self.current:
            return
        if phase.name in self.known and self.current is not None:
            self._change(self.known[self.current.name], self.known[phase.name])
        else:
            phase.enter()
            self.known[phase.name] = (
                [module.training for module in self.modules],
                [weight.requires_grad for weight in self.weights],
            )
        self.current = phase

    def _change(self, before: tuple[list[bool], list[bool]], after: tuple[list[bool], list[bool]]) -> None:
        for module, was, training in zip(self.modules, before[0], after[0], strict=True):
            if was != training:
                module.training = training
        for weight, was, moves in zip(self.weights, before[1], after[1], strict=True):
            if was != moves:
                weight.requires_grad_(moves)
