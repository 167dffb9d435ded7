"""The contract kit passes the shipped models and detectors, and honest ones of others; each check catches its fault."""

from pathlib import Path
from typing import Any

import pytest

from gcnet_core.plugin_api import Registry, discover
from gcnet_core.testing import Case, checks_of, run_checks
from gcnet_core.testing.every_part import last
from tests.benchmarks.contract_faults import detector, engine, model

TABLES = {"model": model, "detector": detector, "engine": engine}
CAUGHT: dict[str, dict[str, tuple[str, ...]]] = {  # by kind and check, names of faults in the tables
    "model": {
        "says_what_it_computes": ("offers unknown names", "offers no logits", "own losses of nobody"),
        "computes_what_it_offers": ("offers too much", "no features alone", "own losses at test", "a class too many"),
        "names_its_parts": ("parts under another name", "another part than chosen"),
        "repeats_its_answer": ("foreign noise", "remembers the last batch", "always dropped", "counts calls at test"),
        "ignores_other_samples": ("centred on the batch", "the true reference in another order"),
        "leaves_everything_as_it_is": ("changes the query", "sets a part's mode", "freezes a part", "seeds numpy"),
        "is_blind_at_test": ("the label leaks at test alone", "neutral leaks", "the reference leaks"),
        "uses_a_true_reference_when_told": (
            "the true reference is not used", "the true reference leaks", "half of the true reference",
            "estimate beside the true reference", "needs a reference that it ignores",
        ),
        "codes_are_of_what_they_name": ("codes exchanged", "one code for both"),
        "masks_what_is_unknown": ("unknown references in training",),
        "fits_any_classes_and_faces": ("three classes for all", "grey alone", "one size alone"),
        "answers_with_any_album": ("no answer to four pictures",),
        "uses_its_album": ("an album in training alone", "mean album of all"),
        "takes_an_album_as_a_set": ("first picture of an album", "unknown pictures count"),
        "takes_codes_for_pictures": ("codes count twice", "an estimate beside codes", "codes without candidates"),
        "gradients_reach_every_weight": ("an unused layer", "detached features", "no gradient at all"),
        "gradients_reach_the_query": ("detached query code",),
        "passes_on_what_its_generator_brings": (
            "phases not passed on", "own losses lost", "own losses denied", "phases of the batch",
        ),
        "is_stored_completely": ("knowledge outside the state", "means that are not stored"),
        "resumes_exactly": ("a step that counts",),
        "is_copied_completely": ("weights of the class",),
        "survives_half_precision": ("overflows in half precision",),
        "follows_its_device": ("makes tensors on the CPU", "takes the batch to the CPU"),
        "learns_sixteen_images": ("ignores the query", "sigmoid scores", "nearest becomes farthest"),
        "is_fitted_anew": ("adds to the last fit", "leaves training mode on"),
    },
    "detector": {
        "says_its_version": ("version of today", "version with two lines"),
        "takes_pictures_of_any_shape": ("a tuple for all", "no area", "grey is refused", "a list as box"),
        "finds_faces_in_the_picture": ("eyes exchanged", "pixels of a larger picture"),
        "leaves_the_picture_as_it_is": ("blurs in place", "remembers the last face", "a drawn shift"),
        "takes_pictures_however_they_lie_in_memory": ("reads memory in order",),
        "sees_grey_as_colour": ("nothing in grey",),
        "moves_with_the_face": ("right and bottom", "y before x"),
        "answers_after_a_failure": ("broken by a failure",),
        "needs_no_name": ("opens the file",),
        "leaves_the_process_as_it_is": ("prints",),
        "keeps_to_its_options_when_permissive": ("permissive is another class", "permissive turns pictures"),
        "overlooks_less_when_permissive": ("permissive is stricter",),
    },
    "engine": {
        "ends_at_once_without_tasks": ("a task for none",),
        "runs_each_task_once": ("the first alone", "told twice", "run twice", "another task", "a new log"),
        "tells_how_each_ended": ("always well", "no time", "ends with the first failure"),
        "hands_on_the_environment": ("without variables",),
        "stops_when_it_is_closed": ("all before it tells of one",),
        "leaves_the_process_as_it_is": ("variables of all", "prints", "seeds"),
    },
}  # fmt: skip
ROWS = [(kind, check, fault) for kind, checks in CAUGHT.items() for check, names in checks.items() for fault in names]


