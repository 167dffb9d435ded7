"""To answer with codes is to answer with the pictures."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from gcnet_core.inference.answers import KnownPerson
from gcnet_core.interfaces import Batch, asked
from gcnet_core.plugin_api import Registry, UserError
from tests.inference.known_models import COMPARING, CONV, GENERATOR, answerer, some_faces

REFERENCES = [
    {"type": "generated"},
    {"type": "album"},
    {"type": "album", "at_rest": True},
    {"type": "album", "with_estimate": True},
]
SVM = {"encoder": {"type": "lbp"}, "reference": {"type": "album"}}


def of(registry: Registry, reference: dict[str, Any], **options: Any) -> Any:
    return answerer(registry, **COMPARING, generator=GENERATOR, reference=reference, **options)


def known(codes: np.ndarray, queries: int) -> KnownPerson:
    """The same person in all queries but the last, of whom nothing is known."""
    everywhere = np.repeat(codes[None], queries, axis=0)
    there = np.ones(everywhere.shape[:2], dtype=bool)
    there[-1] = False
    return KnownPerson(everywhere * there[..., None], there)


def with_pictures(model: Any, batch: Batch, *, true_reference: bool = False) -> np.ndarray:
    with torch.inference_mode():
        return np.asarray(model(batch, {"logits"}, true_reference=true_reference).logits.softmax(dim=1))


def pictures_of(album: np.ndarray, queries: np.ndarray) -> Batch:
    """The queries, all but the last with an album."""
    shown = torch.from_numpy(album).float()[None].repeat(len(queries), 1, 1, 1, 1) / 255
    there = (torch.arange(len(queries)) < len(queries) - 1)[:, None].repeat(1, len(album))
    batch = asked(torch.from_numpy(queries).float() / 255, 3)
    return dataclasses.replace(batch, album=shown * there[..., None, None, None], has_album=there)


@pytest.mark.parametrize("reference", REFERENCES, ids=str)
@pytest.mark.parametrize("join", ["mean", "median"])
def test_an_album_may_be_given_by_its_codes(registry: Registry, reference: dict[str, Any], join: str) -> None:
    model, queries, album = of(registry, reference, join={"type": join}), some_faces(4), some_faces(3, seed=1)
    answers = model.answer(queries, known(model.codes(album, calm=False), 4))
    np.testing.assert_allclose(
        answers.probabilities, with_pictures(model.model, pictures_of(album, queries)), atol=1e-5
    )
    alone = model.answer(queries).probabilities
    np.testing.assert_allclose(answers.probabilities[-1], alone[-1], atol=1e-6)
    assert np.abs(answers.probabilities[:-1] - alone[:-1]).max() > 1e-4


@pytest.mark.parametrize("reference", REFERENCES[:3], ids=str)
def test_a_calm_picture_enters_as_a_true_neutral_one(registry: Registry, reference: dict[str, Any]) -> None:
    model, queries, calm = of(registry, reference), some_faces(4), some_faces(1, seed=1)
    answers = model.answer(queries, known(model.codes(calm, calm=True), 4))
    shown = torch.from_numpy(calm).float().repeat(4, 1, 1, 1) / 255
    batch = dataclasses.replace(
        asked(torch.from_numpy(queries).float() / 255, 3),
        true_reference=shown,
        has_true_reference=torch.tensor([True, True, True, False]),
    )
    np.testing.assert_allclose(answers.probabilities, with_pictures(model.model, batch, true_reference=True), atol=1e-5)


def test_a_model_that_needs_a_calm_picture_takes_its_code_and_asks_for_it(registry: Registry) -> None:
    model = answerer(registry, **COMPARING, reference={"type": "true_neutral"})
    codes = model.codes(some_faces(1, seed=1), calm=True)
    everyone = KnownPerson(codes[None].repeat(2, 0), np.ones((2, 1), dtype=bool))
    first, second = model.answer(some_faces(2), everyone).probabilities
    assert np.abs(first - second).max() > 1e-4
    with pytest.raises(UserError, match="give one with --reference"):
        model.answer(some_faces(2))
    with pytest.raises(UserError, match="give one with --reference"):
        model.answer(some_faces(2), known(codes, 2))


def test_a_model_that_answers_for_mirror_images_embeds_them_too(registry: Registry) -> None:
    model, queries, album = of(registry, {"type": "album"}, flip=True), some_faces(4), some_faces(2, seed=1)
    answers = model.answer(queries, known(model.codes(album, calm=False), 4)).probabilities
    both = np.concatenate([album, album[..., ::-1]])
    expected = [with_pictures(model.model, pictures_of(both, shown)) for shown in (queries, queries[..., ::-1].copy())]
    np.testing.assert_allclose(answers, sum(expected) / 2, atol=1e-5)


def test_a_support_vector_machine_takes_codes(registry: Registry) -> None:
    model = answerer(registry, "svm", **SVM)
    album, queries = some_faces(2, seed=1), some_faces(3)
    codes = model.codes(album, calm=False)
    with torch.inference_mode():
        expected = model.model(pictures_of(album, queries), {"features"}).features
        given = model._batch(model._faces(queries), known(codes, 3))
        torch.testing.assert_close(model.model(given, {"features"}).features, expected)


@pytest.mark.parametrize(
    ("kind", "options", "told"),
    [
        ("cnn", {"encoder": CONV, "classifier": {"type": "linear"}}, "looks at the query alone"),
        ("cnn_adapted", {"encoder": CONV, "classifier": {"type": "linear"}}, "adapts to the pictures"),
        ("gcnet", {**COMPARING, "reference": {"type": "album"}, "join_in": "pixels"}, "joins pictures"),
    ],
)
def test_a_model_that_takes_no_codes_says_why(
    registry: Registry, kind: str, options: dict[str, Any], told: str
) -> None:
    model = answerer(registry, kind, **options)
    assert not model.takes_references
    with pytest.raises(UserError, match=told):
        model.codes(some_faces(1), calm=True)
    with pytest.raises(UserError, match=told):
        model.answer(some_faces(1), KnownPerson(np.zeros((1, 1, 8), dtype=np.float32), np.ones((1, 1), dtype=bool)))


def test_the_identity_of_a_model_is_that_of_its_weights(registry: Registry) -> None:
    one, same = answerer(registry), answerer(registry)
    assert one.identity == same.identity
    with torch.no_grad():
        next(same.model.parameters())[0] += 1e-3
    del same.identity
    assert one.identity != same.identity
    assert one.identity != answerer(registry, flip=True).identity
