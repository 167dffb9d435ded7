"""`--vary` and the recipes of a comparison."""

from pathlib import Path

import pytest

from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import RecipeError, load_candidates
from gcnet_core.recipe.vary import Variant, variants


def test_nothing_varied_is_one_variant() -> None:
    assert variants([]) == [Variant("", ())]


def test_every_combination() -> None:
    found = variants(["model.encoder.name=resnet18,resnet34", "seed=0,1"])
    assert [variant.label for variant in found] == [
        f"encoder.name={name} seed={seed}" for name in ("resnet18", "resnet34") for seed in (0, 1)
    ]
    assert found[1].overrides == ('model.encoder.name="resnet18"', "seed=1")


@pytest.mark.parametrize(
    ("text", "overrides"),
    [
        ("training.ema=null,0.99", ["training.ema=null", "training.ema=0.99"]),
        ("training.optimizer.learning_rate=1e-3,3e-4",
         ["training.optimizer.learning_rate=0.001", "training.optimizer.learning_rate=0.0003"]),
        ("model.delta={type: signed},{type: absolute}",
         ['model.delta={"type": "signed"}', 'model.delta={"type": "absolute"}']),
        ("model.encoder.name=[a, b]", ['model.encoder.name="a"', 'model.encoder.name="b"']),
        ('summary="a, b",c', ['summary="a, b"', 'summary="c"']),
        ("model.generator_gradient=true,false", ["model.generator_gradient=true", "model.generator_gradient=false"]),
    ],
)  # fmt: skip
def test_values_are_yaml(text: str, overrides: list[str]) -> None:
    assert [variant.overrides[0] for variant in variants([text])] == overrides


@pytest.mark.parametrize("text", ["seed", "=1", "seed=", "seed=[1", "seed={a"])
def test_bad_texts_are_errors_for_people(text: str) -> None:
    with pytest.raises(UserError, match="expected KEY=VALUE,VALUE"):
        variants([text])


def test_names_tell_recipe_and_choice(registry: Registry) -> None:
    candidates = load_candidates(
        ["vae_resnet", "baselines/cnn_resnet"], ["model.encoder.name=resnet18,resnet34"], ["seed=3"], registry
    )
    assert [candidate.name for candidate in candidates] == [
        f"{recipe} encoder.name={name}"
        for recipe in ("vae_resnet", "baselines/cnn_resnet")
        for name in ("resnet18", "resnet34")
    ]
    assert candidates[0].slug == "vae_resnet_encoder.name=resnet18"
    assert {candidate.recipe.seed for candidate in candidates} == {3}
    assert candidates[3].recipe.model.config.encoder.config.name == "resnet34"


def test_problems_of_all_recipes_are_told_once(registry: Registry, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("extends: vae_resnet\nsede: 1\n")
    with pytest.raises(RecipeError) as caught:
        load_candidates([str(wrong), "vae_resnet"], ["model.generator.type=vae,gna"], [], registry)
    told = str(caught.value).splitlines()
    assert sum("unknown key sede" in line for line in told) == 1
    assert sum("did you mean gan?" in line for line in told) == 1


def test_one_recipe_twice_is_refused(registry: Registry) -> None:
    with pytest.raises(UserError, match="vae_resnet is to be compared 2 times"):
        load_candidates(["vae_resnet", "recipes/vae_resnet.yaml"], [], [], registry)


def test_what_is_wrong_with_a_choice_names_the_option(registry: Registry, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(RecipeError) as error:
        load_candidates(["vae_resnet"], ["training.batch_size=1,8"], ["sede=1"], registry)
    assert str(error.value).splitlines() == [
        "--set sede=1: unknown key sede; did you mean seed?",
        "--vary training.batch_size=1: expected at least 2, not 1",
    ]
    load_candidates(["vae_resnet"], ["model.normalise=l2,none"], (), registry)
    assert [record.getMessage().partition(" is called")[0] for record in caplog.records] == [
        '--vary model.normalise="l2": `normalise`', '--vary model.normalise="none": `normalise`',
    ]  # fmt: skip
