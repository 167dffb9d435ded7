"""The contract kit of the small parts, of losses, references and joins: what is ours passes, faults are caught.

The faults are those of the benchmark beside these tests; here stands one for each check that must catch it.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import jaxtyping
import pytest

from gcnet_core.plugin_api import Registry, discover
from gcnet_core.testing import Case, Check, checks_of, run_checks
from gcnet_core.testing.checks import OF_KIND

TABLES = Path(__file__).parents[1] / "benchmarks" / "contract_faults"
KINDS = ("loss", "encoder", "delta", "classifier", "decoder", "reference", "join")

CAUGHT_BY: dict[str, dict[str, str]] = {
    "loss": {
        "leaves_everything_else_alone": "prints",
        "says_what_it_needs": "requires nothing",
        "is_one_number": "a value for each sample",
        "repeats_its_value": "noise",
        "uses_what_it_requires": "first class is masked",
        "ignores_order_and_numbers": "sample numbers",
        "does_not_grow_with_the_batch": "sum over the batch",
        "leaves_its_weight_to_the_trainer": "weight applied",
        "masks_unlabeled_samples": "unlabeled count",
        "masks_unknown_references": "unknown references count",
        "is_zero_without_references": "not a number without references",
        "is_finite_everywhere": "root at zero",
        "is_smaller_where_all_is_right": "sign",
        "trains_its_own_weights": "centers without gradient",
        "computes_in_float32": "half precision stays",
        "leaves_the_seed_alone": "seed",
        "keeps_nothing": "memory bank that grows",
        "is_stored_completely": "centers no parameter",
    },
    "encoder": {
        "takes_any_batch_size": "width too large",
        "repeats_its_answer": "frozen statistics that move",
        "ignores_other_samples": "gray alone",
        "tells_inputs_apart": "images of [0, 255], normalized",
        "takes_any_memory_layout": "view of strided memory",
        "reaches_weights_and_inputs": "bytes",
        "takes_the_sizes_that_it_accepts": "width of gray images alone",
        "takes_flat_pictures": "standardized by zero",
        "sees_dark_and_bright_pictures": "images of [0, 255]",
        "sees_the_whole_face": "color turned gray by its first channel",
        "leaves_codes_as_long_as_they_are": "normalized codes",
        "repeats_its_training": "noise of numpy in training",
        "is_built_without_its_first_weights": "a buffer needs the context",
        "survives_half_precision": "half if autocast",
        "compiles_to_the_same": "otherwise when compiled",
        "learns_to_tell_pictures": "gradient turned",
    },
    "delta": {
        "says_its_widths": "width of twelve",
        "uses_both_codes": "query first",
        "tells_nothing_where_codes_are_equal": "product first",
        "keeps_its_symmetry": "absolute that is said to be antisymmetric",
        "takes_equal_codes": "root of zero",
        "moves_to_another_device": "factor that is no parameter",
    },
    "classifier": {
        "has_one_logit_for_each_class": "three classes always",
        "gives_logits": "probabilities",
        "copies_are_independent": "copy is itself",
        "learns_three_clouds": "gradient turned",
    },
    "decoder": {
        "has_the_size_of_the_images": "gray always",
        "takes_codes_of_any_length": "twelve numbers always",
        "stays_in_range": "no limit",
        "leaves_its_input_alone": "code in place in training",
        "learns_a_picture": "gray repeated",
    },
    "reference": {
        "says_what_it_needs": "says nothing of albums",
        "chooses_at_least_one_picture": "none where there is an album alone",
        "draws_in_training_alone": "draws at test from a number",
        "is_blind": "query in training if it is neutral",
        "leaves_out_what_is_unknown": "generator of all places",
        "uses_the_album": "album in training alone",
        "ignores_the_order_of_an_album": "first picture of an album",
        "uses_a_true_reference_when_told": "true reference at test alone",
        "falls_back_on_the_estimate": "estimate detached in training",
        "measures_how_far_from_rest": "distances that are sums",
    },
    "join": {
        "says_whether_it_needs_distances": "says nothing",
        "joins_codes_and_pictures": "codes alone",
        "leaves_one_alone_as_it_is": "mean over all places",
        "ignores_the_order_of_candidates": "first that is known",
        "ignores_unknown_places": "unknown places times zero",
        "is_reached_by_gradients": "weight taken out",
        "weighs_distances_as_it_says": "distances ignored",
        "stays_finite_for_all_candidates": "root at zero",
    },
}
"""By kind and check, the fault that it must catch; a check that several kinds share stands once."""

OURS: list[tuple[str, str, dict[str, Any]]] = [
    ("encoder", "conv", {"channels": [8, 16], "width": 16}),
    ("encoder", "conv", {"channels": [8, 16], "depth": 2, "unshuffle": True}),
    *(
        ("delta", name, options)
        for name in ("signed", "absolute", "squared")
        for options in ({}, {"batch_norm": True, "append_query": True}, {"learn_scale": False})
    ),
    ("classifier", "linear", {}),
    ("classifier", "linear", {"batch_norm": False, "dropout": 0.3}),
    ("classifier", "mlp", {"hidden": [16, 8]}),
    ("decoder", "conv", {"channels": [16, 8]}),
    ("reference", "generated", {"album_prob": 0.5, "true_neutral_prob": 0.5}),
    ("reference", "album", {}),
    ("reference", "album", {"album_prob": 0.5, "true_neutral_prob": 0.5, "at_rest": True}),
    ("reference", "true_neutral", {}),
    ("join", "mean", {}),
    ("join", "median", {}),
    ("join", "attention", {}),
    ("join", "attention", {"rest": False}),
    ("loss", "cross_entropy", {"label_smoothing": 0.1}),
    ("loss", "cross_entropy", {"soft": True, "class_weights": "balanced"}),
    ("loss", "l1", {}),
    ("loss", "l2", {"weight": 300}),
    ("loss", "margin_contrastive", {"margin": 0.5}),
    ("loss", "reconstruction", {}),
    ("loss", "gradient", {}),
    ("loss", "perceptual", {}),
    ("loss", "supervised_contrastive", {}),
]


def table_of(kind: str) -> ModuleType:
    """The good sources and the faults of a kind."""
    sys.path.insert(0, str(TABLES))
    try:
        spec = importlib.util.spec_from_file_location(f"faults_of_{kind}", TABLES / f"{kind}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(TABLES))


def own_checks(kind: str) -> list[Check]:
    """The checks of a kind without those of every part, which have tests of their own."""
    return list(OF_KIND[kind])


@pytest.fixture(scope="module")
def tables() -> dict[str, ModuleType]:
    return {kind: table_of(kind) for kind in KINDS}


@pytest.fixture
def case_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # the kit judges, not the shapes of the interfaces

    def made(kind: str, name: str, source: str) -> Case:
        file = tmp_path / f"{name}.py"
        file.write_text(source)
        return Case(kind, "part", registry=discover([str(file)]))

    return made


def test_there_is_a_fault_for_every_check() -> None:
    proven = {check for caught in CAUGHT_BY.values() for check in caught}
    assert proven == {check.name for kind in KINDS for check in own_checks(kind)}


@pytest.mark.parametrize(
    ("kind", "check", "fault"), [(kind, check, fault) for kind in KINDS for check, fault in CAUGHT_BY[kind].items()]
)
def test_a_fault_is_caught_by_its_check(
    kind: str, check: str, fault: str, tables: dict[str, ModuleType], case_of: Any
) -> None:
    ((_, good, old, new),) = [entry for entry in tables[kind].FAULTS if entry[0] == fault]
    number = list(CAUGHT_BY[kind]).index(check)
    case = case_of(kind, f"fault_of_{kind}_{number}", tables[kind].GOOD[good].replace(old, new))
    results = list(run_checks(case, [entry for entry in checks_of(kind) if entry.name == check]))
    assert [result.check.name for result in results if result.fault] == [check]


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_changes_what_it_says(kind: str, tables: dict[str, ModuleType]) -> None:
    names = [name for name, *_ in tables[kind].FAULTS]
    assert len(set(names)) == len(names) >= 20
    for name, good, old, new in tables[kind].FAULTS:
        assert old in tables[kind].GOOD[good], name
        assert old != new, name


@pytest.mark.parametrize("kind", KINDS)
def test_good_parts_of_strangers_pass(kind: str, tables: dict[str, ModuleType], case_of: Any) -> None:
    checks = [check for check in own_checks(kind) if check.name != "compiles_to_the_same"]  # that is slow
    faults = [
        (name, result.check, result.fault)
        for number, (name, source) in enumerate(tables[kind].GOOD.items())
        for result in run_checks(case_of(kind, f"good_{kind}_{number}", source), checks)
        if result.outcome in ("broken", "not judged")
    ]
    assert faults == []


@pytest.mark.parametrize(("kind", "name", "options"), OURS)
def test_our_parts_keep_every_promise(
    kind: str, name: str, options: dict[str, Any], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # it would be compiled with the part
    case = Case(kind, name, options, registry)
    assert [result for result in run_checks(case, own_checks(kind)) if result.fault] == []
