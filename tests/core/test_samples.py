"""Which picture is the reference, and in which order classes appear."""

from gcnet_core.plugin_api import Sample, ordered_classes, true_references


def test_classes_are_in_canonical_order_then_alphabetical() -> None:
    assert ordered_classes(["scream", "surprise", "anger", "neutral", "anger", "laugh"]) == (
        "neutral", "anger", "surprise", "laugh", "scream",
    )  # fmt: skip


def test_own_reference_is_given_when_no_picture_of_the_subject_is_its_own() -> None:
    samples = [Sample("peak", "s", "anger", "first"), Sample("peak2", "s", "fear", "other")]
    assert true_references(samples) == ("first", "other")


def test_all_pictures_of_a_subject_change_session_when_a_neutral_one_is_its_own_reference() -> None:
    samples = [
        Sample("n1", "s", "neutral", "n1", session="1"),
        Sample("a1", "s", "anger", "n1", session="1"),
        Sample("n2", "s", "neutral", "n2", session="2"),
        Sample("a2", "s", "anger", "n2", session="2"),
    ]
    assert true_references(samples) == ("n2", "n2", "n1", "n1")


def test_nothing_is_given_when_the_only_neutral_picture_is_the_query() -> None:
    samples = [Sample("n1", "s", "neutral", "n1"), Sample("a1", "s", "anger", "n1")]
    assert true_references(samples) == (None, None)


def test_one_subject_does_not_change_another() -> None:
    samples = [Sample("n", "s", "neutral", "n", session="1"), Sample("peak", "t", "anger", "first", session="1")]
    assert true_references(samples) == (None, "first")


def test_a_given_reference_is_never_the_query(faces) -> None:
    from gcnet_datasets.files.manifest import ManifestConfig

    for name in ("ar", "ckplus48"):
        samples = ManifestConfig(folder=str(faces / name)).samples()
        given = true_references(samples)
        assert all(given), name
        assert not any(sample.image == reference for sample, reference in zip(samples, given, strict=True))