@pytest.fixture
def case_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(kind: str, name: str, source: str) -> Case:
        file = tmp_path / f"{name}.py"
        file.write_text(source)
        return Case(kind, "part", registry=discover([str(file)]))

    return make


def own_checks(kind: str) -> set[str]:
    """Names of the checks that this kind alone has."""
    return {check.name for check in checks_of(kind)} - {check.name for check in checks_of("no kind")}


def faults(case: Case) -> list[tuple[str, str | None]]:
    chosen = [check for check in checks_of(case.kind) if check.name != "is_registered_without_torch"]
    return [(result.check.name, result.fault) for result in run_checks(case, chosen) if result.fault]


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, table in TABLES.items() for name in table.GOOD])
def test_honest_parts_of_others_pass(case_of: Any, kind: str, name: str) -> None:
    assert faults(case_of(kind, f"good_{kind}_{name}", TABLES[kind].GOOD[name])) == []


@pytest.mark.parametrize(("kind", "check", "fault"), ROWS)
def test_a_fault_is_caught_by_its_check(case_of: Any, kind: str, check: str, fault: str) -> None:
    table = TABLES[kind]
    number, (_, good, text, new) = next(entry for entry in enumerate(table.FAULTS) if entry[1][0] == fault)
    assert text in table.GOOD[good]
    case = case_of(kind, f"fault_{kind}_{number}", table.GOOD[good].replace(text, new))
    (chosen,) = (entry for entry in checks_of(kind) if entry.name == check)
    result = list(run_checks(case, [chosen]))[-1]
    assert result.outcome == "broken", result


@pytest.mark.parametrize("kind", TABLES)
def test_there_is_a_fault_for_every_check(kind: str) -> None:
    elsewhere = {check.name for check in last(kind)}  # which have tests of their own
    assert own_checks(kind) - elsewhere == CAUGHT[kind].keys()


CONV = {"type": "conv", "channels": [8, 16], "width": 16, "dropout": 0.0}
AUTOENCODER = {"type": "autoencoder", "channels": 8, "latent": 16}
GAN = {"type": "gan", "channels": 8, "latent": 16, "discriminator_channels": 8}
JOINED = {"encoder": CONV, "delta": {"type": "signed"}, "classifier": {"type": "linear"}}
SHIPPED: dict[str, tuple[str, dict[str, Any]]] = {
    "gcnet": ("gcnet", {
        **JOINED, "generator": AUTOENCODER, "decoder": {"type": "conv", "channels": [8, 8]}, "generator_gradient": True,
    }),
    "gcnet with phases": ("gcnet", {**JOINED, "generator": GAN, "true_reference_prob": 0.5}),
    "gcnet with true references": ("gcnet", {**JOINED, "reference": "true_neutral"}),
    "gcnet with an album": ("gcnet", {**JOINED, "reference": "album", "join": "median", "join_in": "pixels"}),
    "gcnet with whatever there is": ("gcnet", {
        **JOINED, "generator": AUTOENCODER, "join": "attention",
        "reference": {"type": "album", "album_prob": 0.5, "true_neutral_prob": 0.5, "at_rest": True},
    }),
    "cnn": ("cnn", {"encoder": CONV, "classifier": {"type": "mlp"}}),
    "cnn adapted to people": ("cnn_adapted", {"encoder": CONV, "classifier": {"type": "mlp"}}),
    "svm": ("svm", {"encoder": {"type": "hog"}}),
    "svm with true references": ("svm", {"encoder": CONV, "reference": "true_neutral"}),
    "svm with albums": ("svm", {"encoder": CONV, "reference": "album", "join": "median"}),
    "svm with a generator": ("svm", {"encoder": {"type": "hog"}, "generator": AUTOENCODER, "reference": "generated"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_models_keep_every_promise(name: str, registry: Registry) -> None:
    part, options = SHIPPED[name]
    assert faults(Case("model", part, options, registry)) == []


def test_every_shipped_model_is_checked(registry: Registry) -> None:
    assert {part for part, _ in SHIPPED.values()} == set(registry.names("model"))
