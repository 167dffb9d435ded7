"""A model given away: one file for other programs, or a folder with its card."""
