"""Options of the engines."""

from typing import ClassVar, Literal

from pydantic import Field

from gcnet_core.plugin_api import EngineConfig

CORES = "CPU cores of a job"
MEMORY = "memory of a job, GiB"


class LocalConfig(EngineConfig):
    """Processes of this machine."""


class RayConfig(EngineConfig):
    """A cluster of Ray."""

    runs_elsewhere: ClassVar[bool] = True

    address: str | None = Field(
        None,
        description="head node, as HOST:6379 or ray://HOST:10001, or `auto` on a machine of the cluster; default: a "
        "cluster of this machine alone, for as long as the comparison takes",
    )
    cores: int = Field(1, ge=1, le=4096, description=CORES)
    gpus: float = Field(0.0, ge=0, le=64, description="GPUs of a job; 0.25: four jobs share one")
    memory: float | None = Field(None, gt=0, le=65_536, description=f"{MEMORY}; default: not looked at")
    retries: int = Field(3, ge=0, le=1000, description="how often a job is begun again whose machine died")
    files: Literal["shared", "copied"] = Field(
        "shared",
        description="`shared`: all machines see the comparison folder under its path; `copied`: the run of a job is "
        "brought back when it ends. Data and plugins must be on each machine, under their paths, either way",
    )


class SlurmConfig(EngineConfig):
    """Jobs of Slurm. All machines must see the comparison folder under its path."""

    runs_elsewhere: ClassVar[bool] = True

    partition: str | None = Field(None, description="partition (queue); default: that of the cluster")
    cores: int = Field(1, ge=1, le=4096, description=CORES)
    gpus: int = Field(0, ge=0, le=64, description="GPUs of a job")
    memory: float = Field(4.0, gt=0, le=65_536, description=MEMORY)
    hours: float = Field(
        24.0, gt=0, le=8760, description="time limit of a job; one that meets it is queued again, and goes on"
    )
    retries: int = Field(3, ge=0, le=1000, description="how often it is queued again")
    parameters: dict[str, str] = Field(
        {}, description="other options of sbatch by their names, as {account: ME, constraint: a100}"
    )
    cluster: Literal["slurm", "local"] = Field(
        "slurm", description="`local`: submitit's own processes on this machine, to try it where there is no Slurm"
    )
