"""The temperature of a model: fitted on the validation part of its run, kept in model.json with what it changed."""

from pathlib import Path

from gcnet_core.evaluation.calibration import calibration, fit_temperature
from gcnet_core.evaluation.run import evaluate_run
from gcnet_core.plugin_api import Registry
from gcnet_core.runs import Calibration, Predictions, read_record, write_record
from gcnet_core.runs.description import ModelDescription
from gcnet_core.runs.files import DESCRIPTION


def calibrate_run(run: Path, registry: Registry, device: str | None = None) -> Calibration:
    """Fit the temperature of a finished run again, on its own validation part, and write it into model.json.

    Args:
        run: a finished run of one fold.
        registry: where parts are found.
        device: name of the device; default: the best one.

    Returns:
        What it changes on the validation part.

    Raises:
        UserError: if there is no such run, or it has no validation part.
    """
    _, validation = evaluate_run(run, registry, split="validation", device=device)
    _, test = evaluate_run(run, registry, split="test", device=device)
    temperature = fit_temperature(validation)
    write_temperature(run, temperature, validation, test)
    return calibration(validation, temperature)


def write_temperature(folder: Path, temperature: float, validation: Predictions, test: Predictions) -> None:
    """Write a temperature into the model.json of a folder, with what it changes.

    Args:
        folder: with a model.
        temperature: as it was fitted.
        validation: answers to which it was fitted.
        test: answers that had no say in it.
    """
    fitted, tested = calibration(validation, temperature), calibration(test, temperature)
    changed = {
        "validation_ece_before": fitted.ece,
        "validation_ece_after": fitted.calibrated_ece,
        "test_ece_before": tested.ece,
        "test_ece_after": tested.calibrated_ece,
    }
    description = read_record(folder / DESCRIPTION, ModelDescription)
    update = {"temperature": temperature, "calibration": changed}
    write_record(folder / DESCRIPTION, description.model_copy(update=update))
