"""Trained models at work."""

from gcnet_core.inference.predict import InferenceResult, check_answer, predict

__all__ = ["InferenceResult", "check_answer", "predict"]
