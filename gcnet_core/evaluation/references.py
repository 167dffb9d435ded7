"""How good a generated reference is, against the trivial ones: copying the query, and the mean face."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from gcnet_core.runs import EstimateErrors, GeneratorErrors, ReferenceErrors

ESTIMATES = ("generated", "query_copy", "mean_face")
MEASURES = ("mse", "ssim", "sharpness")


def reference_errors(
    generated: Float[np.ndarray, "sample channel height width"],
    true: Float[np.ndarray, "sample channel height width"],
    query: Float[np.ndarray, "sample channel height width"],
    mean_face: Float[np.ndarray, "channel height width"],
    expressive: Bool[np.ndarray, "sample"],
) -> GeneratorErrors:
    """Compare three estimates of the reference with the true one.

    A neutral query is its own best reference, so the figures over expressive queries are the telling ones.

    Args:
        generated: estimates of the generator, in [0, 1].
        true: neutral faces of the same subjects, in [0, 1]; pass only samples that have one.
        query: the images from which the references were generated, in [0, 1].
        mean_face: mean of the TRAINING references, in [0, 1].
        expressive: which queries show an expression other than neutral.
    """
    return mean_errors(errors_of(generated, true, query, mean_face), expressive)


def errors_of(
    generated: Float[np.ndarray, "sample channel height width"],
    true: Float[np.ndarray, "sample channel height width"],
    query: Float[np.ndarray, "sample channel height width"],
    mean_face: Float[np.ndarray, "channel height width"],
) -> Float[np.ndarray, "estimate measure sample"]:
    """Each of the MEASURES of each of the ESTIMATES of each sample; see `reference_errors`."""
    return np.stack(
        [_errors(estimate, true) for estimate in (generated, query, np.broadcast_to(mean_face, true.shape))]
    )


def mean_errors(
    errors: Float[np.ndarray, "estimate measure sample"], expressive: Bool[np.ndarray, "sample"]
) -> GeneratorErrors:
    """Means of `errors_of`, over all samples and over the expressive ones."""

    def mean_over(chosen: Bool[np.ndarray, "sample"]) -> ReferenceErrors | None:
        if not chosen.any():
            return None
        means = {
            name: EstimateErrors(
                **{measure: float(values[chosen].mean()) for measure, values in zip(MEASURES, of, strict=True)}
            )
            for name, of in zip(ESTIMATES, errors, strict=True)
        }
        return ReferenceErrors(images=int(chosen.sum()), **means)

    return GeneratorErrors(all=mean_over(np.ones(len(expressive), dtype=bool)), expressive=mean_over(expressive))


def pooled_errors(folds: Sequence[GeneratorErrors | None]) -> GeneratorErrors | None:
    """The errors over the images of several folds together, each image weighing the same.

    Args:
        folds: what `reference_errors` said about each.

    Returns:
        None if any fold has none.
    """
    known = [errors for errors in folds if errors is not None]
    if not folds or len(known) < len(folds):
        return None
    return GeneratorErrors(
        all=_pooled([errors.all for errors in known if errors.all]),
        expressive=_pooled([errors.expressive for errors in known if errors.expressive]),
    )


def _errors(
    estimate: Float[np.ndarray, "sample channel height width"], true: Float[np.ndarray, "sample channel height width"]
) -> Float[np.ndarray, "measure sample"]:
    """The measures of each estimate of one kind."""
    sharpness = gradient_size(estimate) / gradient_size(true).clip(min=1e-12)
    return np.stack([squared_error(estimate, true), structural_similarity(estimate, true), sharpness])


def _pooled(parts: Sequence[ReferenceErrors]) -> ReferenceErrors | None:
    if not parts:
        return None
    images = sum(part.images for part in parts)

    def mean(estimate: str, measure: str) -> float | None:
        values = [getattr(getattr(part, estimate), measure) for part in parts]
        if None in values:  # an older version did not measure it
            return None
        return float(sum(part.images * value for part, value in zip(parts, values, strict=True)) / images)

    means = {
        estimate: EstimateErrors(**{measure: mean(estimate, measure) for measure in MEASURES}) for estimate in ESTIMATES
    }
    return ReferenceErrors(images=images, **means)


def squared_error(
    estimate: Float[np.ndarray, "sample channel height width"], true: Float[np.ndarray, "sample channel height width"]
) -> Float[np.ndarray, "sample"]:
    """Mean squared difference of each pair of images."""
    difference = estimate.astype(np.float64) - true
    return np.asarray(np.square(difference).mean(axis=(1, 2, 3)))


def gradient_size(images: Float[np.ndarray, "sample channel height width"]) -> Float[np.ndarray, "sample"]:
    """Mean length of the intensity gradient of each image, by forward differences."""
    pixels = images.astype(np.float64)
    down, right = np.diff(pixels, axis=2)[..., :-1], np.diff(pixels, axis=3)[..., :-1, :]
    return np.asarray(np.hypot(down, right).mean(axis=(1, 2, 3)))


def structural_similarity(
    estimate: Float[np.ndarray, "sample channel height width"], true: Float[np.ndarray, "sample channel height width"]
) -> Float[np.ndarray, "sample"]:
    """SSIM of each pair of images in [0, 1], mean over pixels and channels.

    Wang, Bovik, Sheikh and Simoncelli, Image quality assessment (2004), equation 13, with the constants of the paper
    and its Gaussian window of 11 x 11 pixels with standard deviation 1.5; borders are mirrored.
    """
    return np.asarray(similarity_map(estimate.astype(np.float64), true.astype(np.float64)).mean(axis=(1, 2, 3)))


def similarity_map(
    first: Float[np.ndarray, "*sample channel height width"], second: Float[np.ndarray, "*sample channel height width"]
) -> Float[np.ndarray, "*sample channel height width"]:
    """SSIM of the windows around each pixel."""
    from scipy.ndimage import gaussian_filter

    def local_mean(image: Float[np.ndarray, "*any height width"]) -> Float[np.ndarray, "*any height width"]:
        return np.asarray(gaussian_filter(image, sigma=1.5, truncate=3.5, axes=(-2, -1)))

    luminance, contrast = 0.01**2, 0.03**2  # C1 and C2 for values in [0, 1]
    mean_1, mean_2 = local_mean(first), local_mean(second)
    variance_1 = local_mean(first * first) - mean_1 * mean_1
    variance_2 = local_mean(second * second) - mean_2 * mean_2
    covariance = local_mean(first * second) - mean_1 * mean_2
    numerator = (2 * mean_1 * mean_2 + luminance) * (2 * covariance + contrast)
    denominator = (mean_1**2 + mean_2**2 + luminance) * (variance_1 + variance_2 + contrast)
    return np.asarray(numerator / denominator)
