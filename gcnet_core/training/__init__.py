"""Stages and phases, the one trainer, checkpoints."""
