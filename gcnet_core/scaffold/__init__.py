"""Write the beginning of a third-party plugin: a whole distribution, ready to install, check and run."""

from gcnet_core.scaffold.write import kinds, write_distribution

__all__ = ["kinds", "write_distribution"]
