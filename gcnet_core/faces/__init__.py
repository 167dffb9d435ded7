"""Faces in pictures: found by a detector, aligned by the eyes, cut out. Preparation and prediction share it."""
