"""Names of what lies in the folder of a run and of a comparison. No other module spells one."""

from pathlib import Path

RECIPE = "recipe.yaml"
SUMMARY = "summary.json"
"""Written last: a folder without it is unfinished."""
DATA = "data.json"
DATA_ARRAYS = "data.safetensors"
"""Who is trained on: written before training, see `trained_on`."""
METRICS = "metrics.jsonl"
PREDICTIONS = "predictions.csv"
TRUE_REFERENCE_PREDICTIONS = "predictions_true_reference.csv"
ANALYSIS = "analysis.safetensors"
WEIGHTS = "model.safetensors"
DESCRIPTION = "model.json"
CHECKPOINT = "checkpoint/state.pt"

COMPARISON = "comparison.json"
PICTURES = "pictures.safetensors"
CROSS_DATASET = "cross_dataset.json"
"""The data that answers in the folder of a comparison are about, by name."""
RECIPES_CSV = "comparison.csv"
PAIRS_CSV = "pairs.csv"
CROSS_DATASET_CSV = "cross_dataset.csv"
TABLES = "comparison.md"

REPORT = "report.html"
FIGURES = "figures"

OLD_NAMES = {
    TRUE_REFERENCE_PREDICTIONS: "predictions_given_reference.csv",
    CROSS_DATASET: "across.json",
}
"""What gcnet 0.1 called a file."""

UNRECORDED = frozenset({SUMMARY, WEIGHTS, DESCRIPTION})
"""Of these summary.json holds no checksum: it holds its own, as model.json does, which holds that of the weights."""
RECORDED_SUFFIXES = frozenset({".yaml", ".jsonl", ".json", ".csv", ".safetensors"})


def recorded_files(folder: Path) -> list[Path]:
    """The files of a run of which summary.json holds the checksum: all that were written before it; by name."""
    files = [path for path in folder.iterdir() if path.suffix in RECORDED_SUFFIXES and path.is_file()]
    return sorted(path for path in files if path.name not in UNRECORDED and not path.name.startswith("."))


def existing(folder: Path, name: str) -> Path:
    """A file of a folder: by the name that an older version gave it, where it has only that one."""
    path, old = folder / name, folder / OLD_NAMES.get(name, name)
    return old if old.is_file() and not path.is_file() else path


def predictions_given(given: str) -> str:
    """The predictions of a model that was given so much beside the query; only runs with albums have these files."""
    return f"predictions_{given}.csv"


def fold_folder(run: Path, fold: int) -> Path:
    """The run of one fold inside a run over all folds."""
    return run / f"fold-{fold}"


def fold_folders(run: Path) -> list[Path]:
    """The finished runs of single folds inside a run over all folds, by number."""
    found = [path.parent for path in run.glob(f"fold-*/{SUMMARY}")]
    return sorted(found, key=lambda folder: (len(folder.name), folder.name))  # fold-10 after fold-9


def job_folder(comparison: Path, candidate: str, seed: int, fold: int) -> Path:
    """The run of a candidate, by its slug, with one seed on one fold of a comparison."""
    return comparison / candidate / f"seed-{seed}" / f"fold-{fold}"


def job_recipe(job: Path) -> Path:
    """The recipe that a job was started with, beside its folder."""
    return job.with_suffix(".yaml")


def job_log(job: Path) -> Path:
    """All that a job said, beside its folder."""
    return job.with_suffix(".log")


def cross_dataset_predictions(job: Path, data: str) -> Path:
    """The predictions of a job's model on other data, by their slug."""
    return job / f"on-{data}.csv"
