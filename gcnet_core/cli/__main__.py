"""`python -m gcnet_core.cli` is the command `gcnet`."""

from gcnet_core.cli import main

main()
