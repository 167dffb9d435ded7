"""What a part shares with all else: the process, its settings, files, devices."""
