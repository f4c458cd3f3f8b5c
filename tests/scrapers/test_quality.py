"""What becomes no version: walls, error pages, robot checks, shells. What must: every article, however short."""

# ruff: noqa: E501 (tables of examples)

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest

from db.records import Page
from scrapers.extract import extract
from scrapers.quality import refusal

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


def page(title: str, text: str) -> Page:
    return Page(url="https://x.example/1", title=title, text=text, lang="en")


WALLS = [
    ("Before you continue", "We use cookies and data to deliver our services.\n\nIf you choose to accept all, we also show"
     " personalised ads.\n\nIf you reject all, we will not.\n\nMore options. Privacy policy."),
    ("نهتم بخصوصيتك", "نستخدم نحن وشركاؤنا ملفات تعريف الارتباط لتخزين المعلومات على جهازك.\n\nيمكنك قبول الكل أو رفض الكل"
     " أو إدارة الخيارات.\n\nتجد التفاصيل في سياسة الخصوصية."),
    ("Some Site | World", "We value your privacy. Our vendors use cookies to process personal data. You may withdraw consent"
     " at any time. Accept all. Manage preferences. Reject all."),
    ("Just a moment...", "Checking your browser before accessing the site. Please enable JavaScript to continue. Ray ID: 8f1c"),
    ("Access Denied", "You don't have permission to access this page on this server. Reference #18.4f2"),
    ("Page not found", "Sorry, we couldn't find what you were looking for. Go back to the home page or try searching."),
    ("404", "The page you requested no longer exists. Most read: oil prices, weather, football."),
    ("خطأ 404", "عذراً، لم يتم العثور على الصفحة المطلوبة. العودة إلى الصفحة الرئيسية."),
    ("موقع الأخبار", "الصفحة غير موجودة. ربما تم حذف المادة. يمكنك العودة إلى الصفحة الرئيسية."),
    ("Log in", "Already have an account? Log in to continue. Create a free account to read this article."),
    ("التحقق", "يرجى تفعيل جافا سكريبت في متصفحك للمتابعة. نتحقق من أنك لست روبوت."),
    ("App", "You need to enable JavaScript to run this app."),
    ("Subscribe", "Subscribe to continue reading. Unlock this article for one euro. Already a subscriber? Sign in."),
    ("Empty", "  "),
    ("Short", "Home. World. Sport."),
]  # fmt: skip

ARTICLES = [
    ("Army takes over base", "The army entered the base on Sunday morning.\n\nA witness saw a flag raised over the gate.\n\n"
     "There was no comment from officials."),
    ("الجيش يتسلم القاعدة", "دخل الجيش القاعدة صباح الأحد.\n\nوقال شاهد إن العلم رُفع فوق البوابة.\n\nولم يصدر تعليق رسمي."),
    ("Access denied: how aid lost its way in", "Aid workers said that access to the camp was denied on Monday. The ministry did"
     " not explain why. Two convoys turned back at the crossing."),
    ("News sites told to ask for consent", "The ministry said that news sites must ask readers for consent before storing"
     " cookies. The order takes effect in May. Publishers said they had not been consulted. A fine is foreseen. The union of"
     " journalists called it a sensible step, long overdue, but doubted that it can be enforced."),
    ("Error led to strike, Pentagon says", "The Pentagon said on Tuesday that an error in the coordinates led to the strike"
     " near the base. No soldiers were hurt."),
    ("Troops gone", "The troops are gone. The last trucks left at noon, a farmer said. We use cookies. Accept all."),
    ("انسحاب", "قال مصدر إن القوات غادرت القاعدة. وأضاف أن الطريق فتح أمام السير. سجل الدخول لمتابعة القراءة."),
]  # fmt: skip


@pytest.mark.parametrize(("title", "text"), WALLS)
def test_what_is_no_article_is_refused(title, text) -> None:
    assert refusal(page(title, text))


@pytest.mark.parametrize(("title", "text"), ARTICLES)
def test_short_articles_pass(title, text) -> None:
    assert refusal(page(title, text)) is None


@pytest.mark.parametrize("status", [304, 403, 404, 410, 500])
def test_an_error_status_is_a_refusal(status) -> None:
    assert refusal(page(*ARTICLES[0]), status=status) == f"HTTP status {status}"


def corpus(*parts: str) -> Path:
    path = SHARED.joinpath("corpus", *parts)
    if not path.exists():
        pytest.skip("the corpus is not beside the project")
    return path


def test_of_the_scenario_only_the_blocked_pages_are_refused() -> None:
    lines = corpus("scenario", "articles.jsonl").read_text(encoding="utf-8").splitlines()
    for line in map(json.loads, lines):
        body = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in line["paragraphs"])
        head = f"<title>{line['title']} | {line['outlet']}</title>"
        markup = f"<html><head>{head}</head><body><nav><a href='/'>x</a></nav><div><h1>{line['title']}</h1>{body}</div></body></html>"
        as_page = extract(markup.encode(), url=line["url"])
        as_text = page(line["title"], "\n\n".join(line["paragraphs"]))
        blocked = line.get("edit") == "blocked page"
        assert bool(refusal(as_page)) is bool(refusal(as_text)) is blocked, line["article"]


def test_no_passage_of_the_founding_articles_is_refused() -> None:
    for file in sorted(corpus("founding").glob("*.txt")):
        text = file.read_text(encoding="utf-8")
        assert refusal(page(text[:80], text)) is None
        for passage in filter(str.strip, text.split("\n")):
            assert refusal(page("", passage), least_words=1) is None
