"""OpenCV's binding ends the process on a path that is not UTF-8, so it never gets one."""

import os
from pathlib import Path

import pytest
from gcnet_datasets.files.sequences import SequencesConfig

from gcnet_core.data.opencv_path import opencv_path
from gcnet_core.inference.videos.frames import Frames, Video
from gcnet_core.plugin_api import UserError

ODD = os.fsdecode(b"S1_\xff.avi")


def test_a_name_that_is_utf_8_is_the_name() -> None:
    assert opencv_path(Path("a/山田 #1.avi")) == "a/山田 #1.avi"


def test_a_video_whose_name_is_no_text_is_told(tmp_path: Path) -> None:
    for expression in ("happy", "sad"):
        (tmp_path / expression).mkdir()
        (tmp_path / expression / ODD).write_bytes(b"broken")
    with pytest.raises(UserError, match="whose path is not UTF-8; rename it"):
        SequencesConfig(folder=str(tmp_path)).samples()


def test_in_a_prediction_it_is_a_row_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / ODD
    path.write_bytes(b"broken")
    (picture,) = Video(str(path), ODD, Frames()).pictures()
    assert "is not UTF-8" in (picture.reason or "")
    assert Video(str(path), ODD, Frames()).expected() is None
