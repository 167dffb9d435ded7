"""Promises of encoders, deltas, classifiers and decoders, and of any part of a network."""
