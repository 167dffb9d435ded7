"""Data sets that lie in files: a manifest, or class folders."""
