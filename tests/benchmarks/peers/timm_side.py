"""timm's loader and the loop of its train script, on the backbone that gcnet's encoder takes from timm.

The script is no part of timm's package; `steps` is the body of its `train_one_epoch` (timm 1.0) without logging.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, islice, repeat
from pathlib import Path

import timm
from gcnet_side import BATCH, now
from timm.data import create_dataset, create_loader
from timm.loss import LabelSmoothingCrossEntropy
from timm.optim import create_optimizer_v2
from timm.utils import AverageMeter, dispatch_clip_grad
from torch import Tensor

from gcnet_core.benchmark.clock import wait_for
from gcnet_core.interfaces import Batch


class TimmSide:
    """Trains a ResNet-18 of its own.

    Args:
        groups: batches in memory.
        classes: how many.
        folder: with a folder of pictures for each class.
    """

    def __init__(self, groups: Sequence[Sequence[Batch]], classes: int, folder: Path) -> None:
        first = groups[0][0].query
        self.device = first.device
        self.batches = [(batch.query, batch.label) for group in groups for batch in group]
        self.model = timm.create_model("resnet18", in_chans=first.shape[1], num_classes=classes).to(self.device)
        self.optimizer = create_optimizer_v2(self.model, opt="adamw", lr=1e-3, weight_decay=0.01)
        self.loss = LabelSmoothingCrossEntropy(0.1)
        data = create_dataset("", root=str(folder), is_training=True, input_img_mode="L")
        self.loader = create_loader(
            data, input_size=tuple(first.shape[1:]), batch_size=BATCH, is_training=True, use_prefetcher=False,
            mean=(0.5,), std=(0.5,), num_workers=0, device=self.device,
        )  # fmt: skip

    def steps(self, count: int) -> float:
        """Steps on batches in memory."""
        return self._train(chain.from_iterable(repeat(self.batches)), count)

    def steps_with_data(self, count: int) -> float:
        """Steps on files, which timm's loader reads and changes anew."""
        return self._train(self.loader, count)

    def _train(self, batches: Iterable[tuple[Tensor, Tensor]], count: int) -> float:
        wait_for(self.device)
        began = now(self.device)
        losses = AverageMeter()
        self.model.train()
        for images, labels in islice(batches, count):
            images, labels = images.to(self.device), labels.to(self.device)
            loss = self.loss(self.model(images), labels)
            self.optimizer.zero_grad()
            loss.backward()
            dispatch_clip_grad(self.model.parameters(), value=1.0)
            self.optimizer.step()
            losses.update(loss.item(), len(images))
        wait_for(self.device)
        return (now(self.device) - began) / count
