"""What a comparison found: on the terminal, as CSV and Markdown, and as one page."""

from gcnet_core.report.comparison.page import write_comparison_report
from gcnet_core.report.comparison.terminal import print_comparison

__all__ = ["print_comparison", "write_comparison_report"]
