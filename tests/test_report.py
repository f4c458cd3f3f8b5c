"""The report in a real browser: it loads nothing, can be read and worked by everybody, and stays small."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.errors import ConfigError
from db.records import (
    Claim,
    Comparator,
    Evidence,
    Figure,
    Kind,
    KnownFact,
    Modality,
    Position,
    Role,
    Slot,
    SourceHealth,
    Status,
    StatusValue,
)
from monitor.knowing.rules import Rules
from monitor.report import Known, page
from monitor.report.bases import states
from monitor.report.labels import NARROW, WIDE, Lettering, base_labels, box_of, meet, region_labels
from monitor.report.outline import Outline, apart
from monitor.report.scale import Stops
from monitor.telling.words import Words
from monitor.topics import load_topic

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
in_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (Debian: apt install chromium)")
START = datetime(2026, 2, 1, tzinfo=UTC)
NOW = START + timedelta(days=30)
HOSTILE = '</script><script>window.hurt = 1</script><img src="https://bad.example/x" onerror="window.hurt = 2">\u202e'
TOPIC = load_topic()
WHOLE = TOPIC.whole(Kind.TROOP_FIGURE)


def side(value: StatusValue | Figure, since: str) -> Position:
    return Position(value=value, since=since, confidence=0.8, credibility="B2", origins=2)


def fact(day: int, status: Status, since: str, **more: Any) -> KnownFact:
    held = side(StatusValue(status=status), since)
    return KnownFact(
        kind=Kind.BASE_STATUS,
        subject="qasrak",
        slot=Slot.FACT,
        held=held,
        recorded_at=START + timedelta(days=day),
        **more,
    )


def said(number: int, troops: int) -> Evidence:
    value = Figure(low=troops, high=troops, comparator=Comparator.ABOUT, role=Role.PRESENT)
    quote = f"{HOSTILE} {number}"
    claim = Claim(
        kind=Kind.TROOP_FIGURE, subject=WHOLE, value=value, modality=Modality.ASSERTED, quote=quote, start=0,
        end=len(quote), speaker=HOSTILE,
    )  # fmt: skip
    at = START + timedelta(minutes=8 * number)
    return Evidence(
        id=number, claim=claim, version_id=number, number=1, article_id=number, url="javascript:window.hurt=3",
        source="post", outlet=HOSTILE, reliability="B", lang="en", title=HOSTILE, published=at, at=at, origin="post",
    )  # fmt: skip


def known(claims: int = 8) -> Known:
    """Qasrak was active, then withdrawing, contested; claims of the number of troops by a hostile outlet."""
    rival = side(StatusValue(status=Status.ACTIVE), "2026-02-10/2026-02-12")
    history = (
        fact(1, Status.ACTIVE, "2026-01", superseded_at=START + timedelta(days=9)),
        fact(9, Status.WITHDRAWING, "2026-02-08/2026-02-10", contested=True, rivals=(rival,)),
    )
    return Known(
        topic=TOPIC,
        rules=Rules(),
        as_of=NOW,
        history={(Kind.BASE_STATUS, "qasrak"): history},
        changes=(),
        earlier=0,
        claims=[said(number, 900 + number % 50) for number in range(claims)],
        evidence={},
        edits={},
        sources=[SourceHealth(source="post", error=HOSTILE)],
        outlets={"post": (HOSTILE, "B")},
    )


def starts_by_itself(arguments: list[str]) -> bool:
    """Whether the machine's browser shows an empty page without us: then what does not work is ours to mend."""
    try:
        command = [str(CHROMIUM), "--headless", *arguments, "--dump-dom", "about:blank"]
        return "<html" in subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]  # what containers lack
        try:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        except Error:
            if starts_by_itself(arguments):
                raise
            pytest.skip(f"{CHROMIUM} does not start on this machine, by itself neither")
        yield chromium
        chromium.close()


