"""The report: what is known and how it came about, as one HTML file that loads nothing.

`gather` reads records from the store; all else is pure and makes a page of them.
"""

from __future__ import annotations

from monitor.report.known import Known, gather
from monitor.report.page import page

__all__ = ["Known", "gather", "page"]
