"""The report: complete, self-contained, true to summary.json, and clear about what is missing or does not fit."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from safetensors.numpy import load_file, save_file

from gcnet_core.plugin_api import UserError
from gcnet_core.report import write_report
from gcnet_core.report.baseline import align
from gcnet_core.report.curves import accuracy_figure, loss_figure
from gcnet_core.report.embedding import can_map, silhouette
from gcnet_core.report.grid import grid_figures
from gcnet_core.report.page import verdict
from gcnet_core.report.terminal import print_result, summary_table
from gcnet_core.runs import Evaluation, GeneratorErrors, Run
from tests.core.fake_run import CLASSES, fake_epochs, write_fake_folds, write_fake_run, write_json
from tests.in_process import unpainted

VOID = {"meta", "img", "br", "link", "hr", "input"}


class Page(HTMLParser):
    """Checks that tags are balanced, and collects what tests ask for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.headers: list[dict[str, str | None]] = []
        self.addresses: list[str | None] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids += [values["id"]] if values.get("id") else []
        self.addresses += [value for name, value in attrs if name in ("src", "href", "srcset", "action", "data")]
        self.images += [values] if tag == "img" else []
        self.headers += [values] if tag == "th" else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)

    @property
    def words(self) -> str:
        """All text, spaces made single."""
        return " ".join(" ".join(self.text).split())


def page_of(run: Path, baseline: Path | None = None) -> Page:
    """Write the report of a run, with dots for its figures, and parse it."""
    with unpainted():
        path = write_report(run, baseline)
    assert path == run / "report.html"
    return Page(path.read_text(encoding="utf-8"))


def summary_of(run: Path) -> dict[str, Any]:
    """summary.json of a run."""
    return json.loads((run / "summary.json").read_text())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_fake_run(tmp_path_factory.mktemp("runs") / "gcnet")


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_fake_run(tmp_path_factory.mktemp("runs") / "cnn", generator=False)


@pytest.fixture(scope="module")
def page(run: Path, baseline: Path) -> Page:
    return page_of(run, baseline)


@pytest.fixture(scope="module")
def cnn_page(baseline: Path) -> Page:
    return page_of(baseline)


def test_the_page_has_every_section(page: Page) -> None:
    sections = ["result", "expressions", "references", "embedding", "training", "record"]
    assert [name for name in page.ids if name in sections] == sections
    assert len(page.ids) == len(set(page.ids))


def test_the_page_needs_no_network(page: Page, run: Path) -> None:
    assert page.addresses, "the page shows figures"
    assert all(address and address.startswith("data:image/png;base64,") for address in page.addresses)
    html = (run / "report.html").read_text(encoding="utf-8")
    without_figures = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", html)
    for fetched in ("http:", "https:", "//", "url(", "@import", "<script", "<link", "<iframe"):
        assert fetched not in without_figures.replace("</", "<"), fetched
    assert "default-src 'none'" in html


def test_figures_have_texts_and_tables_have_scopes(page: Page) -> None:
    assert all(image["alt"] and len(image["alt"]) > 20 for image in page.images)
    assert {header.get("scope") for header in page.headers} == {"row", "col"}


def test_figures_are_saved_beside_the_page(page: Page, run: Path) -> None:
    names = sorted(path.name for path in (run / "figures").iterdir())
    assert names == [
        "accuracy.png", "confusion.png", "embedding-baseline.png", "embedding-difference.png", "faces-1.png",
        "faces-2.png", "learning_rate.png", "losses.png", "recall.png",
    ]  # fmt: skip
    assert len(page.images) == len(names)


def test_numbers_on_the_page_are_those_of_the_summary(page: Page, run: Path, baseline: Path) -> None:
    summary, other = summary_of(run), summary_of(baseline)
    for metrics in (summary["test"], summary["true_reference"], other["test"]):
        for name in ("accuracy", "balanced_accuracy", "macro_f1"):
            assert f"{100 * metrics[name]:.1f}%" in page.words
            low, high = metrics[f"{name}_interval"]
            assert f"{100 * low:.1f} to {100 * high:.1f}%" in page.words
    for name in CLASSES:
        images = sum(summary["test"]["confusion"][CLASSES.index(name)])
        assert f"{name} {images} {100 * summary['test']['recall'][name]:.1f}%" in page.words
    for estimate in ("generated", "copy", "mean_face"):
        for queries in ("all", "expressive"):
            assert f"{summary['generator'][queries][estimate]['mse']:#.3g}" in page.words
            assert f"SSIM {summary['generator'][queries][estimate]['ssim']:#.3g}" in page.words
    assert f"{100 * summary['test']['chance']:.1f}% the most frequent expression" in page.words
    assert "total 14,801,234" in page.words
    assert summary["recipe_hash"] in page.words
    assert "torch 2.11.0" in page.words
    assert "train 1,234 96" in page.words
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b", page.words)


def test_the_recipe_is_shown_as_text_and_never_as_markup(page: Page, run: Path) -> None:
    assert "ResNet encoder & <all> losses" in page.words
    assert "ResNet encoder &amp; &lt;all&gt; losses" in (run / "report.html").read_text(encoding="utf-8")


