"""Any timm model as an encoder of grey or colour faces."""

from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from gcnet_core.interfaces import BuildContext, Encoder
from gcnet_core.plugin_api import UserError
from gcnet_timm.config import TimmConfig
from gcnet_timm.names import unknown_name


class TimmEncoder(Encoder):
    """Embeds faces with a backbone of timm.

    Args:
        config: which model, with which weights.
        context: image size and channels.

    Raises:
        UserError: if timm has no such model, an option is not the model's, or weights cannot be had or do not fit.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, config: TimmConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.input_size = config.input_size
        channels, size = context.image.channels, config.input_size or context.image.size
        self.backbone = create_backbone(config, channels, size, load=context.initial_weights)
        mean, std = statistics(self.backbone, channels, known=config.pretrained or config.weights is not None)
        self.register_buffer("mean", mean, persistent=False)
        self.register_buffer("std", std, persistent=False)
        found = getattr(self.backbone, "head_hidden_size", None) or self.backbone.num_features
        self.head = nn.Linear(found, config.width) if config.width else nn.Identity()
        self.width = config.width or found

    def forward(self, images: Float[Tensor, "batch channel height width"]) -> Float[Tensor, "batch embedding"]:
        """Embed faces in [0, 1]."""
        if self.input_size and self.input_size != images.shape[-1]:
            images = functional.interpolate(images, size=self.input_size, mode="bilinear", antialias=True)
        embedding: Tensor = self.head(self.backbone((images - self.mean) / self.std))
        return embedding


def create_backbone(config: TimmConfig, channels: int, size: int, *, load: bool) -> Any:
    """A timm model without its classifier.

    Args:
        config: name, weights and options.
        channels: of the images; timm adapts the first layer of pre-trained weights to grey.
        size: of the images, for models that must know it.
        load: whether to load the weights that the options name.

    Raises:
        UserError: see `TimmEncoder`.
    """
    import timm

    _check_name(config.name)
    arguments = _arguments(config, channels, size)
    if load and config.weights:
        _check_file(config.weights)
        arguments["pretrained_cfg_overlay"] = {"file": config.weights}
    pretrained = load and (config.pretrained or config.weights is not None)
    try:
        return timm.create_model(config.name, pretrained=pretrained, **arguments)
    except TypeError as error:
        raise UserError(f"model.encoder.options: {config.name} does not accept them: {error}") from error
    except Exception as error:  # the hub's client and the loader raise many kinds
        if not load or not (config.weights or config.pretrained):
            raise
        raise _loading_failed(config, error) from error


def _check_name(name: str) -> None:
    fault = unknown_name(name)
    if fault:
        raise UserError(f"model.encoder.name: {fault}")


def _check_file(weights: str) -> None:
    if not Path(weights).is_file():
        raise UserError(f"model.encoder.weights: no such file: {weights}")


def _arguments(config: TimmConfig, channels: int, size: int) -> dict[str, Any]:
    """Arguments of `timm.create_model`; not every model takes a drop path rate or the size of the images."""
    import timm

    arguments: dict[str, Any] = {"num_classes": 0, "in_chans": channels, "drop_rate": config.drop_rate}
    if config.drop_path_rate:
        arguments["drop_path_rate"] = config.drop_path_rate
    arguments |= config.options
    preset = timm.get_pretrained_cfg(config.name)
    if preset is not None and preset.fixed_input_size:
        arguments.setdefault("img_size", size)
    return arguments


def _loading_failed(config: TimmConfig, error: Exception) -> UserError:
    if config.weights:
        reason = " ".join(str(error).split())[:400]
        return UserError(f"model.encoder.weights: {config.weights} does not fit {config.name}: {reason}")
    return UserError(
        f"model.encoder.pretrained: the weights of {config.name} could not be fetched ({type(error).__name__}); "
        "give a local safetensors file with `weights:` instead"
    )


def statistics(backbone: nn.Module, channels: int, *, known: bool) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation with which images are normalised: those of the pre-trained weights, or 0.5."""
    preset: dict[str, Any] = getattr(backbone, "pretrained_cfg", {}) if known else {}
    mean = torch.tensor(preset.get("mean", (0.5,) * 3)).view(1, 3, 1, 1)
    std = torch.tensor(preset.get("std", (0.5,) * 3)).view(1, 3, 1, 1)
    if channels == 1:
        return mean.mean(dim=1, keepdim=True), std.mean(dim=1, keepdim=True)
    return mean, std
