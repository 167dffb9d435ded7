"""What a person reads about a run: one self-contained HTML page, its figures, and the table on the terminal."""

from gcnet_core.report.page import write_report

__all__ = ["write_report"]