def test_the_command_repeats_the_run_and_tells_no_private_path(page: Page, run: Path) -> None:
    assert f"gcnet run {run.name}/recipe.yaml" in page.words
    assert str(run.parent) not in page.words


def test_a_run_without_generator_shows_no_references(cnn_page: Page, baseline: Path) -> None:
    assert "references" not in cnn_page.ids
    assert "embedding" in cnn_page.ids
    assert "reference given" not in cnn_page.words
    names = {path.name for path in (baseline / "figures").iterdir()}
    assert "embedding-features.png" in names
    assert not {"faces-1.png", "embedding-query_code.png", "embedding-baseline.png"} & names


def test_without_baseline_the_map_stands_beside_the_codes_of_the_query(tmp_path: Path) -> None:
    page = page_of(write_fake_run(tmp_path / "run", images=21))
    assert "code of the query, without reference" in page.words
    assert (tmp_path / "run" / "figures" / "embedding-query_code.png").is_file()


def test_a_baseline_on_other_images_is_refused(run: Path, tmp_path: Path) -> None:
    other = write_fake_run(tmp_path / "other", fold=1, generator=False)
    with pytest.raises(UserError, match=r"--baseline .*tested on other images.*same `data`, `split` and `seed`"):
        write_report(run, other)


def test_a_baseline_in_another_order_is_brought_into_order(run: Path, tmp_path: Path) -> None:
    straight = Run(write_fake_run(tmp_path / "straight", generator=False))
    shuffled = write_fake_run(tmp_path / "shuffled", generator=False)
    order = np.random.default_rng(0).permutation(60)
    lines = (shuffled / "predictions.csv").read_text().splitlines(keepends=True)
    (shuffled / "predictions.csv").write_text("".join([lines[0], *(lines[1 + row] for row in order)]))
    arrays = load_file(shuffled / "analysis.safetensors")
    save_file({name: array[order] for name, array in arrays.items()}, shuffled / "analysis.safetensors")
    aligned = align(Run(shuffled), Run(run))
    assert aligned.predictions.images == straight.predictions.images
    np.testing.assert_array_equal(aligned.predictions.probabilities, straight.predictions.probabilities)
    np.testing.assert_array_equal(aligned.predictions.labels, straight.predictions.labels)
    assert aligned.predictions.subjects == straight.predictions.subjects
    np.testing.assert_array_equal(aligned.arrays["features"], straight.arrays["features"])


def test_a_run_over_all_folds_shows_each_fold_and_the_pool(tmp_path: Path) -> None:
    run = write_fake_folds(tmp_path / "all", folds=11)
    cnn = write_fake_folds(tmp_path / "cnn", folds=11, generator=False)
    page, summary = page_of(run, cnn), summary_of(run)
    assert f"{100 * summary['mean_of_folds']:.1f}%" in page.words
    assert f"{100 * summary['test']['accuracy']:.1f}%" in page.words
    places = [page.words.index(f"fold-{fold} 36 3") for fold in range(11)]
    assert places == sorted(places), "folds in the order of their numbers"
    for fold in range(11):
        ours, theirs = (summary_of(folder / f"fold-{fold}")["test"]["accuracy"] for folder in (run, cnn))
        row = page.words[places[fold] :][:90]
        assert f"{100 * ours:.1f}%" in row
        assert f"{100 * theirs:.1f}%" in row
    assert "training" not in page.ids
    assert "embedding" not in page.ids


def test_a_smoke_run_says_that_its_figures_mean_nothing(tmp_path: Path, page: Page) -> None:
    run = write_fake_run(tmp_path / "run", images=4, epochs=1)
    write_json(run / "summary.json", {**summary_of(run), "status": "smoke", "images_per_second": None})
    words = page_of(run).words
    assert "figures mean nothing" in words
    assert "figures mean nothing" not in page.words
    console = Console(record=True, width=100)
    print_result(run, console)
    assert "figures mean nothing" in console.export_text()


def test_maps_can_be_switched_off(tmp_path: Path) -> None:
    run = write_fake_run(tmp_path / "run", images=14)
    (run / "recipe.yaml").write_text("report: {tsne: false}\n")
    assert "embedding" not in page_of(run).ids


def test_expressions_without_images_are_told(tmp_path: Path) -> None:
    run = write_fake_run(tmp_path / "run", images=5)
    assert summary_of(run)["test"]["recall"]["surprise"] is None
    assert "surprise 0 – –" in page_of(run).words


def test_colour_faces_and_a_grid_that_is_not_full(tmp_path: Path) -> None:
    contents = Run(write_fake_run(tmp_path / "run", images=5, channels=3))
    assert contents.arrays["grid.query"].shape[1] == 3
    index = contents.arrays["grid.index"]
    arrays = {**contents.arrays, "grid.index": index[:1]}
    assert len(grid_figures(arrays, contents.predictions)) == 1


def test_the_same_run_gives_the_same_page(run: Path, baseline: Path) -> None:
    first = write_report(run, baseline).read_bytes()
    assert write_report(run, baseline).read_bytes() == first


