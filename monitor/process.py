"""One version on its way: read into claims, folded into known facts, its changes put into the outbox.

Each stage commits its result together with its done-mark, and takes the next row that has none. Whatever happens
between two stages, the next run goes on where the last one stopped: nothing is lost and nothing is recorded twice.
A version is folded before the next one is read, so that what was known when does not depend on interruptions.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby

from sqlalchemy.orm import Session

from db import knowledge, losses, marks, outbox, questions, rulings, versions
from db.errors import DrawdownError
from db.records import (
    BaselineFact,
    Change,
    ChangeType,
    Claim,
    Evidence,
    Kind,
    KnownFact,
    Period,
    Question,
    Release,
    Seen,
    Slot,
    Version,
    iso,
    parse_moment,
    value_from_json,
)
from db.session import Store
from monitor.knowing.flapping import meet, still_so
from monitor.knowing.fold import Folded, fold
from monitor.knowing.origin import Citations, Copies, origin_of
from monitor.knowing.rules import Rules
from monitor.knowing.settling import settling
from monitor.knowing.step import step
from monitor.knowing.voices import citations_of, rules_of
from monitor.reading.llm.ask import Contract, place_of
from monitor.reading.llm.verify import Verdict, verify
from monitor.reading.protocol import LLM
from monitor.reading.read import Examined, Reader
from monitor.reading.second.read import Least, said_by
from monitor.telling.policy import addressees
from monitor.telling.target import Target
from monitor.topics import Topic

log = logging.getLogger(__name__)

ATTEMPTS = 3  # after which a question that got no answer that can be read is let be
FIRST_FILL = "first_fill"  # mark: absent while the first pass fills the store, then the time when it ended


@dataclass(kw_only=True)
class Processor:
    """Takes stored versions through reading, knowing and into the outbox.

    targets: those that are told. quiet_before: versions first seen before it are background; their
    changes are not raised. least: the reader's thresholds. contract: what a language model is asked, None for none.
    tell: False keeps changes but fills no outbox (replays of the past). taken: how many versions were read;
    broken: the URLs of those that could not be read or folded, for whoever looks after that to take.
    """

    store: Store
    topic: Topic
    rules: Rules
    targets: Sequence[Target] = ()
    quiet_before: datetime | None = None
    tell: bool = True
    least: Least | None = None
    contract: Contract | None = None
    stopping: bool = False
    taken: int = 0
    broken: list[str] = field(default_factory=list)
    reader: Reader = field(init=False)
    citations: Citations = field(init=False)
    copies: Copies | None = field(init=False, default=None)
    known_outlets: Mapping[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.reader = Reader(self.topic, least=self.least)  # here, so that a broken topic is told at the start
        self.rules = rules_of(self.topic, self.rules)
        self.citations = citations_of(self.topic, {}, self.topic.outlet_words)

    def run(self) -> list[Change]:
        """Process everything that waits; returns the changes raised, oldest first. Call it from one thread."""
        raised: list[Change] = []
        while True:
            raised += self.fold_waiting()
            if self.stopping or not self.read_next():
                return raised

    def stop(self) -> None:
        """Let `run` return after the version that it is at; the rest waits for the next run."""
        self.stopping = True

    def read_next(self) -> bool:
        """Read the oldest unread version into claims. Returns whether there was one."""
        with self.store.reading() as session:
            waiting = versions.unread(session, limit=1)
            outlets = versions.outlets(session) if waiting else {}
        if not waiting:
            return False
        version = waiting[0]
        try:
            claims, origins, asked = self.read(version, outlets)
        except DrawdownError:
            raise
        except Exception:  # one text that breaks the reader must not keep all others waiting
            log.exception("version %d of %s could not be read; it gives no claims", version.number, version.url)
            self.broken.append(version.url)
            claims, origins, asked = [], [], []

        def work(session: Session) -> None:
            versions.save_claims(session, version.id, claims, origins, at=version.seen_at)
            questions.ask(session, asked)

        self.store.submit(work).result()
        self.taken += 1
        return True

    def read(self, version: Version, outlets: Mapping[str, str]) -> tuple[list[Claim], list[str], list[Question]]:
        """The claims of one version, whose voice each is, and what the language model is still to be asked."""
        citations = self._citations(outlets)
        copy_of = self._copy_of(version, citations)
        examined = self._examine(version)
        if examined is None:
            return [], [], []
        claims, asked = self._with_answers(version, examined)
        asked = [replace(question, copy_of=copy_of) for question in asked]
        return claims, [origin_of(claim, version, citations, copy_of=copy_of) for claim in claims], asked

    def _examine(self, version: Version) -> Examined | None:
        published = version.published or version.seen_at
        return self.reader.examine(version.text, lang=version.lang, published=published)

    def _with_answers(self, version: Version, examined: Examined) -> tuple[list[Claim], list[Question]]:
        """The built-in reading's claims with what the language model is known to say; and what it is not yet known of.

        Known: what it said of the version before, where the words stand as they did, and what it has once answered.
        """
        with self.store.reading() as session:
            before = versions.said_before(session, version, reader=LLM) if version.number > 1 else []
            asked = (
                self.contract.questions(examined, version_id=version.id, title=version.title) if self.contract else []
            )
            given = self._given(session, asked)
        said = [
            replace(claim, start=at, end=at + len(claim.quote))
            for claim in before
            if (at := version.text.find(claim.quote)) >= 0
        ]
        for question, answer in given.items():
            said += self._verdict(examined, question, answer).claims
        late = [question for question in asked if question not in given]
        return [*examined.claims, *_once(said)], late

    def _given(self, session: Session, asked: Sequence[Question]) -> dict[Question, str]:
        """What the language model has answered, by question."""
        if self.contract is None:
            return {}
        keys = {question: self.contract.key(question.body) for question in asked}
        known = questions.answers(session, list(keys.values()))
        return {question: known[key].text for question, key in keys.items() if key in known}

    def _verdict(self, examined: Examined, question: Question, answer: str) -> Verdict:
        index = place_of(question, examined.view)
        if index is None or self.contract is None:
            return Verdict()
        return verify(examined.view, index, answer, rule=self.contract.rule)

    def fold_answers(self, at: datetime) -> list[Change]:
        """Fold in what the language model has answered of versions that were read before; returns the changes raised.

        A version's answers are folded together, as if it had been read again, and `at` is when. Nothing waits for it.
        """
        raised = self.fold_waiting()
        with self.store.reading() as session:
            waiting = questions.waiting(session)
            given = self._given(session, waiting)
        for version_id, group in groupby(waiting, key=lambda question: question.version_id):
            asked = list(group)
            if self.stopping or self.contract is None:
                break
            if all(question in given or question.attempts >= ATTEMPTS for question in asked):
                raised += self._fold_late(version_id, {q: given[q] for q in asked if q in given}, at)
        return raised

    def _fold_late(self, version_id: int, given: Mapping[Question, str], at: datetime) -> list[Change]:
        with self.store.reading() as session:
            version = versions.version(session, version_id)
            known = [item.claim for item in knowledge.claims_of(session, version_id) if item.claim.reader == LLM]
            citations = self._citations(versions.outlets(session))
        verdicts: list[tuple[Question, Verdict]] = []
        try:
            examined = self._examine(version)
            if examined is not None:
                verdicts = [(question, self._verdict(examined, question, text)) for question, text in given.items()]
        except Exception:
            log.exception("what was answered of version %d of %s could not be held to it", version.number, version.url)
        counts: Counter[str] = Counter()
        for _, verdict in verdicts:
            counts["claims"] += len(verdict.claims)
            counts.update({f"rejected {reason}": count for reason, count in verdict.rejected.items()})
        said = {_saying(claim) for claim in known}
        claims = [
            claim for claim in _once(c for _, verdict in verdicts for c in verdict.claims) if _saying(claim) not in said
        ]
        copy_of = next((question.copy_of for question in given), None)
        origins = [origin_of(claim, version, citations, copy_of=copy_of) for claim in claims]

        def work(session: Session) -> list[Change]:
            questions.close(session, version_id)
            questions.count(session, counts, at=at)
            added = knowledge.add_claims(session, version_id, claims, origins)
            return self._fold_added(session, version, added, at)

        return self.store.submit(work).result()

    def _fold_added(self, session: Session, version: Version, added: Sequence[Evidence], at: datetime) -> list[Change]:
        """Fold claims that were added to a version that is folded already; its changes are late ones."""
        quiet = self._is_quiet(session, version.seen_at)
        raised = []
        for kind, subject in sorted({(item.claim.kind, item.claim.subject) for item in added}):
            found = self._fold_subject(session, kind, subject, version, added={item.id for item in added}, at=at)
            if not quiet:
                late = (replace(change, late=True) for change in found)
                raised += [told for change in late if (told := self._raise(session, change)) is not None]
        self.announce(session, raised, at=at)
        return raised

    def _citations(self, outlets: Mapping[str, str]) -> Citations:
        """The names by which an article cites the topic's agencies and the store's outlets; made again for new ones."""
        if self.known_outlets != outlets:
            self.known_outlets = dict(outlets)
            self.citations = citations_of(self.topic, outlets, self.topic.outlet_words)
        return self.citations

    def _copy_of(self, version: Version, citations: Citations) -> str | None:
        """Whose article of the last days this one copies. After a start those days are gone through first."""
        if self.copies is None:
            self.copies = Copies(days=self.rules.reprint_days)
            since = version.seen_at - timedelta(days=self.rules.reprint_days)
            with self.store.reading() as session:
                for earlier in versions.earlier(session, version, since=since):
                    self.copies.take(earlier, citations)
        return self.copies.take(version, citations)

    def fold_waiting(self) -> list[Change]:
        """Fold the versions that are read but not folded, each in one transaction with its changes and alerts; and what
        is withdrawn since it was judged."""
        raised: list[Change] = []
        while True:
            with self.store.reading() as session:
                due = losses.due(session)
                waiting = knowledge.unfolded(session, limit=1)
            for release in due:
                raised += self._let_go(release)
            if not waiting:
                return raised
            version = waiting[0]
            try:
                raised += self.store.submit(partial(self.fold_version, version=version)).result()
            except DrawdownError:
                raise
            except Exception:  # its transaction is undone; passed over, so that the others are folded
                log.exception("version %d of %s could not be folded; it changes nothing", version.number, version.url)
                self.broken.append(version.url)
                mark = partial(knowledge.mark_folded, version_id=version.id, at=version.seen_at)
                self.store.submit(mark).result()
            if self.stopping:
                return raised

    def _let_go(self, release: Release) -> list[Change]:
        try:
            return self.store.submit(partial(self.fold_release, release=release)).result()
        except DrawdownError:
            raise
        except Exception:  # its transaction is undone; what was held stays so until the article's next version
            log.exception("what version %d of %s dropped could not be folded", release.seen.id, release.seen.url)
            self.broken.append(release.seen.url)
            self.store.submit(partial(losses.close, release=release)).result()
            return []

    def fold_version(self, session: Session, version: Version) -> list[Change]:
        """Fold one version's subjects; its changes, its alerts and its done-mark belong to the caller's transaction."""
        quiet = self._is_quiet(session, version.seen_at)
        raised = self._settle(session, version.seen_at)
        for kind, subject in knowledge.subjects_of(session, version.id):
            found = self._fold_subject(session, kind, subject, version)
            if not quiet:
                raised += [told for change in found if (told := self._raise(session, change)) is not None]
        self.announce(session, raised, at=version.seen_at)
        knowledge.mark_folded(session, version.id, at=version.seen_at)
        return raised

    def fold_release(self, session: Session, release: Release) -> list[Change]:
        """Withdraw and fold what a version dropped that lost much of its text, now that it is known to be edited."""
        quiet = self._is_quiet(session, release.at)
        raised = self._settle(session, release.at)
        gone = knowledge.release(session, release.seen.id, at=release.at)
        for kind, subject in sorted({(item.claim.kind, item.claim.subject) for item in gone}):
            mine = [i for i in gone if (i.claim.kind, i.claim.subject) == (kind, subject) and not i.settled]
            found = self._fold_subject(session, kind, subject, release.seen, added=(), withdrawn=mine, at=release.at)
            if not quiet:
                late = (replace(change, late=True) for change in found)
                raised += [told for change in late if (told := self._raise(session, change)) is not None]
        self.announce(session, raised, at=release.at)
        losses.close(session, release)
        return raised

    @staticmethod
    def _settle(session: Session, at: datetime) -> list[Change]:
        """The changes whose hold-down is over by `at` and that are still so; others are let go of."""
        settled = []
        for change in knowledge.due_held(session, at):
            assert change.id is not None
            told = still_so(change, knowledge.current(session, change.kind, change.subject, Slot.FACT))
            knowledge.let_go(session, change.id, told=told)
            settled += [change] if told else []
        return settled

    def settle(self, at: datetime) -> list[Change]:
        """Tell the changes whose hold-down is over by `at`: nothing may come that would do it."""

        def work(session: Session) -> list[Change]:
            settled = self._settle(session, at)
            self.announce(session, settled, at=at)
            return settled

        with self.store.reading() as session:
            due = knowledge.due_held(session, at)
        return self.store.submit(work).result() if due else []

    def _raise(self, session: Session, change: Change) -> Change | None:
        """Keep a change, told or held back; the one to tell now, if any."""
        last = knowledge.last_change(session, change.kind, change.subject)
        held = knowledge.held_change(session, change.kind, change.subject)
        met = meet(change, last, held, self.rules)
        if held is not None and held.id is not None and change.type is not ChangeType.PLAN:
            knowledge.let_go(session, held.id, told=False)
        if met.note is not None and last is not None and last.id is not None:
            knowledge.add_note(session, last.id, met.note)
        if met.held is not None:
            back, until = met.held
            knowledge.save_change(session, back, held_until=until)
        return knowledge.save_change(session, met.told) if met.told is not None else None

    def announce(self, session: Session, changes: Iterable[Change], *, at: datetime) -> None:
        """Put stored changes into the outbox, for those who want to be told of them."""
        if self.tell:
            for name, ids in addressees(self.targets, changes, self.topic).items():
                outbox.enqueue(session, ids, [name], at=at)

    def take_back(self, session: Session, change_id: int, why: str, corrections: Iterable[Change]) -> None:
        """Withdraw what was not sent of a rejected change; tell its corrections to those alone who had been alerted."""
        alerted = outbox.withdraw(session, change_id, why)
        for correction in corrections:
            if correction.id is not None and self.tell:
                outbox.enqueue(session, [correction.id], alerted, at=correction.at)

    def _fold_subject(
        self,
        session: Session,
        kind: Kind,
        subject: str,
        version: Version | Seen,
        *,
        added: Collection[int] | None = None,
        withdrawn: Sequence[Evidence] = (),
        at: datetime | None = None,
    ) -> list[Change]:
        """added: the claims that alone are new, of a version that was folded before, withdrawn: those of the subject
        that alone are, and `at` when they came or went."""
        if added is None:
            withdrawn = [
                item
                for item in knowledge.withdrawn_by(session, version.id)
                if (item.claim.kind, item.claim.subject) == (kind, subject) and not item.settled
            ]
        evidence = knowledge.evidence(session, kind, subject)
        baseline = knowledge.baseline(session, kind, subject)
        given = rulings.of_subject(session, kind, subject)
        at = at or version.seen_at
        until = knowledge.settled_until(session, kind, subject)
        old = settling(evidence, baseline, rules=self.rules, at=at, until=until, rulings=given)
        if old is not None:
            knowledge.settle(session, kind, subject, old.ids, until=old.until)
            evidence = [item for item in evidence if item.id not in old.ids]
        taken = step(
            version,
            evidence=evidence,
            withdrawn=withdrawn,
            baseline=baseline,
            rules=self.rules,
            at=at,
            fresh=added,
            rulings=given,
            beside=self._beside(session, kind, subject),
        )
        self.keep(session, kind, subject, taken.after, at=at)
        return list(taken.changes)

    def _beside(self, session: Session, kind: Kind, subject: str) -> list[KnownFact]:
        """What is held of the bases that are spoken of as one with a base."""
        others = self.rules.same_site.get(subject, ()) if kind is Kind.BASE_STATUS else ()
        held = (knowledge.current(session, kind, other, Slot.FACT) for other in others)
        return [fact for fact in held if fact is not None]

    def folded(self, session: Session, kind: Kind, subject: str, *, at: datetime) -> Folded:
        """One subject folded as of `at`, without a version; nothing is kept."""
        return fold(
            knowledge.evidence(session, kind, subject),
            knowledge.baseline(session, kind, subject),
            rules=self.rules,
            at=at,
            rulings=rulings.of_subject(session, kind, subject),
        )

    @staticmethod
    def keep(session: Session, kind: Kind, subject: str, folded: Folded, *, at: datetime) -> None:
        """Hold what follows for a subject from `at` on."""
        for slot, fact in ((Slot.FACT, folded.fact), (Slot.PLAN, folded.plan)):
            if fact is not None:
                knowledge.save_fact(session, fact)
            else:
                knowledge.drop_fact(session, kind, subject, slot, at=at)
        rulings.set_aside(session, kind, subject, {item.claim_id: item.reason for item in folded.set_aside})

    def _is_quiet(self, session: Session, seen_at: datetime) -> bool:
        if self.quiet_before is not None and seen_at < self.quiet_before:
            return True
        return first_fill_ended(session) is None

    def file_baseline(self, facts: Sequence[BaselineFact], *, at: datetime) -> None:
        """File what was known before the first pass. The store then has a past, so the first fill is over."""

        def work(session: Session) -> None:
            knowledge.save_baseline(session, facts, at=at)
            for fact in facts:
                self.keep(session, fact.kind, fact.subject, self.folded(session, fact.kind, fact.subject, at=at), at=at)
            if first_fill_ended(session) is None:
                marks.put(session, FIRST_FILL, iso(at))

        self.store.submit(work).result()

    def end_first_fill(self, at: datetime) -> int | None:
        """Close the first fill with one summary of what it found; returns the summary's id.

        Nothing happens when it is closed already, or while nothing at all is known.
        """

        def work(session: Session) -> int | None:
            facts = knowledge.facts(session)
            if first_fill_ended(session) is not None or not facts:
                return None
            marks.put(session, FIRST_FILL, iso(at))
            return self._summarise(session, facts, at)

        return self.store.submit(work).result()

    def _summarise(self, session: Session, facts: Sequence[KnownFact], at: datetime) -> int:
        body = json.dumps({"facts": [fact.id for fact in facts], "at": iso(at)})
        summary = outbox.save_summary(session, body, at=at)
        if self.tell and self.targets:
            names = [target.name for target in self.targets if target.types != ()]
            outbox.enqueue_summary(session, summary, names, at=at)
        return summary


def _saying(claim: Claim) -> tuple[object, ...]:
    return (*said_by(claim), claim.date)


def _once(claims: Iterable[Claim]) -> list[Claim]:
    """Each thing that is said, once."""
    return list({_saying(claim): claim for claim in claims}.values())


def first_fill_ended(session: Session) -> datetime | None:
    """When the first fill ended, None while it goes on."""
    mark = marks.get(session, FIRST_FILL)
    return parse_moment(mark) if mark else None


def read_baseline(text: str, where: str, topic: Topic) -> list[BaselineFact]:
    """Read a baseline file: a JSON list of known facts.

    Raises DrawdownError naming the file, the entry and the key at fault.
    """
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise DrawdownError(f"is not JSON: {error}", where=where) from error
    if not isinstance(entries, list):
        raise DrawdownError("must be a JSON list of facts", where=where)
    return [_baseline_fact(entry, f"{where}: entry {number}", topic) for number, entry in enumerate(entries, 1)]


def _baseline_fact(entry: object, where: str, topic: Topic) -> BaselineFact:
    if not isinstance(entry, dict):
        raise DrawdownError("must be an object", where=where)
    try:
        kind = Kind(entry["kind"])
        subject = str(entry["subject"])
        fact = BaselineFact(
            kind=kind,
            subject=subject,
            value=value_from_json(kind, entry),
            since=str(entry["since"]),
            source=str(entry["source"]),
        )
        Period.parse(fact.since)
    except KeyError as error:
        raise DrawdownError(f"has no key {error.args[0]!r}", where=where) from error
    except ValueError as error:
        raise DrawdownError(str(error), where=where) from error
    if not topic.knows(subject):
        raise DrawdownError(
            f"unknown subject {subject!r}; `drawdown base` lists the bases", where=f"{where}, key subject"
        )
    return fact


def now_utc() -> datetime:
    """The clock, for the edges of the program alone."""
    return datetime.now(UTC)
