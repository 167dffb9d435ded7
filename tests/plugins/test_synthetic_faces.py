"""Drawn faces: what an image depends on, what action units move, and that a reference helps."""

from collections import Counter
from dataclasses import fields, replace

import cv2
import numpy as np
import pytest
from gcnet_datasets.synthetic.config import SyntheticFacesConfig
from gcnet_datasets.synthetic.dataset import SyntheticFaces
from gcnet_datasets.synthetic.expressions import EXPRESSIONS, PROTOTYPES, REST, ActionUnits
from gcnet_datasets.synthetic.geometry import face_geometry
from gcnet_datasets.synthetic.hair import STYLES
from gcnet_datasets.synthetic.identity import HAIR_STYLES, STYLES_WITH_FACIAL_HAIR, on_another_day, sample_identity
from gcnet_datasets.synthetic.performance import sample_action_units
from gcnet_datasets.synthetic.render import render
from gcnet_datasets.synthetic.shot import Shot, sample_shot
from pydantic import ValidationError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from gcnet_core.data.randomness import keyed_generator
from gcnet_core.interfaces import BuildContext
from gcnet_core.plugin_api import ImageConfig, Registry, UserError, true_references

QUIET = Shot(noise=0.0)


def faces(size: int = 48, channels: int = 1, **options: object) -> SyntheticFaces:
    return SyntheticFaces(
        SyntheticFacesConfig(**options), BuildContext(Registry(), ImageConfig(size=size, channels=channels))
    )


def difference(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.abs(first.astype(float) - second.astype(float)).mean())


@pytest.fixture(params=range(3))
def person(request: pytest.FixtureRequest):
    """Somebody with no hair and no glasses in front of the features."""
    identity = sample_identity(np.random.default_rng(request.param))
    return replace(identity, hair_style="bald", facial_hair="none", glasses=0)


def test_facts_and_samples_agree() -> None:
    dataset = faces(subjects=3, images_per_expression=2)
    facts = SyntheticFacesConfig().info()
    assert facts.classes == EXPRESSIONS
    assert facts.classes == ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise")
    assert facts.references
    assert len(dataset.samples) == len({sample.image for sample in dataset.samples}) == 3 * 7 * 2
    assert {sample.subject for sample in dataset.samples} == {"s000", "s001", "s002"}
    for sample in dataset.samples:
        assert sample.image.startswith(f"{sample.subject}/{sample.expression}-")
        assert sample.reference == f"{sample.image}/reference"
    assert true_references(dataset.samples) == tuple(sample.reference for sample in dataset.samples)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [16, 48, 97])
def test_shape_and_range(size: int, channels: int) -> None:
    dataset = faces(size, channels)
    pixels = np.stack([dataset.read(sample.image) for sample in dataset.samples[::97]])
    assert pixels.shape[1:] == (size, size, channels)
    assert pixels.dtype == np.uint8
    assert pixels.min() < 60
    assert pixels.max() > 190
    assert all(image.std() > 15 for image in pixels)


def test_grey_is_the_luminance_of_colour(person) -> None:
    grey = render(person, QUIET, REST, 48, colour=False)
    colour = render(person, QUIET, REST, 48, colour=True)
    assert np.abs(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY).astype(int) - grey[:, :, 0]).max() <= 2


def test_the_same_name_gives_the_same_bytes() -> None:
    first, second = faces(seed=3), faces(seed=3)
    for name in ("s000/neutral-1", "s031/fear-2", "s031/fear-2/reference"):
        assert np.array_equal(first.read(name), second.read(name))
        assert np.array_equal(first.read(name), first.read(name))


def test_an_image_depends_on_its_own_name_and_the_seed_alone() -> None:
    few, many = faces(subjects=2, images_per_expression=1), faces(subjects=50, images_per_expression=5)
    for sample in few.samples:
        assert np.array_equal(few.read(sample.image), many.read(sample.image))
    names = ["s000/anger-1", "s001/anger-1", "s000/anger-2", "s000/fear-1", "s000/anger-1/reference"]
    images = [many.read(name) for name in names] + [faces(seed=1).read(names[0])]
    for index, image in enumerate(images):
        assert all(difference(image, other) > 1 for other in images[:index])