@pytest.mark.parametrize("missing", ["summary.json", "recipe.yaml"])
def test_a_folder_without_a_finished_run_is_an_error_for_people(tmp_path: Path, missing: str) -> None:
    run = write_fake_run(tmp_path / "run", images=7)
    (run / missing).unlink()
    with pytest.raises(UserError, match=f"{missing}.*"):
        write_report(run)


def test_losses_keep_apart_what_stages_do_not_share() -> None:
    epochs = fake_epochs({"reference": 2, "joint": 2}, generator=True)
    axes = loss_figure(epochs).axes[0]
    drawn = {line.get_label(): line.get_ydata() for line in axes.lines if not line.get_label().startswith("_")}
    phase = ["discriminator: adversarial", "discriminator: total"]
    assert list(drawn) == ["generative", "total", "classification", "contrastive", *phase]
    assert drawn["generative"].tolist() == [line.losses["main"]["generative"] for line in epochs[:2]]
    assert np.isnan(drawn["classification"]).all(), "the first stage has no classification"
    assert [text.get_text() for text in axes.texts] == ["reference", "joint"]


def test_losses_that_fall_below_zero_are_not_drawn_on_a_logarithmic_axis() -> None:
    epochs = fake_epochs({"joint": 8}, generator=True)
    assert loss_figure(epochs).axes[0].get_yscale() == "log"
    epochs[3].losses["main"]["generative"] = -0.5
    assert loss_figure(epochs).axes[0].get_yscale() == "linear"


def test_no_accuracy_curve_without_a_classifier() -> None:
    assert accuracy_figure(fake_epochs({"reference": 2}, generator=True)) is None


def test_silhouette_of_tight_and_of_mixed_classes() -> None:
    labels = np.array([0, 0, 1, 1])
    assert silhouette(np.array([[0.0], [0.0], [1.0], [1.0]]), labels) == 1
    # by hand: each point has distance 1 to its own class and (0 + 1) / 2 to the other: (1/2 - 1) / 1
    assert silhouette(np.array([[0.0], [1.0], [0.0], [1.0]]), labels) == pytest.approx(-0.5)
    assert silhouette(np.zeros((4, 1)), np.zeros(4, dtype=int)) is None
    assert not can_map(np.zeros((50, 3)))


def test_the_verdict_says_when_the_generator_is_worse_than_a_copy() -> None:
    mse = {"generated": 0.0097, "copy": 0.0077, "mean_face": 0.0194}
    errors = {"images": 1, **{name: {"mse": value, "ssim": 0.5} for name, value in mse.items()}}
    text = verdict(GeneratorErrors.model_validate({"all": errors, "expressive": None}))
    assert "26.0% larger than that of a copy of the query" in text
    assert "50.0% smaller than that of the mean face" in text
    assert text.startswith("Over all queries")


def test_the_terminal_table_tells_the_same_figures(run: Path) -> None:
    summary, console = summary_of(run), Console(record=True, width=110)
    console.print(summary_table(Run(run).summary))
    text = " ".join(console.export_text().split())
    test = summary["test"]
    for name, label in {
        "accuracy": "accuracy",
        "balanced_accuracy": "balanced accuracy",
        "macro_f1": "macro F1",
    }.items():
        low, high = test[f"{name}_interval"]
        assert f"{label} {100 * test[name]:.1f}% {100 * low:.1f} to {100 * high:.1f}%" in text
    for name in CLASSES:
        assert f"recall {name} {100 * test['recall'][name]:.1f}%" in text
    errors = summary["generator"]["expressive"]
    told = f"{errors['generated']['mse']:#.3g} copy of the query {errors['copy']['mse']:#.3g}"
    assert f"reference MSE, expressive queries {told}" in text
    assert f"accuracy, given reference {100 * summary['true_reference']['accuracy']:.1f}%" in text
    assert "parameters 14,801,234 generator 3,600,000" in text
    assert "time 2 min 34 s" in text


def test_the_terminal_table_of_an_evaluation_has_what_there_is(run: Path) -> None:
    evaluation = Evaluation(
        recipe="vae_resnet", data="other.yaml", images=60, skipped=3, same_crop=True, common=CLASSES,
        test=Run(run).summary.test,
    )  # fmt: skip
    console = Console(record=True, width=110)
    console.print(summary_table(evaluation))
    text = console.export_text()
    assert "vae_resnet, other.yaml: 60 images of 5 subjects" in text
    assert "images left out" in text
    assert "parameters" not in text


def test_a_finished_run_can_be_printed_as_json(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_result(run, Console(stderr=True), as_json=True)
    assert json.loads(capsys.readouterr().out) == summary_of(run)


def test_standardised_features_have_unit_spread_and_constant_ones_stay_zero() -> None:
    from gcnet_core.report.embedding import standardized

    features = np.random.default_rng(0).normal(3, [1, 50, 0], (200, 3))
    assert standardized(features).mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert standardized(features).std(axis=0) == pytest.approx([1, 1, 0])
