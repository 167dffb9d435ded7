"""A run records where each of its parts is from, and says when that is different today."""

from pathlib import Path

from gcnet_core.plugin_api import Registry, discover
from gcnet_core.recipe import changed_parts, load_recipe, part_versions
from gcnet_core.runs.files import SUMMARY
from tests.core.conftest import GOOD
from tests.core.fake_run import edit_json, write_fake_run
from tests.runs import SMALL, gcnet, write_recipe

PARTS = (
    "classifier/linear", "dataset/synthetic_faces", "decoder/conv", "delta/signed", "encoder/conv", "generator/vae",
    "join/mean", "loss/cross_entropy", "loss/l2", "loss/margin_contrastive", "loss/reconstruction", "model/gcnet",
    "reference/generated",
)  # fmt: skip


def test_every_part_of_a_recipe_has_a_version(tmp_path: Path, registry: Registry) -> None:
    recipe = load_recipe(write_recipe(tmp_path), registry=registry)
    version = registry.parts["generator", "vae"].version
    assert part_versions(recipe, registry) == dict.fromkeys(PARTS, f"gcnet {version}")


def test_a_local_file_is_recorded_without_its_folder(tmp_path: Path) -> None:
    (tmp_path / "here.py").write_text(GOOD.replace("{module}", "here") + "\nclass Mirror: ...\n")
    registry = discover([str(tmp_path / "here.py")])
    text = SMALL.replace("{type: vae, channels: 4, latent: 8}", "{type: mirror}")
    versions = part_versions(load_recipe(write_recipe(tmp_path, text), registry=registry), registry)
    assert versions["generator/mirror"] == "here.py local"
    assert changed_parts(versions, discover()) is None


def test_what_changed_is_one_sentence(registry: Registry) -> None:
    now = registry.parts["generator", "vae"].distribution_version
    assert changed_parts({"generator/vae": now}, registry) is None
    assert changed_parts({}, registry) is None
    recorded = {"encoder/conv": "gcnet 0", "generator/far": "gcnet-far 1", "generator/vae": "gcnet 0", "loss/l2": now}
    assert changed_parts(recorded, registry) == (
        f"trained with other versions of its parts: encoder/conv, generator/vae of gcnet 0, now {now}; "
        "generator/far of gcnet-far 1, now not installed"
    )


def test_a_report_says_that_parts_changed(tmp_path: Path) -> None:
    run = write_fake_run(tmp_path / "run", generator=False, epochs=1)
    assert gcnet("report", run).stderr == ""  # as older versions wrote it
    edit_json(run / SUMMARY, parts={"generator/vae": "gcnet-vae 7"})
    told = gcnet("report", run)
    assert (told.returncode, told.stderr.count("\n")) == (0, 1)
    assert told.stderr.startswith(
        f"note: {run}: trained with other versions of its parts: generator/vae of gcnet-vae 7"
    )
