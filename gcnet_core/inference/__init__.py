"""Trained models at work."""

from gcnet_core.inference.predict import InferenceResult, predict

__all__ = ["InferenceResult", "predict"]
