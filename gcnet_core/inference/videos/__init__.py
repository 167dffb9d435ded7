"""Videos and cameras: frames with their times, faces that keep their numbers, a video that is written."""
