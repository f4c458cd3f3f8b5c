"""One base error. Each says what went wrong, where, and whether trying again can help."""


class DrawdownError(Exception):
    """Something went wrong that a person should read in one line.

    what: the fault and, where there is one, the way out of it, in plain words.
    where: the file, table and key, URL, source or subject that it concerns; may be empty.
    retry: whether the same call may succeed later without anybody changing anything.
    """

    def __init__(self, what: str, *, where: str = "", retry: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.retry = retry

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class ConfigError(DrawdownError):
    """A fault in a configuration, topic or source file; `where` names file, table and key."""


class InputError(DrawdownError):
    """A file or text that was given cannot be used."""


class StoreError(DrawdownError):
    """The store cannot be opened, read or written."""


class CrawlError(DrawdownError):
    """A source could not be fetched or understood."""


class DeliveryError(DrawdownError):
    """An alert could not be delivered to one target. after: seconds for which it asked to be left alone."""

    def __init__(self, what: str, *, where: str = "", retry: bool = False, after: float | None = None) -> None:
        super().__init__(what, where=where, retry=retry)
        self.after = after
