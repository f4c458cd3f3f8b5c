"""Whether there is room for more: a store whose disk runs full must stop growing before it has to fail."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

MEGABYTE = 1_000_000


class Room:
    """The free space on the disk of a store, and the least that there must be for crawls to go on.

    folder: of the store's file; None for a server, which minds its own disk. The log says once when room gets short,
    and once when there is room again.
    """

    def __init__(self, folder: Path | None, least_mb: int, *, free: Callable[[Path], int] | None = None) -> None:
        self._folder = folder
        self._least = least_mb * MEGABYTE
        self._free = free or (lambda path: shutil.disk_usage(path).free)
        self._told = False

    def shortage(self) -> str | None:
        """Why nothing more may be fetched, in one line, or None."""
        if self._folder is None or not self._least:
            return None
        try:
            free = self._free(self._folder)
        except OSError:  # it is gone; the store says so better
            return None
        if free >= self._least:
            return None
        return (
            f"the disk of {self._folder} has {free // MEGABYTE} MB left, under the {self._least // MEGABYTE} MB of"
            " [store] least_free_mb: nothing is fetched until there is room"
        )

    def is_short(self) -> bool:
        """Whether to stop fetching; asked before each request."""
        shortage = self.shortage()
        if shortage and not self._told:
            log.warning("%s", shortage)
        elif self._told and not shortage:
            log.warning("there is room again; fetching goes on")
        self._told = shortage is not None
        return self._told
