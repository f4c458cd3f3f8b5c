from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.telling.diff import Edit, Op, around, as_html, as_plain, as_slack, diff_words, shortened

TEXTS = st.text(alphabet=st.sampled_from("ab ،.2ق\u064bال\n𐍈"), max_size=60)


@given(TEXTS, TEXTS)
def test_the_edits_give_both_texts_back(old: str, new: str) -> None:
    edits = diff_words(old, new)
    assert "".join(edit.text for edit in edits if edit.op is not Op.ADDED) == old
    assert "".join(edit.text for edit in edits if edit.op is not Op.DROPPED) == new


def test_a_changed_figure_is_one_word() -> None:
    edits = diff_words("About 2,000 troops stay.", "About 1,400 troops stay.")
    assert as_plain(edits) == "About [-2,000-]{+1,400+} troops stay."


def test_an_arabic_word_is_never_cut() -> None:
    assert as_plain(diff_words("أُخليَت القاعدة أمس", "أُخليَ المطار أمس")) == "[-أُخليَت القاعدة-]{+أُخليَ المطار+} أمس"


def test_html_escapes_the_text_and_parts_old_from_new() -> None:
    html = as_html(diff_words("a <b> c", "a <i> c"))
    assert "&lt;" in html
    assert "<b>" not in html
    assert "<del" in html
    assert "</del>&thinsp;<ins" in html


def test_slack_marks_stand_where_slack_reads_them() -> None:
    assert as_slack(diff_words("from 2,000 to x.", "from 1,400 to y.")) == "from ~2,000~ *1,400* to ~x~ *y*."
    assert as_slack([Edit(Op.ADDED, "*<!here>*")]) == "*&lt;!here&gt;*"


def test_around_shows_only_the_edits_near_the_quote() -> None:
    far, near = "far " * 60, "near " * 60
    old = f"one {far} about 2,000 troops {near} six"
    new = f"two {far} fewer than 1,000 troops {near} seven"
    start = new.index("fewer")
    shown = as_plain(around(diff_words(old, new), start, start + 22, context=20))
    assert "[-about 2,000-]{+fewer than 1,000+} troops" in shown
    assert "seven" not in shown
    assert len(shown) < 100


def test_around_is_empty_where_nothing_changed() -> None:
    old, new = "same " * 100 + "old", "same " * 100 + "new"
    assert around(diff_words(old, new), 0, 10) == []


def test_a_kept_stretch_between_two_edits_keeps_both_ends() -> None:
    kept = "first " + "middle " * 50 + "last"
    (_, cut, _) = shortened([Edit(Op.ADDED, "x"), Edit(Op.KEPT, kept), Edit(Op.ADDED, "y")], context=12)
    assert cut.text.startswith("first ")
    assert "…" in cut.text
    assert cut.text.endswith("last")
