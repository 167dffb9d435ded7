"""From a validated recipe to a finished run folder. `run` trains and needs torch, `folder` does not."""
