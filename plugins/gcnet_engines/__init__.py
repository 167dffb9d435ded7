"""Engines that run the jobs of a comparison: this machine, a Ray cluster, Slurm."""

from collections.abc import Iterable

from gcnet_core.plugin_api import ComponentSpec, hookimpl
from gcnet_engines import config


@hookimpl
def gcnet_components() -> Iterable[ComponentSpec]:
    """The parts of this plugin."""
    return [
        ComponentSpec(
            "engine", "local", config.LocalConfig, "gcnet_engines.local:Local",
            "processes of this machine, side by side",
        ),
        ComponentSpec(
            "engine", "ray", config.RayConfig, "gcnet_engines.ray:Ray",
            "a Ray cluster, or one that is started here for the comparison", "arXiv:1712.05889",
        ),
        ComponentSpec(
            "engine", "slurm", config.SlurmConfig, "gcnet_engines.slurm:Slurm",
            "jobs of Slurm, submitted by submitit", "https://github.com/facebookincubator/submitit",
        ),
    ]  # fmt: skip
