"""The daemon: one process, APScheduler and Scrapy in one asyncio loop, one writer thread, one instance a store.

A pass over a source is: crawl it, process what it brought, deliver what that raised. Processing and delivery take
whatever waits in the store, so a pass that was killed is finished by the next one.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.orm import Session

from db import health, marks
from db.errors import DrawdownError, StoreError
from db.instance import Hold
from db.records import CrawlResult, Notice, NoticeKind, iso
from db.room import Room
from db.session import Store
from monitor.asking.asker import Asker
from monitor.process import Processor, first_fill_ended
from monitor.retention import drop_captures
from monitor.service import Service
from monitor.status import HEARTBEAT, RUNNING
from monitor.telling import notices
from monitor.telling.sender import Sender
from monitor.watch import Heartbeat
from scrapers.crawl import run_crawl, stop_crawls
from scrapers.settings import CrawlSettings
from scrapers.sources import Source

log = logging.getLogger(__name__)
T = TypeVar("T")

BEAT_SECONDS = 30
DELIVER_SECONDS = 10
ASK_SECONDS = 10
STOP_SECONDS = 8  # a crawl that has not finished by then is left; its next pass goes on
RETAIN_HOURS = 24  # between two looks for captures that are too old
MISSED = 2  # beats in a row that the store does not take before that is told
SPREAD_SECONDS = 4  # between the first passes of two sources, so that a start is no burst
_OPTIONS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}  # of every job


@dataclass(kw_only=True)
class Daemon:
    """Runs passes over the sources until it is told to stop. Everything it needs is given; `now` is its clock.

    capture_days: after which captures of versions that made nothing known are dropped; None keeps all. asker: what asks
    the language model, None for none.
    """

    store: Store
    sources: Sequence[Source]
    settings: CrawlSettings
    processor: Processor
    sender: Sender
    now: Callable[[], datetime]
    capture_days: int | None = None
    asker: Asker | None = None
    hold: Hold = field(default_factory=Hold)
    service: Service = field(default_factory=Service)
    room: Room | None = None
    heartbeat: Heartbeat = field(default_factory=lambda: Heartbeat(url=""))
    failure: StoreError | None = None
    running: set[asyncio.Task[object]] = field(default_factory=set)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    attempted: set[str] = field(default_factory=set)
    processing: asyncio.Lock = field(default_factory=asyncio.Lock)
    missed: int = 0  # beats in a row that the store did not take
    ill: Notice | None = None  # that the store cannot be written, once that was told
    told: list[str] = field(default_factory=list)  # to which targets

    async def run(self) -> bool:
        """Beat, crawl, process and deliver until `stop` is called.

        Returns whether everything came to rest in time. What did not is work that the next start does again; the
        caller should end the process then, since threads of a library may hang in a socket.
        """
        await self._guarded("the start's notice", self._begin())
        scheduler = AsyncIOScheduler(timezone="UTC")
        scheduler.add_job(self.beat, "interval", seconds=BEAT_SECONDS, id="beat", **_OPTIONS)
        scheduler.start()  # it beats from here on: what waits in the store may take long to read
        await self.beat()
        self.service.ready()
        await self._guarded("processing", self.process())
        self._schedule(scheduler)
        self._say(f"watching {len(self.sources)} sources")
        await self.stopping.wait()
        scheduler.remove_all_jobs()  # no new pass begins; those that run are not cancelled but finish
        rested = await self._rest()
        await self._guarded("the end's mark", self.store.write(lambda session: marks.drop(session, RUNNING)))
        if rested:
            scheduler.shutdown(wait=False)
        log.info("stopped" if rested else "stopped; what did not finish is done at the next start")
        return rested

    async def _begin(self) -> None:
        """Mark that the daemon runs; notice where one before it was not stopped in order."""
        now = self.now()

        def work(session: Session) -> None:
            if marks.get(session, RUNNING) is not None:
                text = f"the daemon before was not stopped in order; it was last alive {marks.get(session, HEARTBEAT)}"
                health.add_notice(session, Notice(source="", kind=NoticeKind.RESTARTED, at=now, text=text))
            marks.put(session, RUNNING, iso(now))

        await self.store.write(work)

    async def _rest(self) -> bool:
        """Ask everything that runs to finish, and wait for it, at most STOP_SECONDS in all."""
        ends = asyncio.get_running_loop().time() + STOP_SECONDS
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(stop_crawls()), STOP_SECONDS)
        while self.running and (left := ends - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(self.running, timeout=left)
        return not self.running

    def _say(self, what: str) -> None:
        log.info("%s", what)
        self.service.status(what)

    def stop(self) -> None:
        """Ask the daemon to come to rest: no new pass begins, running ones finish what they are at."""
        self.service.stopping()
        self.processor.stop()
        self.sender.stop()
        self.stopping.set()

    def stop_on_signals(self) -> None:
        """SIGTERM and SIGINT stop the daemon in order."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)

    def _schedule(self, scheduler: AsyncIOScheduler) -> None:
        first = datetime.now(self.now().tzinfo)  # APScheduler runs by the system's clock
        for number, source in enumerate(self.sources):
            scheduler.add_job(
                self.pass_over,
                "interval",
                args=[source],
                seconds=round(source.every * 60),
                jitter=min(30, round(source.every * 6)),
                id=f"pass {source.id}",
                next_run_time=first + timedelta(seconds=min(number * SPREAD_SECONDS, source.every * 60)),
                **_OPTIONS,
            )
        scheduler.add_job(self.deliver_due, "interval", seconds=DELIVER_SECONDS, id="deliver", **_OPTIONS)
        if self.asker is not None:
            scheduler.add_job(self.ask, "interval", seconds=ASK_SECONDS, id="ask", next_run_time=first, **_OPTIONS)
        if self.capture_days is not None:
            scheduler.add_job(self.retain, "interval", hours=RETAIN_HOURS, id="retain", next_run_time=first, **_OPTIONS)

    async def pass_over(self, source: Source) -> CrawlResult | None:
        """One pass over one source: crawl, process, deliver. A source that fails does not stop the others."""
        with self._running():
            result = await self._guarded(f"pass over {source.id}", self._crawl(source))
            processed = await self._guarded("processing", self.process())
            self._soon("delivery", self.deliver())
            if result is not None and processed:
                self._soon("heartbeat", self.heartbeat.ping())
            return result

    def _soon(self, what: str, work: Coroutine[Any, Any, object]) -> None:
        """Do it beside everything else: a target that hangs holds up no pass. It is waited for at the end."""
        task: asyncio.Task[object] = asyncio.ensure_future(self._guarded(what, work))
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    @contextmanager
    def _running(self) -> Iterator[None]:
        """Whoever runs in here is waited for at the end."""
        task = asyncio.current_task()
        assert task is not None
        self.running.add(task)
        try:
            yield
        finally:
            self.running.discard(task)

    async def _crawl(self, source: Source) -> CrawlResult:
        result = await run_crawl(source, self.store, self.settings, now=self.now)
        if self.settings.is_short is None or not self.settings.is_short():  # else it had no turn to speak of
            self.attempted.add(source.id)
        self._say(f"{source.id}: {summary_line(result)}")
        return result

    async def process(self) -> bool:
        """Read and fold what waits, off the loop; then close the first fill when every source had its turn."""
        async with self.processing:
            before = self.processor.taken
            try:
                await asyncio.to_thread(self.processor.run)
            except Exception as error:
                await self._note_reading(f"processing fails: {error}")
                raise
            broken, self.processor.broken = self.processor.broken, []
            if broken:
                what = f"{len(broken)} versions give no claims, the first of {broken[0]}; the log says why"
                await self._note_reading(what)
            elif self.processor.taken > before:
                await self._note_reading("")
            if self.attempted >= {source.id for source in self.sources} and not await self._filled():
                await asyncio.to_thread(self.processor.end_first_fill, self.now())
        return True

    async def _note_reading(self, fault: str) -> None:
        """Notice, once, that reading fails, or that it works again."""
        kinds = (NoticeKind.READING_FAILING, NoticeKind.READING_WELL)
        await self._note("reading", fault, *kinds, well="versions are read again")

    async def _note(self, trouble: str, fault: str, begins: NoticeKind, ends: NoticeKind, *, well: str) -> None:
        at = self.now()

        def look() -> bool:
            with self.store.reading() as session:
                return notices.is_open(session, trouble)

        def work(session: Session) -> None:
            if fault:
                notices.begin(session, trouble, begins, fault, at=at)
            else:
                notices.end(session, trouble, ends, well, at=at)

        if await asyncio.to_thread(look) != bool(fault):
            await self.store.write(work)

    async def _filled(self) -> bool:
        def work() -> bool:
            with self.store.reading() as session:
                return first_fill_ended(session) is not None

        return await asyncio.to_thread(work)

    async def deliver_due(self) -> None:
        """Tell what came due by itself: a change whose hold-down is over, a delivery that failed."""
        with self._running():
            await self._guarded("hold-down", asyncio.to_thread(self.processor.settle, self.now()))
            self._soon("delivery", self.deliver())

    async def ask(self) -> None:
        """Ask the language model what waits, fold in what it answered, and deliver; in a turn of its own, so that
        nothing else waits for it. A request that runs at the end is given up, and made again at the next start."""
        if self.asker is None:
            return
        asking = asyncio.ensure_future(self._guarded("asking the language model", self.asker.ask_waiting()))
        stopping = asyncio.ensure_future(self.stopping.wait())
        await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        if self.stopping.is_set():
            return
        with self._running():
            await self._guarded("folding answers", self._fold_answers())
            self._soon("delivery", self.deliver())

    async def _fold_answers(self) -> None:
        async with self.processing:
            await asyncio.to_thread(self.processor.fold_answers, self.now())

    async def retain(self) -> None:
        """Drop captures that are too old."""
        if self.capture_days is not None:
            work = asyncio.to_thread(drop_captures, self.store, days=self.capture_days, now=self.now())
            with self._running():
                await self._guarded("retention", work)

    async def deliver(self) -> None:
        """Send what is due."""
        await self.sender.deliver(self.now())

    async def beat(self) -> None:
        """Say that the daemon is alive, if the store is still its own; else stop, and say why in `failure`.

        A store that cannot be written is no reason for a watchdog: to start anew would not help.
        """
        moment = iso(self.now())
        try:
            await asyncio.to_thread(self.hold.check)
            await self.store.write(lambda session: marks.put(session, HEARTBEAT, moment))
            await self._note_store()
        except StoreError as error:
            log.error("heartbeat failed: %s", error)
            self.missed += 1
            if self.ill is None and (self.missed >= MISSED or not error.retry):
                self.ill = Notice(source="", kind=NoticeKind.STORE_FAILING, at=self.now(), text=str(error))
                self._soon("notice", self._tell_past_the_store(self.ill))
            if not error.retry or error.what.startswith("in use by"):
                self.failure = error
                self.stop()
        self.service.alive()

    async def _tell_past_the_store(self, notice: Notice) -> None:
        self.told = await self.sender.tell(notice)

    async def _note_store(self) -> None:
        """Now that the store can be written: file that it could not, and notice whether its disk has room."""
        ill, told, self.missed = self.ill, self.told, 0
        if ill is not None:
            text = f"it could not since {iso(ill.at)}"
            well = Notice(source="", kind=NoticeKind.STORE_WELL, at=self.now(), text=text)

            def work(session: Session) -> None:
                notices.file_told(session, ill, self.sender.targets, told, at=ill.at)
                health.add_notice(session, well)

            await self.store.write(work)
            self.ill, self.told = None, []
        if self.room is not None:
            shortage = self.room.shortage() or ""
            kinds = (NoticeKind.NO_ROOM, NoticeKind.ROOM_AGAIN)
            await self._note("room", shortage, *kinds, well="pages are fetched again")

    async def _guarded(self, what: str, work: Awaitable[T]) -> T | None:
        """The loop's edge: a failure is logged with its name, and the daemon goes on."""
        try:
            return await work
        except DrawdownError as error:
            log.error("%s failed: %s", what, error)
        except Exception:
            log.exception("%s failed", what)
        return None


def summary_line(result: CrawlResult) -> str:
    """What a pass did, in a few words."""
    names = ("fetched", "new", "changed", "unchanged", "refused", "failed", "gone")
    counts = [f"{getattr(result, name)} {name}" for name in names]
    counts += [f"{result.off_topic} off topic"] if result.off_topic else []
    return ", ".join(counts) + (f"; {result.errors[0]}" if result.errors else "")
