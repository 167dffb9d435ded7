"""The parts of gcnet_references: joins by number, references in every situation, and GCNet with an album."""

from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gcnet_core.interfaces import Batch, BuildContext, Candidates, Join, Model, Reference, compared_codes
from gcnet_core.plugin_api import ImageConfig, Registry
from gcnet_core.testing import Case
from gcnet_core.testing.references.asking import some_candidates

SHAPES = [(5,), (1, 4, 4), (3, 4, 4)]


def part(registry: Registry, kind: str, name: str, **options: Any) -> Any:
    context = BuildContext(registry, ImageConfig(size=32), ("neutral", "anger", "happiness"), (2, 2, 2))
    return context.build(registry.part(kind, name, options))


def by_loop(values: Tensor, known: Tensor, join: Any) -> Tensor:
    """One query after the other, of its known candidates alone."""
    return torch.stack([join(row[mask]) for row, mask in zip(values, known, strict=True)])


@pytest.mark.parametrize("shape", SHAPES)
def test_mean_and_median_are_those_of_the_known(registry: Registry, shape: tuple[int, ...]) -> None:
    values, known, query, _ = some_candidates(shape, count=9, pictures=5)
    mean: Join = part(registry, "join", "mean")
    median: Join = part(registry, "join", "median")
    torch.testing.assert_close(mean(values, known, query), by_loop(values, known, lambda row: row.mean(dim=0)))
    middle = by_loop(values, known, lambda row: row.quantile(0.5, dim=0))
    torch.testing.assert_close(median(values, known, query), middle)


@pytest.mark.parametrize(("rest", "likeness"), list(product((False, True), repeat=2)))
def test_attention_weighs_by_rest_and_likeness(registry: Registry, rest: bool, likeness: bool) -> None:
    values, known, query, distance = some_candidates((5,), count=9, pictures=5)
    join = part(registry, "join", "attention", rest=rest, likeness=likeness)
    nn.init.constant_(join.rest, 1.5)
    nn.init.constant_(join.likeness, -0.7)
    expected = []
    for row in range(len(values)):
        places = known[row].nonzero()[:, 0].tolist()
        far = [float(distance[row, place]) for place in places]
        apart = [float((values[row, place] - query[row]).square().mean()) for place in places]
        score = torch.tensor(
            [
                -1.5 * rest * one / (sum(far) / len(far)) + 0.7 * likeness * other / (sum(apart) / len(apart))
                for one, other in zip(far, apart, strict=True)
            ]
        )
        weight = score.exp() / score.exp().sum()
        expected.append(sum(share * values[row, place] for share, place in zip(weight, places, strict=True)))
    torch.testing.assert_close(join(values, known, query, distance).detach(), torch.stack(expected))  # type: ignore[arg-type]


def test_attention_begins_as_the_mean_where_nothing_is_known_of_rest(registry: Registry) -> None:
    values, known, query, _ = some_candidates((5,))
    mean = by_loop(values, known, lambda row: row.mean(dim=0))
    torch.testing.assert_close(part(registry, "join", "attention")(values, known, query).detach(), mean)


class Counting:
    """A generator that counts what it is shown, and makes of each picture a darker one."""

    def __init__(self) -> None:
        self.shown: list[int] = []

    def __call__(self, pictures: Tensor) -> Tensor:
        assert pictures.flatten(1).any(dim=1).all()  # zeros are no pictures
        self.shown.append(len(pictures))
        return pictures / 2


def faces(registry: Registry, album: int) -> Batch:
    return Case("reference", "album", registry=registry).batch(8, album=album)


def asked(reference: Reference, batch: Batch, generate: Counting | None = None, **how: bool) -> Candidates:
    chosen: Candidates = reference(batch, 1 - batch.query, generate, **how)
    return chosen


@pytest.mark.parametrize("name", ["generated", "album"])
@pytest.mark.parametrize(("album", "true"), list(product((0, 3), (False, True))))
def test_at_test_all_that_is_given_is_used(registry: Registry, name: str, album: int, true: bool) -> None:
    batch = faces(registry, album).unlabelled(true_reference=true, album=True)
    chosen = asked(part(registry, "reference", name), batch, true_reference=true)
    for row in range(len(batch)):
        given = [*batch.album[row][batch.has_album[row]]]
        given += [batch.true_reference[row]] if batch.has_true_reference[row] else []
        expected = torch.stack(given or [1 - batch.query[row]])
        assert torch.equal(chosen.pictures[row][chosen.known[row]], expected)


def test_a_true_neutral_is_always_there(registry: Registry) -> None:
    for draw in (False, True):
        batch = faces(registry, 3)
        batch = batch if draw else batch.unlabelled(true_reference=True)
        chosen = asked(part(registry, "reference", "true_neutral"), batch, draw=draw)
        assert chosen.known.sum(dim=1).tolist() == [1] * len(batch)
        assert torch.equal(chosen.pictures[chosen.known], batch.true_reference)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_training_draws_what_each_sample_is_shown(registry: Registry, share: float) -> None:
    reference = part(registry, "reference", "generated", album_prob=share, true_neutral_prob=share)
    batch = faces(registry, 3)
    torch.manual_seed(0)
    drawn = torch.stack([asked(reference, batch, draw=True).known for _ in range(400)]).float().mean(dim=0)
    has_album, has_true = batch.has_album.float(), batch.has_true_reference.float()
    own = (1 - share * has_album[:, 0]) * (1 - share * has_true)
    expected = torch.cat([own[:, None], share * has_album, share * has_true[:, None]], dim=1)
    torch.testing.assert_close(drawn, expected, atol=0.0 if share in (0, 1) else 0.1, rtol=0.0)


