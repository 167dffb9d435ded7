"""Write the beginning of a third-party plugin: a whole distribution, ready to install, check and run."""

from gcnet_core.scaffold.write import first_steps, kinds, write_distribution

__all__ = ["first_steps", "kinds", "write_distribution"]
