"""The way from a picture to noise and back, by diffusers' schedulers; time runs from 0 (picture) to 1000 (noise)."""

from typing import Protocol, runtime_checkable

from diffusers import DDIMScheduler, FlowMatchEulerDiscreteScheduler
from jaxtyping import Float
from torch import Tensor

TIMES = 1000
Pictures = Float[Tensor, "batch channel height width"]
Times = Float[Tensor, "batch"]


@runtime_checkable
class Process(Protocol):
    """How pictures are mixed with noise, what the network predicts of the mixture, and how a step is taken back."""

    scheduler: DDIMScheduler | FlowMatchEulerDiscreteScheduler

    def mix(self, pictures: Pictures, noise: Pictures, times: Times) -> Pictures:
        """Pictures with noise, at times in (0, 1000)."""

    def target(self, pictures: Pictures, noise: Pictures, times: Times) -> Pictures:
        """What the network is to predict of the mixture."""

    def begin(self, steps: int) -> None:
        """Prepare the scheduler's `timesteps` for so many steps, the first of which starts from pure noise.

        They stay on the CPU: the scheduler asks for each as a number, and would wait for a GPU every time.
        """


class Denoising:
    """Variance-preserving diffusion whose target is the noise or v, stepped back by DDIM (arXiv 2010.02502).

    Args:
        target: `noise` or `v`. Only v can be predicted from noise alone, so only its schedule ends there
            (Lin et al., arXiv 2305.08891).
    """

    def __init__(self, target: str) -> None:
        self.predicts_noise = target == "noise"
        self.scheduler = DDIMScheduler(
            TIMES,
            beta_start=0.00085,  # the schedule of Rombach et al., arXiv 2112.10752
            beta_end=0.012,
            beta_schedule="scaled_linear",
            prediction_type="epsilon" if self.predicts_noise else "v_prediction",
            rescale_betas_zero_snr=not self.predicts_noise,
            timestep_spacing="trailing",
            clip_sample=False,
        )

    def mix(self, pictures: Pictures, noise: Pictures, times: Times) -> Pictures:
        """Equation 4 of arXiv 2006.11239."""
        return self.scheduler.add_noise(pictures, noise, times.long())

    def target(self, pictures: Pictures, noise: Pictures, times: Times) -> Pictures:
        """The noise, or v of arXiv 2202.00512, appendix D."""
        return noise if self.predicts_noise else self.scheduler.get_velocity(pictures, noise, times.long())

    def begin(self, steps: int) -> None:
        """Steps of equal length."""
        self.scheduler.set_timesteps(steps)


class Flow:
    """Straight paths from pictures to noise (rectified flow, arXiv 2209.03003), stepped back by Euler's method."""

    def __init__(self) -> None:
        self.scheduler = FlowMatchEulerDiscreteScheduler(TIMES)

    def mix(self, pictures: Pictures, noise: Pictures, times: Times) -> Pictures:
        """The place at a time on the way."""
        share = (times / TIMES).view(-1, 1, 1, 1)
        return (1 - share) * pictures + share * noise

    def target(self, pictures: Pictures, noise: Pictures, times: Times) -> Pictures:
        """The velocity, the same everywhere on the way."""
        return noise - pictures

    def begin(self, steps: int) -> None:
        """Steps of equal length; the scheduler's own choice would make the last one almost nothing."""
        self.scheduler.set_timesteps(sigmas=[1 - step / steps for step in range(steps)])
        self.scheduler.set_begin_index(0)


def process_of(target: str) -> Process:
    """The process in which a network predicts `noise`, `v` or `flow`."""
    return Flow() if target == "flow" else Denoising(target)
