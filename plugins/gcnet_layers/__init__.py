"""Layers that several plugins share. It registers no part, so it has no hook; `config` imports no torch."""
