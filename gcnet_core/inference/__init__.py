"""Trained models at work: measured on samples (`predict`), or asked about photographs (`recognizer`)."""