def test_album_pictures_are_brought_to_rest_once(registry: Registry) -> None:
    batch, generate = faces(registry, 3).unlabelled(true_reference=False, album=True), Counting()
    count = int(batch.has_album.sum())
    chosen = asked(part(registry, "reference", "album", at_rest=True), batch, generate, distance=True)
    assert generate.shown == [count]  # places without a picture, and the query, are not shown
    assert torch.equal(chosen.pictures[:, 1:-1][batch.has_album], batch.album[batch.has_album] / 2)
    assert chosen.distance is not None
    far = (batch.album / 2).square().mean(dim=(2, 3, 4))
    torch.testing.assert_close(chosen.distance[:, 1:-1], far)


def test_the_generator_is_asked_where_it_is_needed_alone(registry: Registry) -> None:
    generate, album = Counting(), faces(registry, 3)
    for name, options in (("album", {}), ("true_neutral", {}), ("generated", {"album_prob": 0.5})):
        asked(part(registry, "reference", name, **options), album, generate)
    nobody = faces(registry, 0)
    asked(part(registry, "reference", "album", at_rest=True), nobody, generate, distance=True)
    assert generate.shown == []
    told = asked(part(registry, "reference", "album"), album, generate, distance=True)
    assert told.distance is not None
    assert torch.equal(told.pictures[:, 1:-1], album.album)


class Watched(nn.Module):
    """An encoder that says what it is shown.

    Args:
        encoder: which answers.
    """

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.shown = encoder, []  # type: ignore[var-annotated]

    def forward(self, images: Tensor) -> Tensor:
        self.shown.append(images.detach())
        codes: Tensor = self.encoder(images)
        return codes


def gcnet(registry: Registry, **options: Any) -> Model:
    torch.manual_seed(0)
    parts: dict[str, Any] = {
        "encoder": {"type": "conv", "channels": [8, 8], "width": 16},
        "delta": "signed",
        "classifier": "linear",
        "reference": "album",
    }
    model: Model = part(registry, "model", "gcnet", **{**parts, **options})
    return model


@pytest.mark.parametrize(("join", "join_in"), list(product(("mean", "median", "attention"), ("codes", "pixels"))))
def test_packed_pictures_have_the_codes_of_a_loop(registry: Registry, join: str, join_in: str) -> None:
    generator = {"type": "autoencoder", "channels": 4, "latent": 4} if join == "attention" else None
    model = gcnet(registry, join=join, join_in=join_in, generator=generator).eval()
    batch = faces(registry, 3).unlabelled(true_reference=False, album=True)
    with torch.no_grad():
        output = model(batch, frozenset({"query_code", "reference_code", "candidates"}))
        chosen = output.candidates
        for row in range(len(batch)):
            known = chosen.known[row]
            pictures, query = chosen.pictures[row][known], batch.query[row : row + 1]
            values = pictures if join_in == "pixels" else torch.cat([model.encode(one[None]) for one in pictures])
            own = query if join_in == "pixels" else model.encode(query)
            far = None if chosen.distance is None else chosen.distance[row][known][None]
            joined = model.join(values[None], torch.ones(1, len(values), dtype=torch.bool), own, far)
            code = model.encode(joined) if join_in == "pixels" else joined
            torch.testing.assert_close(output.reference_code[row : row + 1], code, atol=1e-5, rtol=1e-4)
            torch.testing.assert_close(output.query_code[row : row + 1], model.encode(query), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("join_in", ["codes", "pixels"])
def test_batch_norm_sees_no_empty_place(registry: Registry, join_in: str) -> None:
    model = gcnet(registry, join_in=join_in).train()
    model.encoder = watched = Watched(model.encoder)
    batch = faces(registry, 3)
    model(batch, frozenset({"logits"}))
    (shown,) = watched.shown  # queries and references pass in one batch
    has_album = batch.has_album.any(dim=1)
    references = len(batch) if join_in == "pixels" else int(batch.has_album.sum() + (~has_album).sum())
    assert len(shown) == len(batch) + references
    assert shown.flatten(1).any(dim=1).all()


def test_an_album_of_one_is_that_picture(registry: Registry) -> None:
    """All joins compare with the code of the only candidate, whatever else has a place."""
    batch = faces(registry, 3)
    known = torch.zeros_like(batch.has_album)
    known[:, 0] = True
    model = gcnet(registry).eval()
    spoiled = torch.where(known[:, :, None, None, None], batch.album, torch.nan)
    for name in ("mean", "median", "attention"):
        join = part(registry, "join", name)
        with torch.no_grad():
            _, code = compared_codes(batch.query, Candidates(spoiled, known), model.encode, join)
            torch.testing.assert_close(code, model.encode(batch.album[:, 0]), atol=1e-5, rtol=1e-4)
