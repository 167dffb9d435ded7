"""The cache: images that were decoded and prepared once, for all folds, runs and jobs, in the user's cache folder."""
