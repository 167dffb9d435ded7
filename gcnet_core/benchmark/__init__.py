"""`gcnet bench`: how fast a recipe trains on this machine, and what the time goes into."""
