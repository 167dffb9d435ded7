"""Run folders with made-up figures: what `gcnet run` would leave, from seeded random numbers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from gcnet_core.evaluation import aggregate, classification_metrics, reference_errors
from gcnet_core.runs import EpochMetrics, Predictions, Run, SplitCounts, Summary, concatenate, write_record
from gcnet_core.runs.files import ANALYSIS, METRICS, PREDICTIONS, RECIPE, SUMMARY, fold_folder
from gcnet_core.runs.record import as_line

CLASSES = ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise")


def draw_faces(labels: np.ndarray, size: int = 48, channels: int = 1, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Smooth blobs as faces, with a mouth and brows that move with the label; and the same faces at rest."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]

    def face(strength: float, person: Sequence[float]) -> np.ndarray:
        width, skin, eyes = person
        head = skin / (1 + np.exp(14 * (np.hypot(x / width, y / 0.9) - 0.9)))
        features = sum(np.exp(-60 * ((x - side) ** 2 + 2 * (y + eyes) ** 2)) for side in (-0.3, 0.3))
        brows = sum(
            np.exp(-40 * ((x - side) ** 2 + 12 * (y + eyes + 0.2 + 0.04 * strength) ** 2)) for side in (-0.3, 0.3)
        )
        mouth = np.exp(-(9 * x**2 + 60 * (y - 0.45 + 0.1 * strength * x**2) ** 2 / (1 + abs(strength))))
        return np.clip(0.12 + head - 0.4 * features - 0.3 * brows - 0.35 * mouth, 0, 1)

    people = [(generator.uniform(0.65, 0.8), generator.uniform(0.5, 0.8), generator.uniform(0.1, 0.2)) for _ in labels]
    query = np.stack([face(label - 0.5 * (label > 0), person) for label, person in zip(labels, people, strict=True)])
    rest = np.stack([face(0.0, person) for person in people])
    return tuple(np.repeat(images[:, None], channels, axis=1).astype(np.float32) for images in (query, rest))  # type: ignore[return-value]


def fake_predictions(images: int, fold: int, accuracy: float = 0.85, seed: int = 0) -> Predictions:
    """InferenceResult that are right with the given probability; 12 images of each subject."""
    generator = np.random.default_rng([seed, fold])
    labels = np.arange(images) % len(CLASSES)
    answered = np.where(generator.random(images) < accuracy, labels, generator.integers(0, len(CLASSES), images))
    probabilities = generator.dirichlet(np.ones(len(CLASSES)), images) * 0.4
    probabilities[np.arange(images), answered] += 0.6
    return Predictions(
        images=tuple(f"fold-{fold}/image-{number:04d}.png" for number in range(images)),
        subjects=tuple(f"{fold}-{number // 12}" for number in range(images)),
        labels=labels,
        probabilities=probabilities,
        classes=CLASSES,
        folds=np.full(images, fold),
    )


def write_fake_run(
    folder: Path, images: int = 60, fold: int = 0, generator: bool = True, epochs: int = 3, channels: int = 1
) -> Path:
    """Write the folder of a finished run of one fold; without a generator that of a CNN baseline."""
    folder.mkdir(parents=True)
    predictions = fake_predictions(images, fold, 0.85 if generator else 0.7)
    predictions.write_csv(folder / PREDICTIONS)
    query, true = draw_faces(predictions.labels, channels=channels, seed=fold)
    random = np.random.default_rng(fold)
    generated = np.clip(0.9 * true + 0.1 * query + 0.02 * random.standard_normal(true.shape), 0, 1).astype(np.float32)
    spread = 0.45 if generator else 0.9
    centres = random.standard_normal((len(CLASSES), 16))
    arrays: dict[str, np.ndarray] = {
        "label": predictions.labels,
        "features": (centres[predictions.labels] + spread * random.standard_normal((images, 16))).astype(np.float32),
    }
    if generator:
        index = np.arange(0, images, 3)[:8]
        arrays["difference"] = arrays["features"]
        arrays["query_code"] = random.standard_normal((images, 16)).astype(np.float32)
        arrays |= {"grid.index": index, "grid.query": query[index], "grid.true": true[index]}
        arrays["grid.generated"] = generated[index]
    save_file(arrays, folder / ANALYSIS)
    metrics = classification_metrics(predictions, 200, 0)
    errors = reference_errors(generated, true, query, true.mean(axis=0), predictions.labels > 0)
    given = classification_metrics(fake_predictions(images, fold, 0.95), 200, 0)
    stages = {"reference": epochs, "contrast": epochs, "joint": epochs} if generator else {"joint": epochs}
    summary = Summary(
        recipe="vae_resnet" if generator else "baselines/cnn_resnet",
        status="done",
        seed=0,
        fold=fold,
        classes=CLASSES,
        test=metrics,
        true_reference=given if generator else None,
        generator=errors if generator else None,
        validation=None,
        split={
            "train": SplitCounts(images=1234, subjects=96),
            "validation": SplitCounts(images=0, subjects=0),
            "test": SplitCounts(images=metrics.images, subjects=metrics.subjects),
        },
        parameters={"total": 14_801_234, "generator": 3_600_000, "encoder": 11_181_234, "classifier": 20_000},
        seconds={"total": 154.2, **dict.fromkeys(stages, 40.0), "evaluation": 6.1},
        images_per_second=812.3,
        threads=2,
        device="cpu",
        recipe_hash="3f1c9a70b2d4",
        versions={"gcnet": "0.1.0", "python": "3.11.9", "torch": "2.11.0", "timm": "1.0.22"},
    )
    write_record(folder / SUMMARY, summary)
    (folder / RECIPE).write_text(
        "# resolved\nsummary: VAE reference, ResNet encoder & <all> losses\nseed: 0\nreport:\n  tsne: true\n"
    )
    lines = fake_epochs(stages, generator)
    (folder / METRICS).write_text("".join(map(as_line, lines)))
    return folder


def fake_epochs(stages: dict[str, int], generator: bool) -> list[EpochMetrics]:
    """Lines of metrics.jsonl with falling losses."""
    random = np.random.default_rng(0)
    lines: list[EpochMetrics] = []
    for stage, epochs in stages.items():
        for epoch in range(1, epochs + 1):
            fall = float(np.exp(-len(lines) / 6) * random.uniform(0.95, 1.05))
            losses = {"generative": 0.02 + 0.2 * fall} if generator else {}
            if stage != "reference":
                losses |= {"classification": 0.1 + 1.8 * fall, "contrastive": 0.05 + 0.5 * fall}
            phases = {"main": {**losses, "total": sum(losses.values())}}
            rates = {"main": 1e-3 * (1 - epoch / (epochs + 1))}
            if generator and stage == "joint":
                phases["discriminator"] = {"adversarial": 0.7 + 0.1 * fall, "total": 0.7 + 0.1 * fall}
                rates["discriminator"] = 2e-4
            lines.append(
                EpochMetrics(
                    stage=stage, epoch=epoch, epochs=epochs, step=40 * (len(lines) + 1),
                    learning_rate=rates, losses=phases,
                    train_accuracy=None if stage == "reference" else 1 - 0.8 * fall,
                    validation_accuracy=None, images_per_second=800.0, seconds=1.5,
                )
            )  # fmt: skip
    return lines


def write_fake_folds(folder: Path, folds: int = 3, images: int = 36, generator: bool = True) -> Path:
    """Write the folder of a finished run over all folds."""
    parts = [write_fake_run(fold_folder(folder, fold), images, fold, generator) for fold in range(folds)]
    runs = {(0, fold): Run(part) for fold, part in enumerate(parts)}
    concatenate([run.predictions for run in runs.values()]).write_csv(folder / PREDICTIONS)
    together = aggregate(runs, 200, 0)
    first = runs[0, 0].summary
    kept = ("recipe", "status", "seed", "classes", "parameters", "threads", "device", "recipe_hash", "versions")
    summary = Summary(
        **{name: getattr(first, name) for name in kept},
        fold="all",
        test=together.metrics,
        folds=together.accuracies,
        mean_of_folds=together.mean_of_folds,
        mean_of_folds_interval=together.mean_of_folds_interval,
        seconds={"total": 460.0},
    )
    write_record(folder / SUMMARY, summary)
    (folder / RECIPE).write_text((parts[0] / RECIPE).read_text())
    return folder


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write JSON as the product did before its files had a checksum: no NaN."""
    unsigned = {key: entry for key, entry in value.items() if key != "sha256"}
    path.write_text(json.dumps(unsigned, indent=2, allow_nan=False))


def edit_json(path: Path, **entries: Any) -> None:
    """Change some entries of a file that holds one record, and take out its checksum, as somebody does on purpose."""
    write_json(path, {**json.loads(path.read_text()), **entries})
