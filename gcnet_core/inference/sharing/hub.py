"""The Hugging Face hub: a model's folder goes up, and comes down."""

from pathlib import Path

from gcnet_core.inference.find_model import HUB
from gcnet_core.inference.sharing.model_folder import SHARED_FILES
from gcnet_core.plugin_api import RunFailed, UserError


def check_login() -> str:
    """The name of the user who is logged in.

    Raises:
        UserError: if nobody is, or the package is missing.
    """
    hub = _package()
    try:
        return str(hub.HfApi().whoami()["name"])
    except hub.errors.LocalTokenNotFoundError as error:
        raise UserError("nobody is logged in at the hub; do so with `hf auth login`, or leave out REPO_ID") from error
    except (hub.errors.HfHubHTTPError, OSError) as error:
        raise UserError(f"the hub does not know who you are ({_reason(error)}); `hf auth login` once more") from error


def upload(folder: Path, repo_id: str, *, private: bool = False) -> str:
    """Bring a model's folder to the hub.

    Args:
        folder: with the files of a model; others are not taken.
        repo_id: user/model, which is created if it is not there.
        private: whether nobody else may see a new one.

    Returns:
        Where it is now.

    Raises:
        UserError: if the name cannot be used.
        RunFailed: if the hub does not take it.
    """
    hub = _package()
    try:
        api = hub.HfApi()
        where = api.create_repo(repo_id, private=private, exist_ok=True)
        api.upload_folder(
            folder_path=folder, repo_id=repo_id, allow_patterns=list(SHARED_FILES), commit_message="gcnet push"
        )
    except hub.errors.HFValidationError as error:
        raise UserError(f"{repo_id}: {_reason(error)}; expected USER/MODEL") from error
    except (hub.errors.HfHubHTTPError, OSError) as error:
        raise RunFailed(f"{repo_id}: not uploaded ({_reason(error)}); the files are in {folder}") from error
    return str(where)


def download(named: str) -> Path:
    """The folder of a model of the hub, fetched once and kept where the hub's own tools keep it.

    Args:
        named: hf://USER/MODEL.

    Raises:
        UserError: if there is none, or it cannot be reached.
    """
    hub = _package()
    repo_id = named.removeprefix(HUB)
    try:
        return Path(hub.snapshot_download(repo_id, allow_patterns=list(SHARED_FILES)))
    except (hub.errors.HFValidationError, hub.errors.HfHubHTTPError, OSError) as error:
        raise UserError(f"{named}: cannot be fetched ({_reason(error)})") from error


def _package():  # type: ignore[no-untyped-def]
    try:
        import huggingface_hub
        import huggingface_hub.errors
    except ModuleNotFoundError as error:
        raise UserError("the hub needs huggingface_hub: pip install 'gcnet[hub]'") from error
    return huggingface_hub


def _reason(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
