"""Trained models at work on photographs."""
