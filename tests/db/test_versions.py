"""Articles, versions and captures: what is a version, and that every text comes back exactly."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from db import chain, versions
from db.errors import InputError, StoreError
from db.models import ArticleRow, CaptureRow, VersionRow, WholeRow
from db.records import Outcome, Saved, Version
from db.session import Store

Clock = Callable[[float], datetime]
Save = Callable[..., Saved]
URL = "https://news.example/tanf"
OTHER = "https://news.example/qasrak"


def texts(store: Store, article_id: int) -> list[str]:
    with store.reading() as session:
        return [version.text for version in versions.versions_of(session, article_id)]


def newest(store: Store, article_id: int) -> Version:
    with store.reading() as session:
        return versions.newest(session, article_id)


# -- what is a version ------------------------------------------------------------------------------------------------


def test_a_new_page_is_a_first_version(store: Store, save: Save, hour: Clock) -> None:
    saved = save(
        "غادرت القوات الأمريكية قاعدة التنف.",
        title="التنف",
        lang="ar",
        byline="الوكالة",
        published=hour(-1),
        reliability="B",
        reprints=("afp", "reuters"),
    )
    assert saved.outcome is Outcome.NEW
    assert saved.number == 1
    version = newest(store, saved.article_id)
    assert version == Version(
        id=saved.version_id,
        article_id=saved.article_id,
        number=1,
        url=URL,
        source="agency",
        outlet="Agency",
        reliability="B",
        reprints=("afp", "reuters"),
        lang="ar",
        title="التنف",
        byline="الوكالة",
        published=hour(-1),
        seen_at=hour(0),
        last_seen_at=hour(0),
        sha256=sha256("غادرت القوات الأمريكية قاعدة التنف.".encode()).hexdigest(),
        text="غادرت القوات الأمريكية قاعدة التنف.",
    )


def test_the_same_text_again_is_only_seen_later(store: Store, save: Save, hour: Clock) -> None:
    first = save("They left.", etag='"1"')
    again = save("They left.", at=5, etag='"2"', last_modified="Sun, 15 Feb 2026 06:00:00 GMT", body=b"<p>new advert")
    assert again == Saved(outcome=Outcome.UNCHANGED, article_id=first.article_id, version_id=first.version_id, number=1)
    version = newest(store, first.article_id)
    assert (version.seen_at, version.last_seen_at) == (hour(0), hour(5))
    with store.reading() as session:
        assert versions.validators(session, URL) == ('"2"', "Sun, 15 Feb 2026 06:00:00 GMT")
        assert session.scalars(select(CaptureRow.number)).all() == [1]
        assert versions.capture_of(session, first.version_id).body == b"<html>"


def test_another_title_alone_is_no_version(store: Store, save: Save, hour: Clock) -> None:
    first = save("They left.", title="Leaving")
    again = save("They left.", at=1, title="Left", byline="Staff", published=hour(-2))
    assert again.outcome is Outcome.UNCHANGED
    version = newest(store, first.article_id)
    assert (version.number, version.title, version.byline) == (1, "Left", "Staff")
    assert version.published is None  # its claims were read without


def test_an_edit_is_the_next_version(store: Store, save: Save, hour: Clock) -> None:
    first = save("About 1,000 remain.", body=b"<p>About 1,000")
    second = save("About 900 remain.", at=2, body=b"<p>About 900")
    assert (second.outcome, second.article_id, second.number) == (Outcome.CHANGED, first.article_id, 2)
    assert second.version_id > first.version_id
    assert texts(store, first.article_id) == ["About 1,000 remain.", "About 900 remain."]
    with store.reading() as session:
        assert versions.version(session, first.version_id).last_seen_at == hour(0)
        captures = [versions.capture_of(session, saved.version_id) for saved in (first, second)]
    assert [capture.body for capture in captures] == [b"<p>About 1,000", b"<p>About 900"]
    assert [capture.fetched_at for capture in captures] == [hour(0), hour(2)]
    assert captures[0].headers == (("Content-Type", "text/html"),)


def test_a_text_that_comes_back_is_a_version_of_its_own(store: Store, save: Save) -> None:
    saved = [save(said, at=n) for n, said in enumerate(["1,000", "900", "1,000"])]
    assert [one.outcome for one in saved] == [Outcome.NEW, Outcome.CHANGED, Outcome.CHANGED]
    assert texts(store, saved[0].article_id) == ["1,000", "900", "1,000"]


def test_a_clock_put_back_does_no_harm(store: Store, save: Save, hour: Clock) -> None:
    first = save("They left.", at=5)
    save("They left.", at=1)
    assert newest(store, first.article_id).last_seen_at == hour(5)
    assert save("They stayed.", at=0).number == 2
    assert texts(store, first.article_id) == ["They left.", "They stayed."]
    with store.writing() as session:
        versions.touch(session, [URL], at=hour(-9))
        assert session.scalars(select(ArticleRow.last_seen_at)).one() == hour(5)


def test_the_first_source_keeps_an_article(store: Store, save: Save) -> None:
    first = save("They left.", source="agency", outlet="Agency", reliability="B")
    save("They left.", source="portal", outlet="Portal", reliability="E")
    assert newest(store, first.article_id).outlet == "Agency"
    save("They left.", source="agency", outlet="The Agency", reliability="A")
    assert (newest(store, first.article_id).outlet, newest(store, first.article_id).reliability) == ("The Agency", "A")


def test_a_published_time_once_known_is_kept(store: Store, save: Save, hour: Clock) -> None:
    first = save("They left.", published=hour(-3))
    save("They left for good.", published=None)
    assert newest(store, first.article_id).published == hour(-3)


def test_touch(store: Store, save: Save, hour: Clock) -> None:
    saved = save("They left.", etag='"1"')
    with store.writing() as session:
        versions.touch(session, [URL, OTHER], at=hour(7))
        assert versions.known(session, [URL, OTHER]) == {URL}
    version = newest(store, saved.article_id)
    assert (version.seen_at, version.last_seen_at) == (hour(0), hour(7))


def test_touching_many_moves_each_newest_version_forward_only(store: Store, save: Save, hour: Clock) -> None:
    first = save("They left.")
    second = save("They left for good.", at=1)
    other = save("They stay.", url=OTHER, at=8)
    with store.writing() as session:
        versions.touch(session, [URL, OTHER, *(f"https://news.example/{n}" for n in range(1200))], at=hour(7))
    with store.reading() as session:
        seen = [versions.version(session, one.version_id).last_seen_at for one in (first, second, other)]
        assert seen == [hour(0), hour(7), hour(8)]
        assert set(session.scalars(select(ArticleRow.last_seen_at))) == {hour(7), hour(8)}


def test_known_takes_any_number_of_urls(store: Store, save: Save) -> None:
    save("They left.")
    with store.reading() as session:
        assert versions.known(session, []) == set()
        assert versions.known(session, [URL] + [f"https://news.example/{n}" for n in range(1200)] + [URL]) == {URL}
        assert versions.validators(session, OTHER) == (None, None)


def test_unread_in_the_order_they_came(store: Store, save: Save, hour: Clock) -> None:
    saved = [save("A"), save("B", url=OTHER), save("C", at=1)]
    with store.reading() as session:
        assert [version.text for version in versions.unread(session)] == ["A", "B", "C"]
        assert [version.id for version in versions.unread(session, limit=2)] == [s.version_id for s in saved[:2]]
    with store.writing() as session:
        versions.save_claims(session, saved[1].version_id, [], [], at=hour(1))
        assert [version.text for version in versions.unread(session)] == ["A", "C"]


def test_find_article(store: Store, save: Save) -> None:
    saved = save("They left.")
    with store.reading() as session:
        assert versions.find_article(session, URL) == saved.article_id
        assert versions.find_article(session, f" {saved.article_id} ") == saved.article_id
        for key in (OTHER, "999", "9" * 40, "", "²"):
            with pytest.raises(InputError, match="no such article"):
                versions.find_article(session, key)


def test_what_is_not_there_is_said(store: Store) -> None:
    with store.reading() as session:
        for ask in (versions.version, versions.capture_of):
            with pytest.raises(InputError, match="no such version"):
                ask(session, 7)
        for ask_article in (versions.newest, versions.versions_of):
            with pytest.raises(InputError, match="no such article"):
                ask_article(session, 7)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"text": "They \ud83d left."}, r"lone surrogate \(U\+D83D, at character 5\)"),
        ({"text": "They left.", "title": "\udcff"}, "lone surrogate"),
        ({"text": "They\0left."}, "NUL"),
        ({"text": "They left.", "byline": "a\0b"}, "NUL"),
    ],
)
def test_text_that_cannot_be_kept_as_it_is_is_refused(store: Store, save: Save, said: dict[str, str], why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        save(**said)
    assert caught.value.where == URL
    with store.reading() as session:
        assert versions.known(session, [URL]) == set()


def test_headers_that_no_database_holds_are_kept_as_they_were(store: Store, save: Save) -> None:
    saved = save("They left.", headers=(("X-Odd", "a\0b\udcff \U0001f600"),), etag="\udc80")
    with store.reading() as session:
        capture = versions.capture_of(session, saved.version_id)
        assert versions.validators(session, URL) == ("\ufffd", None)
    assert capture.headers == (("X-Odd", "a\0b\udcff \U0001f600"),)
    assert capture.etag == "\udc80"


# -- how texts are kept -----------------------------------------------------------------------------------------------


def article(size: int, *, seed: int = 1) -> str:
    """Words without repetition to speak of, Latin and Arabic, so that nothing compresses by itself."""
    chance = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyzابتثجحخدذرزسشصضطظعغفقكلمنهوي"
    out: list[str] = []
    while sum(len(sentence.encode()) + 1 for sentence in out) < size:
        words = ("".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(12))
        out.append(" ".join(words) + ".")
    return " ".join(out)


def stored(store: Store) -> list[tuple[int, bool, int]]:
    """(number, whether a difference, bytes) of every version of the one article."""
    with store.reading() as session:
        whole = session.scalars(select(WholeRow.data).filter_by(part="versions")).one()
        rows = session.scalars(select(VersionRow).order_by(VersionRow.number))
        return [(row.number, row.delta, len(whole if row.data is None else row.data)) for row in rows]


@pytest.mark.parametrize("place", [0.0, 0.3, 1.0])
def test_a_one_sentence_edit_takes_under_200_bytes(store: Store, save: Save, place: float) -> None:
    whole = article(7000)
    cut = whole.find(" ", int(len(whole) * place)) if place < 1 else len(whole)
    edited = whole[:cut] + " About 1,400 soldiers left the garrison on Sunday, CENTCOM said." + whole[cut:]
    first = save(whole)
    before = stored(store)[0][2]
    save(edited, at=1)
    (_, old_is_delta, old_bytes), (_, new_is_delta, new_bytes) = stored(store)
    assert before > 3000
    assert old_is_delta
    assert not new_is_delta
    assert old_bytes < 200
    assert new_bytes - before + old_bytes < 200  # the whole cost of the edit
    assert texts(store, first.article_id) == [whole, edited]


def test_edits_leave_no_holes_in_the_file(tmp_path: Path, save_into: Callable[..., Saved]) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'holes.db'}")
    said = [article(3500, seed=n) for n in range(20)]
    pages = []
    for edit in range(6):
        for n, one in enumerate(said):
            url = f"https://news.example/{n}"
            save_into(store, f"{one} Edit {edit}.", at=edit, url=url, body=f"{one}<i>{edit}".encode())
        with store.reading() as session:
            pages.append(session.scalar(text("SELECT page_count FROM pragma_page_count")))
    store.close()
    bytes_an_edit = (pages[-1] - pages[0]) * 4096 / (5 * len(said))
    assert bytes_an_edit < 700  # text, capture, rows and indexes; a whole page and more where holes are left


def test_a_body_whose_counters_changed_takes_little(store: Store, save: Save) -> None:
    page = article(60_000).encode()
    save("About 1,000 remain.", body=page + b"<i>17 views</i>")
    save("About 900 remain.", at=1, body=page + b"<i>18 views</i>")
    with store.reading() as session:
        sizes = session.scalars(select(CaptureRow).order_by(CaptureRow.number)).all()
        assert sizes[0].size == sizes[1].size > len(page)
        assert sizes[0].data is not None
        assert len(sizes[0].data) < 300


def test_a_long_history_is_read_from_near_by(store: Store, save: Save) -> None:
    said = [article(400) + f" {n}" for n in range(chain.WHOLE_EVERY * 2 + 3)]
    for n, one in enumerate(said):
        article_id = save(one, at=n).article_id
    whole = [number for number, delta, _ in stored(store) if not delta]
    assert whole == [chain.WHOLE_EVERY, chain.WHOLE_EVERY * 2, len(said)]
    assert texts(store, article_id) == said
    with store.reading() as session:
        for number in (1, 2, chain.WHOLE_EVERY, chain.WHOLE_EVERY + 1, len(said) - 1, len(said)):
            assert chain.read(session, VersionRow, article_id, number).decode() == said[number - 1]
        with pytest.raises(StoreError, match="no such stored data"):
            chain.read(session, VersionRow, article_id, len(said) + 1)


def test_damage_is_noticed_wherever_it_is(store: Store, save: Save) -> None:
    saved = [save(article(2000) + f" {n}", at=n) for n in range(3)]
    with store.writing() as session:
        session.execute(text("UPDATE versions SET sha256 = :other WHERE number = 1"), {"other": b"x" * 32})
    with store.reading() as session:
        assert versions.version(session, saved[1].version_id).text.endswith(" 1")
        with pytest.raises(StoreError, match="does not match its SHA-256; restore a backup") as caught:
            versions.version(session, saved[0].version_id)
        assert caught.value.where == f"article {saved[0].article_id}, versions 1"
        with pytest.raises(StoreError, match="SHA-256"):
            versions.versions_of(session, saved[0].article_id)


def test_a_damaged_frame_is_noticed_and_never_built_upon(store: Store, save: Save) -> None:
    saved = save(article(2000))
    with store.writing() as session:
        row = session.scalars(select(WholeRow).filter_by(part="versions")).one()
        row.data = row.data[:-9]
    with pytest.raises(StoreError, match="damaged"):
        newest(store, saved.article_id)
    with pytest.raises(StoreError, match="damaged"):
        save("Another text.", at=1)


unlike = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
arabic = st.text("ابتةثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئى ،؟ًٌٍَُِّْـ١٢٣ ", max_size=60)
histories = st.lists(
    st.one_of(unlike, arabic, st.just(""), st.tuples(unlike, arabic).map(lambda pair: article(900) + "".join(pair))),
    min_size=1,
    max_size=7,
)
numbers = itertools.count()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=histories)
def test_any_history_comes_back_exactly(store: Store, save: Save, said: list[str]) -> None:
    url = f"https://news.example/history/{next(numbers)}"
    for n, one in enumerate(said):
        saved = save(one, at=n, url=url, body=one.encode("utf-16"))
    distinct = [one for one, _ in itertools.groupby(said)]
    assert saved.number == len(distinct)
    assert texts(store, saved.article_id) == distinct
    with store.reading() as session:
        for version in versions.versions_of(session, saved.article_id):
            assert versions.version(session, version.id) == version
            assert versions.capture_of(session, version.id).body == version.text.encode("utf-16")


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=3000), newer=st.binary(max_size=3000), shared=st.binary(max_size=3000))
def test_whatever_is_packed_is_unpacked(data: bytes, newer: bytes, shared: bytes) -> None:
    assert chain.unpack(chain.pack(data)) == data
    assert chain.unpack(chain.pack(data + shared, newer + shared), newer + shared) == data + shared


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=unlike, bad=st.characters(categories=["Cs"]), after=unlike)
def test_a_lone_surrogate_anywhere_is_refused(store: Store, save: Save, before: str, bad: str, after: str) -> None:
    with pytest.raises(InputError, match=f"U\\+{ord(bad):04X}, at character {len(before)}"):
        save(before + bad + after)
