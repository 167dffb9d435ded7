"""Published data sets, each in the layouts in which users have it."""