@pytest.fixture
def shown(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens the page; at the end there was neither a word on its console nor a request to anywhere."""
    troubles: list[str] = []
    contexts = []

    def opened(html: str, **options: Any) -> Any:
        path = tmp_path / "report.html"
        path.write_text(html, encoding="utf-8")
        context = browser.new_context(**options)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: troubles.append(message.text))
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("request", lambda request: None if request.url == path.as_uri() else troubles.append(request.url))
        tab.goto(path.as_uri())
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


@in_browser
@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_it_fits_and_everybody_can_use_it(shown: Any, lang: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    scheme = "dark" if width == 768 else "light"
    tab = shown(page(known(), lang), viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate("document.documentElement.dir") == ("rtl" if lang == "ar" else "ltr")
    found = Axe().run(tab).response["violations"]
    assert [(f["id"], f["nodes"][0]["html"]) for f in found if f["impact"] in ("serious", "critical")] == []


@in_browser
def test_the_slider_shows_what_was_known_then_by_keyboard(shown: Any) -> None:
    tab = shown(page(known(), "en"))
    point = tab.locator(".point[data-subject=qasrak]")
    assert "withdrawing" in (point.get_attribute("aria-label") or "")
    assert "contested" in (point.get_attribute("class") or "")
    tab.locator("#day").focus()
    tab.keyboard.press("Home")
    assert point.get_attribute("aria-label") == "Qasrak: active, since January 2026, B2"
    assert point.locator("use").get_attribute("href") == "#mark-active"
    assert tab.locator("#day-shown").inner_text() == "2 February 2026"
    assert tab.locator("[data-count=active]").inner_text() == "1"
    tab.keyboard.press("End")
    assert "withdrawing" in (point.get_attribute("aria-label") or "")


@in_browser
def test_strangers_text_stays_text(shown: Any) -> None:
    tab = shown(page(known(), "en"))
    assert tab.evaluate("window.hurt") is None
    assert tab.locator("img").count() == 0
    assert tab.locator("a[href^=javascript]").count() == 0


@in_browser
def test_without_script_it_says_what_is_known(shown: Any) -> None:
    tab = shown(page(known(), "en"), java_script_enabled=False)
    assert "withdrawing" in tab.locator("#base-qasrak").inner_text()
    assert not tab.locator("#replay").is_visible()


def test_five_thousand_claims_are_no_heavy_page() -> None:
    assert len(page(known(5000), "ar").encode()) < 1_500_000


def test_nothing_of_strangers_is_markup_or_turns_the_line() -> None:
    html = page(known(), "en")
    assert "<script>window.hurt" not in html
    assert "<img" not in html
    assert "\u202e" not in html
    assert "javascript:" not in html


def test_the_page_may_run_only_its_own() -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page(known(), "en"))
    assert policy
    assert "default-src &#39;none&#39;" in policy[1]
    assert "unsafe" not in policy[1]


def test_what_was_not_yet_known_then_is_not_told() -> None:
    words = Words.of("en", TOPIC)
    facts = known().history[Kind.BASE_STATUS, "qasrak"]
    stops = Stops.of([f.recorded_at for f in facts], NOW)
    found = states(facts, words, stops, "Qasrak")
    assert [(s.stop, s.status) for s in found] == [(0, "active"), (1, "withdrawing")]
    assert found[1].others == "active"


def test_marks_are_moved_apart() -> None:
    places = apart({"a": (1.0, 1.0), "b": (1.0, 1.0), "c": (90.0, 1.0)}, 20)
    (ax, ay), (bx, by) = places["a"], places["b"]
    assert ((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5 >= 19.5
    assert places["c"] == (90.0, 1.0)


@pytest.mark.parametrize("style", [WIDE, NARROW])
def test_every_mark_has_its_name_near_it_and_no_name_covers_another(style: Lettering) -> None:
    outline = Outline.of(TOPIC)
    crowd = {name: (600.0 + 22 * number, 80.0) for number, name in enumerate(("Qasrak", "Himo", "Tal Baydar", "Tanf"))}
    labels = base_labels({name: name for name in crowd}, crowd, outline, style)
    assert set(labels) == set(crowd)
    boxes = [box_of(label, style.size) for label in labels.values()]
    assert not any(meet(one, other) for one, other in itertools.combinations(boxes, 2))
    assert any(label.line for label in labels.values()) is (style is NARROW)
    regions = region_labels([("Hasakah", (620.0, 80.0)), ("Quneitra", (5.0, 400.0))], labels, crowd, outline, style)
    assert [label.name for label in regions] == ["Quneitra"]
    assert box_of(regions[0], style.regions)[0] >= 0


@in_browser
@pytest.mark.parametrize(("width", "size"), [(360, "small"), (1280, "large")])
def test_the_map_is_lettered_for_its_width(shown: Any, width: int, size: str) -> None:
    tab = shown(page(known(), "en"), viewport={"width": width, "height": 800})
    names = tab.locator(".point text:visible")
    assert names.all_text_contents() == ["Qasrak"]
    assert names.get_attribute("class") == size
    assert names.bounding_box()["height"] > 9


def test_a_topic_without_a_map_and_one_with_a_broken_one(tmp_path: Path) -> None:
    bare = replace(TOPIC, folder=tmp_path)
    assert Outline.of(bare).shapes == ()
    (tmp_path / "map.geojson").write_text('{"features": [{"properties": {"kind": "moon"}, "geometry": null}]}')
    with pytest.raises(ConfigError, match=r"map\.geojson"):
        Outline.of(bare)


def test_the_commands(drawdown: Any, tmp_path: Path) -> None:
    assert drawdown("init").code == 0
    assert drawdown("report", "--lang", "ar", "-o", "page.html").code == 0
    assert 'dir="rtl"' in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert drawdown("report", "--lang", "xx").code == 2


def test_a_plan_names_its_speaker_also_where_a_fact_beside_it_is_newer(desk_of: Any, tmp_path: Path) -> None:
    texts = {
        "2026-02-10": "The United States plans to evacuate the Qasrak base next month, the Pentagon said.",
        "2026-02-22": "US forces began their withdrawal from Qasrak base on Friday, CENTCOM said.",
    }
    common = {"outlet": "Example Post", "lang": "en", "reliability": "B", "title": "Qasrak"}
    desk = desk_of(
        {"url": f"https://example.org/{day}", "published": f"{day}T08:00:00Z", "text": text, **common}
        for day, text in texts.items()
    )
    assert desk("report", "-o", "page.html").code == 0
    assert re.search("<td>\u2068the Pentagon\u2069<", (tmp_path / "page.html").read_text(encoding="utf-8"))