@pytest.mark.parametrize(
    "name", ["s000", "s000/anger", "s000/contempt-1", "s000/anger-1/neutral", "anger-1", "s/anger-1"]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(UserError, match="such names look like s012/anger-1"):
        faces().read(name)


@pytest.mark.parametrize("intensity", [(0.9, 0.1), (-0.1, 0.5), (0.5, 2.0)])
def test_a_wrong_intensity_is_refused(intensity: tuple[float, float]) -> None:
    with pytest.raises(ValidationError, match="weakest <= strongest"):
        SyntheticFacesConfig(intensity=intensity)


def test_a_reference_is_another_picture_of_the_same_rest_for_every_expression() -> None:
    dataset = faces(subjects=12, images_per_expression=1)
    mean = dict.fromkeys(EXPRESSIONS, 0.0)
    for sample in dataset.samples:
        assert sample.reference is not None
        distance = difference(dataset.read(sample.image), dataset.read(sample.reference))
        assert distance > 1.0
        mean[sample.expression] += distance / 12
    # A neutral query differs from its reference by the shot, which is not much less than what an expression adds.
    assert mean["neutral"] > 0.3 * max(mean.values())


def test_references_of_all_expressions_are_alike() -> None:
    """The difference of two references of one person tells nothing of the expressions whose references they are."""
    dataset = faces(subjects=40, images_per_expression=1)
    brightness = {
        expression: np.array([dataset.read(f"s{n:03d}/{expression}-1/reference").mean() for n in range(40)])
        for expression in EXPRESSIONS
    }
    means = np.array([values.mean() for values in brightness.values()])
    error = np.mean([values.std() for values in brightness.values()]) / np.sqrt(40)
    assert np.ptp(means) < 6 * error


def test_sessions_have_their_own_light_and_all_expressions() -> None:
    dataset = faces(subjects=2, sessions=3, images_per_expression=2)
    assert len(dataset.samples) == 2 * 3 * 7 * 2
    assert Counter(sample.session for sample in dataset.samples) == {"1": 28, "2": 28, "3": 28}
    assert {sample.reference for sample in dataset.samples} == {f"{s.image}/reference" for s in dataset.samples}
    assert dataset.samples[0].image == "s000/day1/neutral-1"
    with pytest.raises(UserError, match="such names look like"):
        dataset.read("s000/day0/neutral-1")


def test_pictures_of_a_session_are_more_alike_than_those_of_two() -> None:
    dataset = faces(subjects=8, sessions=2, images_per_expression=2)

    def mean_difference(first: str, second: str) -> float:
        pairs = [(f"s{n:03d}/{first}", f"s{n:03d}/{second}") for n in range(8)]
        return float(np.mean([difference(dataset.read(one), dataset.read(other)) for one, other in pairs]))

    within = mean_difference("day1/neutral-1", "day1/neutral-2")
    assert mean_difference("day1/neutral-1", "day2/neutral-1") > 1.5 * within
    assert within > 2  # another picture, all the same


def test_more_sessions_and_expressions_change_none_that_were_there() -> None:
    few = faces(subjects=2, sessions=2, expressions_per_session=3, images_per_expression=1)
    many = faces(subjects=3, sessions=5, images_per_expression=2)
    images = {sample.image for sample in many.samples}
    for sample in few.samples:
        assert sample.image in images
        assert np.array_equal(few.read(sample.image), many.read(sample.image))
    undivided = faces(subjects=2)
    assert {sample.session for sample in undivided.samples} == {None}
    assert not np.array_equal(undivided.read("s000/anger-1"), few.read("s000/day1/anger-1"))


def test_each_session_shows_expressions_drawn_for_it() -> None:
    dataset = faces(subjects=30, sessions=4, expressions_per_session=3, images_per_expression=1)
    shown: dict[tuple[str | None, str | None], set[str]] = {}
    for sample in dataset.samples:
        shown.setdefault((sample.subject, sample.session), set()).add(sample.expression)
    assert {len(found) for found in shown.values()} == {3}
    assert len({frozenset(found) for found in shown.values()}) > 20  # of 35
    with pytest.raises(ValidationError, match="needs a number of sessions"):
        faces(expressions_per_session=3)


@pytest.mark.parametrize("style", ["none", "beard"])
def test_another_day_changes_hair_clothes_and_glasses_alone(style: str) -> None:
    person = replace(sample_identity(np.random.default_rng(3)), facial_hair=style, hair_style="short")
    days = [on_another_day(person, np.random.default_rng(key)) for key in range(60)]
    outward = {"clothes", "hair_style", "hair_line", "parting", "glasses"}
    for field in fields(person):
        values = {getattr(day, field.name) for day in days}
        assert (len(values) > 1) == (field.name in outward), field.name
    assert style == "none" or {day.hair_style for day in days} <= set(STYLES_WITH_FACIAL_HAIR)


UPPER = ("inner_brow_raise", "outer_brow_raise", "brow_lower", "upper_lid_raise")
LOWER = ("lip_corner_depress", "chin_raise", "lip_stretch", "lip_tighten", "lips_part")


@pytest.mark.parametrize("unit", [*UPPER, *LOWER])
def test_an_action_unit_changes_its_half_of_the_face(person, unit: str) -> None:
    rest = render(person, QUIET, REST, 64, colour=False).astype(int)
    moved = render(person, QUIET, replace(REST, **{unit: 1.0}), 64, colour=False).astype(int)
    change = np.abs(moved - rest).sum(axis=(1, 2))
    upper, lower = change[:34], change[38:]  # the nose lies between
    inside, outside = (upper, lower) if unit in UPPER else (lower, upper)
    assert inside.sum() > 300
    assert outside.sum() < 0.05 * inside.sum()


def test_action_units_move_features_the_right_way(person) -> None:
    def geometry(**units: float):
        return face_geometry(person, ActionUnits(**units))

    rest = geometry()
    assert geometry(lip_corner_pull=1.0).mouth_top[-1, 1] < rest.mouth_top[-1, 1] - 0.05
    assert geometry(lip_corner_depress=1.0).mouth_top[-1, 1] > rest.mouth_top[-1, 1] + 0.05
    assert geometry(lip_stretch=1.0).mouth_top[-1, 0] > rest.mouth_top[-1, 0]
    assert geometry(inner_brow_raise=1.0).brow[0, 1] < rest.brow[0, 1] - 0.05
    assert geometry(outer_brow_raise=1.0).brow[-1, 1] < rest.brow[-1, 1] - 0.05
    assert geometry(brow_lower=1.0).brow[0, 1] > rest.brow[0, 1] + 0.05
    assert geometry(upper_lid_raise=1.0).upper_lid[9, 1] < rest.upper_lid[9, 1]
    assert geometry(cheek_raise=1.0).lower_lid[9, 1] < rest.lower_lid[9, 1]
    assert geometry(jaw_drop=1.0).mouth_bottom[9, 1] > rest.mouth_bottom[9, 1] + 0.1
    assert geometry(jaw_drop=1.0).head[:, 1].max() > rest.head[:, 1].max() + 0.05


def test_lips_and_lids_never_cross() -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        identity = sample_identity(rng, resting_variation=2.0)
        for expression in EXPRESSIONS:
            lines = face_geometry(identity, sample_action_units(rng, expression, 1.5))
            assert (lines.upper_lid[:, 1] <= lines.lower_lid[:, 1] + 1e-9).all()
            assert (lines.upper_lip[:, 1] <= lines.mouth_top[:, 1] + 1e-9).all()
            assert (lines.mouth_top[:, 1] <= lines.mouth_bottom[:, 1]).all()
            assert (lines.mouth_bottom[:, 1] <= lines.lower_lip[:, 1] + 1e-9).all()


def test_resting_geometry_overlaps_with_expressions() -> None:
    """Some mouths rest lower at the corners than others that weakly express sadness; so do some brows."""
    people = [sample_identity(keyed_generator(0, "identity", number)) for number in range(300)]
    curve = np.array([person.resting.mouth_curve for person in people])
    brow = np.array([person.resting.brow_height for person in people])
    tilt = np.array([person.resting.brow_tilt for person in people])
    weak = 0.4
    assert np.mean(curve < curve.mean() - weak * 0.12 * PROTOTYPES["sadness"].lip_corner_depress) > 0.05
    assert np.mean(curve > curve.mean() + weak * 0.15 * PROTOTYPES["happiness"].lip_corner_pull) > 0.05
    assert np.mean(brow - tilt < -weak * 0.13 * PROTOTYPES["anger"].brow_lower) > 0.05
    assert np.mean(brow + tilt > weak * 0.13 * PROTOTYPES["surprise"].inner_brow_raise) > 0.05


@pytest.mark.parametrize(
    ("resting", "hint"),
    [
        ("mouth_curve", "nasolabial"), ("mouth_opening", "lip_fullness"), ("mouth_width", "nose_width"),
        ("brow_height", "brow_thickness"), ("brow_height", "lid_fold"), ("brow_tilt", "brow_arch"),
        ("lid_opening", "eye_width"),
    ],
)  # fmt: skip
def test_resting_geometry_can_be_guessed_but_not_known(resting: str, hint: str) -> None:
    people = [sample_identity(keyed_generator(1, "identity", number)) for number in range(400)]
    correlation = np.corrcoef(
        [getattr(person.resting, resting) for person in people], [getattr(person, hint) for person in people]
    )[0, 1]
    assert 0.55 < abs(correlation) < 0.85


def test_resting_variation_changes_the_resting_geometry_alone() -> None:
    alike, different = (sample_identity(np.random.default_rng(5), factor) for factor in (0.0, 1.0))
    assert alike.resting == sample_identity(np.random.default_rng(6), 0.0).resting
    assert alike.resting != different.resting
    assert replace(alike, resting=different.resting) == different


def test_every_hair_style_but_bald_has_a_shape() -> None:
    assert set(HAIR_STYLES) == {*STYLES, "bald"}


def test_people_differ_more_than_pictures_of_one_person() -> None:
    dataset = faces(subjects=20)
    first = [dataset.read(f"s{number:03d}/neutral-1") for number in range(20)]
    again = [dataset.read(f"s{number:03d}/neutral-1/reference") for number in range(20)]
    same = np.mean([difference(a, b) for a, b in zip(first, again, strict=True)])
    other = np.mean([difference(a, b) for a, b in zip(first, again[1:] + again[:1], strict=True)])
    assert other > 3 * same


def test_shots_vary_with_their_factor() -> None:
    assert sample_shot(np.random.default_rng(0), 0.0).yaw == 0
    assert sample_shot(np.random.default_rng(0), 1.0).yaw != 0


def test_a_true_reference_helps() -> None:
    dataset = faces(subjects=60, images_per_expression=1)
    descriptor = cv2.HOGDescriptor((48, 48), (16, 16), (8, 8), (8, 8), 9)

    def features(name: str) -> np.ndarray:
        return np.asarray(descriptor.compute(dataset.read(name)[:, :, 0])).ravel()

    query = np.stack([features(sample.image) for sample in dataset.samples])
    change = query - np.stack([features(sample.reference or "") for sample in dataset.samples])
    label = np.array([sample.expression for sample in dataset.samples])
    train = np.array([int((sample.subject or "")[1:]) < 42 for sample in dataset.samples])

    def accuracy(inputs: np.ndarray) -> float:
        classifier = make_pipeline(StandardScaler(), SVC(C=10)).fit(inputs[train], label[train])
        return float(classifier.score(inputs[~train], label[~train]))

    alone, helped = accuracy(query), accuracy(np.hstack([query, change]))
    assert 0.4 < alone < 0.8
    assert alone + 0.08 < helped < 0.99
