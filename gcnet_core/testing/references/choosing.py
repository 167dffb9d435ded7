"""Promises of references: at least one picture for each query, whatever there is; at random in training alone."""

from copy import deepcopy
from dataclasses import replace
from itertools import product
from typing import Any

import torch
from torch import Tensor

from gcnet_core.interfaces.boundaries import checked_boundaries
from gcnet_core.plugin_api import ReferenceConfig
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.every_part.common import is_of_its_kind
from gcnet_core.testing.networks import conduct
from gcnet_core.testing.references.asking import SHOWN, ask, stand_in
from gcnet_core.testing.references.comparing import (
    ROUNDING,
    alike,
    built_reference,
    pictures_of,
    situations,
    warm_reference,
)

QUESTIONS = ("needs_generator", "needs_true_reference", "uses_album")
DRAWS = 8
"""How often a reference is asked in training."""


@check(is_of_its_kind)
def says_what_it_needs(case: Case) -> None:
    """`needs_generator`, `needs_true_reference` and `uses_album` of its options give True or False."""
    config = case.part.config
    if not isinstance(config, ReferenceConfig):
        raise ContractError(f"{type(config).__name__} is no subclass of gcnet_core.plugin_api.ReferenceConfig")
    for name in QUESTIONS:
        if type(getattr(config, name)()) is not bool:
            raise ContractError(f"{name}() gave {getattr(config, name)()!r}; return True or False")


@check(says_what_it_needs, conduct.leaves_everything_else_alone)
def chooses_at_least_one_picture(case: Case) -> None:
    """Whatever a user has, each query of 1 to 40 gets pictures in [0, 1], without a generator too unless needed."""
    part = built_reference(case)
    for count in (1, 5, 40):
        for batch, how in situations(case, count):
            with checked_boundaries((part,), batch):
                chosen = ask(part, batch, **how)
            if not chosen.pictures[chosen.known].isfinite().all():
                raise ContractError("a picture that was chosen is not finite")


@check(chooses_at_least_one_picture, tags=["deterministic"])
def draws_in_training_alone(case: Case) -> None:
    """At test the same is chosen again, under any seed and after other questions; no random number is drawn."""
    part = warm_reference(case)
    state = deepcopy(part.state_dict())
    for batch, how in situations(case):
        if how["draw"]:
            continue
        first = ask(part, batch, **how)
        drawn = torch.random.get_rng_state()
        ask(part, case.batch(4, seed=9, album=2), **how)
        again = ask(part, batch, seed=1, **how)
        if not all(alike(first, again)):
            raise ContractError("at test another seed, or another question between, changes what is chosen")
        torch.manual_seed(0)
        if not torch.equal(drawn, torch.random.get_rng_state()):
            raise ContractError("at test it draws random numbers; do so only if `draw`")
    for name, value in part.state_dict().items():
        if not torch.equal(value, state[name]):
            raise ContractError(f"{name} changed at test")


@check(draws_in_training_alone)
def ignores_other_samples(case: Case) -> None:
    """At test what is chosen for a query is the same in any company, order and number."""
    part = warm_reference(case)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    for batch, how in situations(case):
        if how["draw"]:
            continue
        whole = pictures_of(ask(part, batch, **how))
        for rows in (order, *(torch.tensor([row]) for row in range(len(batch)))):
            found = pictures_of(ask(part, batch.rows(rows), **how))
            for row, pictures in zip(rows.tolist(), found, strict=True):
                if pictures.shape != whole[row].shape or not torch.allclose(pictures, whole[row], atol=ROUNDING):
                    raise ContractError("for a query alone, or in another order, other pictures are chosen")


@check(chooses_at_least_one_picture)
def is_blind(case: Case) -> None:
    """Label, votes, neutral and `reference` have no influence, in training neither; nor the number at test."""
    part, batch = warm_reference(case), case.batch(8, album=3)
    hidden: dict[str, Tensor] = {
        "label": batch.label.roll(1), "votes": batch.votes.roll(1, 0), "neutral": ~batch.neutral,
        "reference": 1 - batch.reference, "has_reference": ~batch.has_reference, "sample": batch.sample + 7,
    }  # fmt: skip
    for (_, given), draw, seed in product(SHOWN[:2], (False, True), range(3)):
        expected = ask(part, batch, draw=draw, true_reference=given, seed=seed)
        for name, value in hidden.items():
            if draw and name == "sample":
                continue  # the key of all randomness that belongs to a sample
            other = replace(batch, **{name: value})
            if not all(alike(expected, ask(part, other, draw=draw, true_reference=given, seed=seed))):
                raise ContractError(f"batch.{name} has an influence; what it says would reach the logits")


@check(chooses_at_least_one_picture)
def leaves_out_what_is_unknown(case: Case) -> None:
    """Where no album picture or true reference is known, nothing that stands there, NaN too, is chosen or generated."""
    part = warm_reference(case)
    for (album, given), draw, distance in product(SHOWN, (False, True), (False, True)):
        if part.config.needs_true_reference() and not given:
            continue
        batch = case.batch(12, album=album)
        spoiled = replace(batch, album=torch.where(batch.has_album[:, :, None, None, None], batch.album, torch.nan))
        if not part.config.needs_true_reference():  # such samples are left out
            known = batch.has_true_reference.view(-1, 1, 1, 1)
            spoiled = replace(spoiled, true_reference=torch.where(known, batch.true_reference, torch.nan))
        for seed in range(DRAWS if draw else 1):
            how: dict[str, Any] = {"draw": draw, "true_reference": given, "distance": distance, "seed": seed}
            if not all(alike(ask(part, batch, **how), ask(part, spoiled, **how))):
                raise ContractError(
                    "what stands where nothing is known has an influence; mask by has_album, has_true_reference"
                )


@check(chooses_at_least_one_picture)
def survives_half_precision(case: Case) -> None:
    """Under bf16 autocast, with an estimate of bf16, the pictures are finite, in [0, 1], and nearly the same."""
    part = warm_reference(case)
    for batch, how in situations(case):
        estimate = stand_in(batch.query)
        expected = ask(part, batch, estimate, **how)
        with torch.autocast("cpu", torch.bfloat16), checked_boundaries((part,), batch):
            chosen = ask(part, batch, estimate.bfloat16(), **how)
        if not chosen.pictures[chosen.known].isfinite().all():
            raise ContractError("a picture is not finite under bf16")
        if not torch.equal(chosen.known, expected.known):
            raise ContractError("under bf16 it chooses otherwise")
        if not torch.allclose(chosen.pictures[chosen.known].float(), expected.pictures[chosen.known], atol=0.01):
            raise ContractError("under bf16 the pictures are others")


CHECKS = (
    says_what_it_needs, conduct.leaves_everything_else_alone, chooses_at_least_one_picture, draws_in_training_alone,
    ignores_other_samples, is_blind, leaves_out_what_is_unknown, survives_half_precision,
)  # fmt: skip
