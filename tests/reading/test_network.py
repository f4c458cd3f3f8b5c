"""The network on its own: what it is given, that it learns, and that it is the same before and after it is kept."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from db.errors import ConfigError
from db.records import Figure, Role, Status, StatusValue
from monitor.reading.read import Reader
from monitor.reading.second import network
from monitor.reading.second.flat import Flat
from monitor.reading.second.network import Network, forward, pack, plain, record_of, sums
from monitor.reading.second.read import NETWORK_FILE, Least, SecondReader
from monitor.reading.second.shape import OUTPUTS, Question, Sentence
from monitor.reading.training import held_out
from monitor.topics import load_topic
from monitor.training import Fit, examples_of, fit

HERE = Question(0, 1, 0, 1, False, ("head=base",))
SENTENCES = (
    Sentence([["w=they"], ["base"], ["w=left", "c=leave"]], [0, 0, 0], [0, 1, 1]),
    Sentence([["w=it"], ["base"], ["w=is"], ["w=empty"]], [0, 0, 0, 1], [0, 1, 1, 1]),
)


def _passage(text: str, base: str, status: str, modality: str = "asserted") -> dict[str, Any]:
    claim = {
        "kind": "base_status",
        "subject": base,
        "value": status,
        "modality": modality,
        "start": 0,
        "end": len(text),
    }
    return {
        "id": text,
        "lang": "en",
        "published": "2026-02-23",
        "outlet": "x",
        "text": text,
        "claims": [claim],
        "file": "f",
    }


TAUGHT = [
    _passage(f"US forces {verb} the {name} base.", base, status)
    for name, base in (("Himo", "himo"), ("Qasrak", "qasrak"), ("Sarrin", "sarrin"), ("Conoco", "conoco"))
    for verb, status in (("vacated", "vacated"), ("reinforced", "reinforced"), ("are leaving", "withdrawing"))
]
SMALL = Fit(
    width=16, wide=16, deep=16, layers=1, hops=1, epochs=40, rate=0.02, warm=5, mean=0.5, rare=1, kept=1, drop=0.1
)


def _taught(how: Fit) -> Network:
    with jax.disable_jit():  # a dozen sentences are learnt sooner than the library compiles
        return fit(list(examples_of(TAUGHT, Reader(load_topic()))), how)


@pytest.fixture(scope="module")
def small() -> Network:
    """A network that has seen a dozen sentences."""
    return _taught(SMALL)


def test_sums_add_up_the_rows_of_each_owner() -> None:
    table = np.arange(6, dtype=np.float32).reshape(3, 2)
    added = sums(table, np.array([0, 2, 1]), np.array([0, 0, 2]), 4)
    assert added.tolist() == [[4, 6], [0, 0], [2, 3], [0, 0]]
    assert sums(table, np.array([], np.int32), np.array([], np.int32), 2).tolist() == [[0, 0], [0, 0]]


def test_it_learns_what_it_is_taught_and_says_it_of_another_base(small: Network) -> None:
    reader = SecondReader(load_topic(), network=small, least=Least(alerting=0.5))
    for verb, status in (("vacated", "vacated"), ("reinforced", "reinforced"), ("are leaving", "withdrawing")):
        view = Reader(load_topic()).view(f"US forces {verb} the Rmeilan base.", "en")
        assert view is not None
        said = [(c.subject, c.to_json()["value"], c.modality.value) for c in reader.weigh(view, [])]
        assert said == [("rmeilan", status, "asserted")]


def test_the_same_passages_give_the_same_network(small: Network) -> None:
    brief = replace(SMALL, epochs=2)
    one, two = _taught(brief), _taught(brief)
    assert all(np.array_equal(one.weights[name], two.weights[name]) for name in one.weights)
    assert not np.array_equal(one.weights["deep"], small.weights["deep"])


def test_a_kept_network_decides_as_before_it_was_kept(small: Network, tmp_path: Path) -> None:
    path = tmp_path / "network.npz"
    small.save(path, {"passages": len(TAUGHT)})
    kept = Network.load(path)
    assert kept is not None
    assert record_of(path) == {"passages": len(TAUGHT)}
    (before,), (after,) = (n.answer(SENTENCES, [HERE]) for n in (small, kept))
    assert after.chances == pytest.approx(before.chances, abs=0.02)
    first = path.read_bytes()
    small.save(path, {"passages": len(TAUGHT)})
    assert path.read_bytes() == first


def test_a_question_has_the_same_answer_alone_and_among_others(small: Network) -> None:
    (alone,) = small.answer(SENTENCES, [HERE])
    longer = (*SENTENCES, Sentence([["w=a"]] * 50, [0] * 50, [0] * 50))
    other = Question(1, 2, None, 3, False, ())
    among = small.answer(longer, [other, HERE])[1]
    assert among.chances == pytest.approx(alone.chances, abs=1e-4)
    assert [(here, word) for _, here, word in among.seen[:3]] == [(here, word) for _, here, word in alone.seen[:3]]


def test_chances_are_chances_and_attention_stays_within_the_sentences(small: Network) -> None:
    figure = Question(1, 1, None, 1, False, ())
    for answer in small.answer(SENTENCES, [HERE, figure]):
        assert all(0 <= chance <= 1 for chance in answer.chances.values())
        assert all(word < 4 if here else word < 3 for _, here, word in answer.seen[:3])
    assert math.isclose(sum(small.answer(SENTENCES, [figure])[0].chances.values()), 1, abs_tol=1e-5)
    assert small.answer(SENTENCES, []) == []


def test_numpy_and_the_library_of_the_training_compute_the_same(small: Network) -> None:
    batch = pack(SENTENCES, [HERE], small.words, small.marks)

    def total(table: Any, ids: Any, owners: Any, count: int) -> Any:
        return jax.ops.segment_sum(table[ids], owners, count)

    ours = forward(small.weights, batch, np, sums, plain)
    theirs = forward(small.weights, batch, jax.numpy, total, plain)
    for one, two in zip(ours, theirs, strict=True):
        assert np.allclose(one, np.asarray(two), atol=1e-4)


def test_what_reading_runs_gives_what_was_trained() -> None:
    network = Network.load(load_topic().folder / NETWORK_FILE)
    assert network is not None
    chance, names = random.Random(3), [list(network.words), list(network.marks)]

    def some(of: int, most: int) -> list[str]:
        return chance.sample(names[of], chance.randint(0, most))

    sentences = [
        Sentence(
            [some(0, 6) for _ in range(size)],
            sorted(chance.choices(range(6), k=size)),
            sorted(chance.choices(range(4), k=size)),
        )
        for size in (0, 1, 3, 8, 20, 40, 90)
    ]
    pairs = [(here, before) for here in range(1, 7) for before in (None, *range(1, 7))]
    questions = [Question(here % 3, here, before, 0, False, some(1, 4)) for here, before in pairs]
    questions += [Question(0, here, before, 0, True, some(1, 4)) for here, before in pairs if before is not None]
    questions.append(Question(0, 2, 0, 2, False, ()))
    *padded, looks = forward(network.weights, pack(sentences, questions, network.words, network.marks), np, sums)
    flat = Flat(network.weights, network.words, network.marks).scores(sentences, questions)
    for name, scores in zip(OUTPUTS, padded, strict=True):
        assert np.allclose(flat.by_output[name], scores, atol=1e-3)
    for seen, (here, before), look in zip(flat.seen, flat.sizes, looks.mean(1), strict=True):
        assert np.allclose(seen[: here + before], [*look[:here], *look[90 : 90 + before]], atol=1e-4)


def test_a_part_of_the_outlets_is_held_out() -> None:
    held = [held_out({"file": "f", "outlet": f"outlet {n}"}) for n in range(700)]
    assert 60 < sum(held) < 140
    assert held_out({"file": "r2_en_regional", "outlet": "x"})


def test_a_damaged_network_is_told(tmp_path: Path) -> None:
    (tmp_path / "network.npz").write_text("weights", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not a network"):
        Network.load(tmp_path / "network.npz")


def test_a_network_that_is_cut_short_is_told(small: Network, tmp_path: Path) -> None:
    path = tmp_path / "network.npz"
    small.save(path, {})
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(ConfigError, match=r"network\.npz.*is not a network"):
        Network.load(path)


def test_a_network_of_another_format_is_told(small: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "network.npz"
    monkeypatch.setattr(network, "_FORMAT", 1)
    small.save(path, {})
    monkeypatch.undo()
    with pytest.raises(ConfigError, match="format 1, not 2; `make train` makes it anew"):
        Network.load(path)


@pytest.mark.parametrize("chance", [-1, 1.5])
def test_a_threshold_is_a_chance(chance: float) -> None:
    with pytest.raises(ValueError, match="alerting must be a chance, from 0 to 1"):
        Least(alerting=chance)


def test_the_second_reader_adds_what_the_first_did_not_say_and_keeps_its_answers() -> None:
    text = "The Americans who slept at Sarrin sleep there no more. Himo has been theirs again since Monday."
    alone = Reader(load_topic(), least=Least(alerting=1.0, other=1.0, doubted=0.0, implausible=0.0))
    both = Reader(load_topic(), least=Least(alerting=0.05, other=0.05, doubted=0.0, implausible=0.0))
    first, more = (reader.read(text, "en") for reader in (alone, both))
    assert set(first) < set(more)
    assert both.read(text, "en") == more
    both.forget()
    assert both.read(text, "en") == more


def test_the_second_reader_drops_what_it_doubts(small: Network) -> None:
    text = "US forces vacated the Rmeilan base."
    view = Reader(load_topic()).view(text, "en")
    assert view is not None
    said = Reader(load_topic()).read(text, "en")
    assert [claim.to_json()["value"] for claim in said] == ["vacated"]
    wrong = [replace(said[0], value=StatusValue(status=Status.REINFORCED))]
    sure = Least(alerting=1.0, other=1.0, doubted=0.3)
    assert SecondReader(load_topic(), network=small, least=sure).weigh(view, wrong) == []
    assert SecondReader(load_topic(), network=small, least=sure).weigh(view, said) == said
    trusting = Least(alerting=1.0, other=1.0, doubted=0.0, implausible=0.0)
    assert SecondReader(load_topic(), network=small, least=trusting).weigh(view, wrong) == wrong


def test_what_a_model_alone_says_needs_more_of_the_second_reader(small: Network) -> None:
    text = "US forces vacated the Rmeilan base."
    view = Reader(load_topic()).view(text, "en")
    assert view is not None
    ruled = Reader(load_topic()).read(text, "en")[0]
    guessed = replace(ruled, rule="by c=left, group=0/2 → vacated (0.55)")
    strict = SecondReader(load_topic(), network=small, least=Least(alerting=1.0, other=1.0, guessed=1.0))
    assert strict.weigh(view, [guessed]) == []
    assert strict.weigh(view, [ruled]) == [ruled]


def test_where_both_see_a_base_being_left_a_sure_rule_says_how_far(small: Network) -> None:
    text = "US forces are leaving the Rmeilan base."
    view = Reader(load_topic()).view(text, "en")
    assert view is not None
    said = Reader(load_topic()).read(text, "en")[0]
    second = SecondReader(load_topic(), network=small, least=Least(alerting=1.0, other=1.0, doubted=0.3))
    ruled = replace(said, value=StatusValue(status=Status.VACATED), rule="leave 'left' → vacated")
    weighed = replace(ruled, rule="leave 'left' → vacated (0.62)")
    assert second.weigh(view, [ruled]) == [ruled]
    assert second.weigh(view, [weighed]) == []


def test_what_the_rules_nearly_claim_is_claimed_when_the_second_reader_agrees(small: Network) -> None:
    text = "US forces vacated the Rmeilan base."
    view = Reader(load_topic()).view(text, "en")
    assert view is not None
    nearly = Reader(load_topic()).read(text, "en")
    other = [replace(nearly[0], value=StatusValue(status=Status.REINFORCED))]
    second = SecondReader(load_topic(), network=small, least=Least(alerting=1.0, other=1.0, agreed=0.3))
    assert second.weigh(view, [], nearly) == nearly
    assert second.weigh(view, nearly, nearly) == nearly, "said once"
    assert second.weigh(view, [], other) == []
    assert second.weigh(view, [], [replace(nearly[0], subject="qasrak")]) == [], "a base that it did not see"


def test_a_figure_of_troops_present_is_doubted_too_and_other_figures_are_not() -> None:
    text = "Washington has about 900 troops in Syria, and it will withdraw 400 soldiers from Syria by June."
    trusting, doubting = (
        Reader(load_topic(), least=Least(alerting=1.0, other=1.0, number=number, implausible=0.0))
        for number in (0.0, 1.0)
    )
    present, planned = trusting.read(text, "en")
    assert isinstance(present.value, Figure)
    assert present.value.role is Role.PRESENT
    assert doubting.read(text, "en") == [planned]
    strict = Reader(load_topic(), least=Least(alerting=1.0, other=1.0, number=0.0, implausible=1.0))
    assert strict.read(text, "en") == [present], "the other sort of claim has a threshold of its own"
