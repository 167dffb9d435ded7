"""A support vector machine: fitted by scikit-learn, kept and asked as tensors, so that no pickle is shared."""

from itertools import combinations
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

FITTED = ("mean", "std", "support", "coefficients", "intercepts", "gamma")
"""What fitting finds; the sizes depend on the data."""


class Machine(nn.Module):
    """Machines with radial kernel for each two classes, which vote (Cortes and Vapnik, 1995).

    Args:
        in_features: number of features.
        classes: number of classes.
    """

    mean: Float[Tensor, "feature"]
    std: Float[Tensor, "feature"]
    support: Float[Tensor, "vector feature"]
    coefficients: Float[Tensor, "pair vector"]
    intercepts: Float[Tensor, "pair"]
    gamma: Float[Tensor, ""]

    def __init__(self, in_features: int, classes: int) -> None:
        super().__init__()
        self.classes = classes
        pairs = classes * (classes - 1) // 2
        shapes = ((in_features,), (in_features,), (0, in_features), (pairs, 0), (pairs,), ())
        for name, shape in zip(FITTED, shapes, strict=True):
            self.register_buffer(name, torch.zeros(shape))

    def fit(
        self,
        features: Float[Tensor, "sample feature"],
        labels: Int[Tensor, "sample"],
        *,
        c: float,
        gamma: float | None,
        standardize: bool,
    ) -> None:
        """Fit to samples.

        Args:
            features: of the training samples.
            labels: their classes, at least two different ones.
            c: cost of samples on the wrong side.
            gamma: width of the kernel; None: 1 / (number of features x their variance).
            standardize: give each feature mean 0 and deviation 1 first.
        """
        from sklearn.svm import SVC

        mean, std = torch.zeros(features.shape[1]), torch.ones(features.shape[1])
        if standardize:
            mean, std = features.mean(dim=0), features.std(dim=0, correction=0)
            std = torch.where(std > 0, std, 1)
        scaled = ((features - mean) / std).double()
        gamma = gamma or 1 / float(scaled.shape[1] * scaled.var(correction=0))
        machine = SVC(C=c, gamma=gamma).fit(scaled.numpy(), labels.numpy())
        coefficients, intercepts = one_row_for_each_pair(machine, self.classes)
        support = torch.from_numpy(machine.support_vectors_)
        found = (mean, std, support, coefficients, intercepts, torch.tensor(gamma))
        for name, value in zip(FITTED, found, strict=True):
            setattr(self, name, value.float().to(self.mean.device))

    def forward(self, features: Float[Tensor, "sample feature"]) -> Float[Tensor, "sample class"]:
        """Votes of the pairs; equal votes are decided by the sums of the decisions, which never outweigh a vote.

        For more than two classes this is the `ovr` decision function of scikit-learn.
        """
        scaled = (features - self.mean) / self.std
        distances = torch.cdist(scaled, self.support, compute_mode="donot_use_mm_for_euclid_dist")  # exact ones
        decisions = torch.exp(-self.gamma * distances.square()) @ self.coefficients.T + self.intercepts
        votes = features.new_zeros(len(features), self.classes)
        sums = torch.zeros_like(votes)
        for decision, (first, second) in zip(decisions.T, combinations(range(self.classes), 2), strict=True):
            votes[:, first] += decision > 0
            votes[:, second] += decision <= 0
            sums[:, first] += decision
            sums[:, second] -= decision
        return votes + sums / (3 * (sums.abs() + 1))

    def _load_from_state_dict(self, state_dict: dict[str, Tensor], prefix: str, *args: Any, **kwargs: Any) -> None:
        if prefix + "deviation" in state_dict:  # as gcnet 0.1 called it
            state_dict[prefix + "std"] = state_dict.pop(prefix + "deviation")
        for name in FITTED:
            if prefix + name in state_dict:
                setattr(self, name, torch.empty_like(state_dict[prefix + name], device=self.mean.device))
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


def one_row_for_each_pair(machine: Any, classes: int) -> tuple[Float[Tensor, "pair vector"], Float[Tensor, "pair"]]:
    """Coefficients of all support vectors, and the intercept, of the machine of each two classes.

    Args:
        machine: a fitted `sklearn.svm.SVC`, which packs them: row r of `dual_coef_` holds, for a vector of class k, the
            coefficient against the r-th of the other classes.
        classes: number of classes, some of which may have had no sample.
    """
    present = machine.classes_.tolist()
    ends = machine.n_support_.cumsum().tolist()
    vectors = {}
    for label, end, count in zip(present, ends, machine.n_support_, strict=True):
        vectors[label] = slice(end - count, end)
    pairs = list(combinations(range(classes), 2))
    coefficients = torch.zeros(len(pairs), ends[-1], dtype=torch.float64)
    # a class without samples loses against every other
    intercepts = torch.tensor([1.0 if first in present else -1.0 for first, _ in pairs], dtype=torch.float64)
    dual, offset = torch.from_numpy(machine.dual_coef_), torch.from_numpy(machine.intercept_)
    if len(present) == 2:  # scikit-learn turns the sign round for two classes
        dual, offset = -dual, -offset
    for number, (first, second) in enumerate(combinations(range(len(present)), 2)):
        row = pairs.index((present[first], present[second]))
        coefficients[row, vectors[present[first]]] = dual[second - 1, vectors[present[first]]]
        coefficients[row, vectors[present[second]]] = dual[first, vectors[present[second]]]
        intercepts[row] = offset[number]
    return coefficients, intercepts
