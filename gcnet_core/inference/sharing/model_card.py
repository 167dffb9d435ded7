"""The card of a model: README.md with front matter, in the layout of the Hugging Face hub."""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from gcnet_core.inference.sharing.half_precision import AnswerChange
from gcnet_core.output.markdown import code, markdown, sentence
from gcnet_core.output.visible import one_line
from gcnet_core.plugin_api import Registry
from gcnet_core.runs import Summary
from gcnet_core.runs.description import ModelDescription

TASK = "image-classification"
TAGS = ["gcnet", "facial-expression-recognition", "emotion-recognition", "safetensors"]
IDENTIFIERS = frozenset({"apache-2.0", "mit", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0"})
"""Licences that the hub knows by these names; another one is given in words."""
FIGURES = {"accuracy": "Accuracy", "balanced_accuracy": "Balanced accuracy", "macro_f1": "Macro F1"}


def model_card(
    name: str,
    summary: Summary,
    description: ModelDescription,
    recipe: Mapping[str, Any],
    megabytes: float,
    change: AnswerChange,
    registry: Registry,
    compared_on: str = "faces",
) -> str:
    """Write the card.

    Args:
        name: of the model.
        summary: figures of the run that trained it.
        description: what model.json says.
        recipe: the resolved recipe, as plain values.
        megabytes: size of the weights.
        change: of the answers by half precision.
        registry: which knows what data sets are.
        compared_on: what these faces were.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("gcnet_core.inference.sharing", "."),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"name": markdown, "code": code}
    test, data_sets = summary.test, [_described(data, registry) for data in _data_sets(recipe)]
    card = environment.get_template("model_card.md.jinja").render(
        description.model_dump(),
        front_matter=f"---\n{_front_matter(name, summary, description, data_sets)}---",
        name=markdown(name),
        where=re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-") or "model",
        summary=sentence(recipe.get("summary") or ""),
        parameters=summary.parameters["total"],
        megabytes=megabytes,
        recipe_name=description.recipe,
        licence=sentence(description.licence or ""),
        data_names=", ".join(_tested(data_sets)),
        data_sets=data_sets,
        test=test,
        figures=[(FIGURES[key], getattr(test, key), getattr(test, f"{key}_interval")) for key in FIGURES],
        smoke=summary.status != "done",
        notes=[markdown(note) for note in summary.notes],
        change=change,
        compared_on=compared_on,
    )
    return re.sub(r"\n{3,}", "\n\n", card)


def _front_matter(name: str, summary: Summary, description: ModelDescription, data_sets: list[dict[str, str]]) -> str:
    """What the hub reads, as YAML."""
    from huggingface_hub import EvalResult, ModelCardData

    data = data_sets[0]["type"]
    results = [
        EvalResult(TASK, data, " and ".join(_tested(data_sets)), key, getattr(summary.test, key),
                   metric_name=text, dataset_split="test")
        for key, text in FIGURES.items()
    ]  # fmt: skip
    licence = description.licence or ""
    known = licence.lower() in IDENTIFIERS
    values = ModelCardData(
        license=licence.lower() if known else "other",
        license_name=None if known else one_line(" ".join(licence.split())),
        library_name="gcnet",
        pipeline_tag=TASK,
        tags=TAGS,
        model_name=one_line(name),
        eval_results=None if summary.status != "done" else results,
    )
    return values.to_yaml() + "\n"


def _data_sets(recipe: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    data = recipe.get("data") or []
    return list(data) if isinstance(data, list) else [data]


def _described(data: Mapping[str, Any], registry: Registry) -> dict[str, str]:
    """A data set in words: what its part says of it, and what the recipe says of how to get it."""
    name = str(data.get("type"))
    spec = registry.find("dataset", name)
    summary = spec.summary if spec else "a data set of another plugin"
    source = f" ({spec.source})" if spec and spec.source else ""
    place = PurePath(str(data.get("folder") or "")).name
    words = f"{f'folder {place}: ' if place else ''}{summary}{source}. {data.get('instructions') or ''}"
    return {"type": one_line(name), "words": sentence(words), "role": "trained" if data.get("train_only") else "tested"}


def _tested(data_sets: list[dict[str, str]]) -> list[str]:
    """Names of the data sets whose people are tested."""
    return [data["type"] for data in data_sets if data["role"] == "tested"]
