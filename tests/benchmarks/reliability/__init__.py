"""Inputs as nobody would write them, made by hypothesis, and what gcnet makes of them."""
