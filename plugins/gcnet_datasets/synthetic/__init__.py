"""Drawn faces: people, shots, expressions, and a renderer that turns the three into pixels."""
