"""Training of the second reader's network from labelled passages: `python -m monitor.training FOLDER`.

FOLDER holds labelled passages, JSON lines. Needs the packages of requirements-train.lock; what reads does not. The same
passages, seed and machine give the same network. A part of the passages is left out (`held_out`), so that what is
measured on it holds for the network as it is shipped; `--all` leaves none out.

The network is learnt from short passages first. Then it learns a little more, whole items among them, and the mean of
its weights before and after is what is shipped (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"): of the
three it reads both best, see docs/decisions/010.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from db.records import Kind, Modality, Period, Status, parse_moment
from monitor.evaluate import near
from monitor.reading.read import Reader
from monitor.reading.second.cases import BaseCase, Case, DeadlineCase, FigureCase, View
from monitor.reading.second.claims import SITED, as_meant
from monitor.reading.second.marks import LEXICAL
from monitor.reading.second.network import Network, forward
from monitor.reading.second.read import NETWORK_FILE, NONE
from monitor.reading.second.shape import DATES, HEADS, LOOKS, PLACES, REACH, SORTS, STEPS, SWAY, Sentence
from monitor.reading.training import held_out, read_passages
from monitor.topics import Topic, load_topic

STATUSES = tuple(f"{status.value}/{modality.value}" for status in Status for modality in Modality)


@dataclass(frozen=True, slots=True)
class Fit:
    """How to train.

    width, wide, deep, layers, hops: the network's size. words: of a batch. rate: the highest step of Adam, which warms
    up and falls by a cosine; decay: of weights, per step and rate; fade: the same of the marks' vectors, so that rare
    ones stay small. hide: share of marks left out at random; hide_words: share of words seen without their letters;
    drop: of hidden values. rarest: marks met less often are not learnt; kept: nor kept; rare: nor are such classes
    learnt. mean: how much of the running mean of the weights is kept at each step.
    """

    width: int = 64
    wide: int = 128
    deep: int = 128
    layers: int = 2
    hops: int = 2
    epochs: int = 20
    words: int = 1536
    rate: float = 1.5e-3
    warm: int = 400
    decay: float = 0.02
    fade: float = 0.5
    hide: float = 0.15
    hide_words: float = 0.2
    drop: float = 0.15
    rarest: int = 2
    kept: int = 11
    rare: int = 4
    mean: float = 0.998
    seed: int = 1


# --- Passages become examples ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Example:
    """A passage with what its labels say of its cases.

    wrong: per base case and status class, 1 where claiming it is wrong, 0 where it is right or neither. right: the
    class and the cases of which at least one must claim it. labels: a figure's or deadline's class; counted: 0 where
    the label is optional; places: which of `PLACES` its subject has; dates: which of `DATES` a claim of a
    case has, an asserted one before others.
    """

    sentences: Sequence[Sentence]
    cases: Sequence[Case]
    wrong: np.ndarray[Any, Any]
    right: list[tuple[int, list[int]]] = field(default_factory=list)
    labels: dict[int, str] = field(default_factory=dict)
    counted: dict[int, float] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)
    dates: dict[int, int] = field(default_factory=dict)


def examples_of(passages: Iterable[Mapping[str, Any]], reader: Reader) -> Iterator[Example]:
    """The examples of labelled passages, in order."""
    for row in passages:
        published = parse_moment(row["published"]) if row.get("published") else None
        view = reader.view(row["text"], row["lang"], published)
        if view is not None:
            yield _example(view, row)


def _example(view: View, row: Mapping[str, Any]) -> Example:
    cases = view.cases
    example = Example([view.shown(i) for i in range(len(view.spans))], cases, np.ones((len(cases), len(STATUSES))))
    used: set[int] = set()
    for claim in sorted(row["claims"], key=lambda claim: claim["modality"] == Modality.ASSERTED):
        if claim["kind"] == Kind.BASE_STATUS:
            for index in _label_base(example, view, claim):
                _label_date(example, view, index, claim)
        elif claim["kind"] == Kind.DEADLINE:
            _label_deadline(example, claim, used)
        else:
            for index in _label_figure(example, row["text"], claim, used):
                _label_date(example, view, index, claim)
    return example


def _label_base(example: Example, view: View, claim: Mapping[str, Any]) -> list[int]:
    """A claim belongs to the cases of its base in the sentences of its quote: one of them must make it. These cases."""
    mine = [i for i, c in enumerate(example.cases) if isinstance(c, BaseCase) and c.base == claim["subject"]]
    if not mine:
        return []
    quoted = []
    for index in mine:
        span = view.spans[example.cases[index].question.here]
        start, end = view.text.span(span.start, span.end)
        if start < claim.get("end", 0) and claim.get("start", 0) < end:
            quoted.append(index)
    wanted = STATUSES.index(f"{claim['value']}/{claim['modality']}")
    if claim.get("optional"):
        example.wrong[mine, wanted] = 0
        return quoted
    quoted = quoted or mine
    example.wrong[quoted, wanted] = 0
    example.right.append((wanted, quoted))
    return quoted


def _label_date(example: Example, view: View, index: int, claim: Mapping[str, Any]) -> None:
    case = example.cases[index]
    if isinstance(case, DeadlineCase):
        return
    if claim.get("date") is None:
        example.dates[index] = DATES.index("none")
        return
    said = {name: as_meant(view, date, Modality(claim["modality"])) for name, date in view.dates(case).items()}
    exact = [name for name, date in said.items() if date == claim["date"]]
    near_it = exact or [name for name, date in said.items() if _meet(Period.parse(date), Period.parse(claim["date"]))]
    if near_it:
        example.dates[index] = min(map(DATES.index, near_it))


def _meet(one: Period, two: Period) -> bool:
    return one.first <= two.last and two.first <= one.last


_COUNTRY = "us-"  # how the subjects begin that are no base


def _label_figure(example: Example, text: str, claim: Mapping[str, Any], used: set[int]) -> list[int]:
    """A number's claim belongs to the case with its bounds, that in its quote first. That case, if there is one."""
    start = text.find(claim["quote"]) if claim.get("quote") else 0
    best: tuple[bool, int] | None = None
    for index, case in enumerate(example.cases):
        if not isinstance(case, FigureCase) or index in used:
            continue
        quantity = case.number.quantity
        if (quantity.low, quantity.high) != (claim["low"], claim["high"]):
            continue
        holds = start <= quantity.number_start < start + len(claim.get("quote") or "")
        if best is None or holds > best[0]:
            best = (holds, index)
    if best is None:
        return []
    part = claim.get("role") or claim.get("direction") or "-"
    _settle(example, best[1], f"{claim['kind']}/{part}/{claim['modality']}", claim, used)
    return [best[1]]


def _label_deadline(example: Example, claim: Mapping[str, Any], used: set[int]) -> None:
    for index, case in enumerate(example.cases):
        if (
            isinstance(case, DeadlineCase)
            and index not in used
            and near(claim.get("latest"), case.deadline.value.latest)
        ):
            _settle(example, index, str(claim["modality"]), claim, used)
            return


def _settle(example: Example, index: int, label: str, claim: Mapping[str, Any], used: set[int]) -> None:
    used.add(index)
    case = example.cases[index]
    if claim["kind"] in SITED and not isinstance(case, BaseCase):
        named = [number for number, place in enumerate(PLACES) if case.places.get(place) == claim["subject"]]
        if named or claim["subject"].startswith(_COUNTRY):
            example.places[index] = named[0] if named else PLACES.index("country")
    if claim.get("optional"):
        example.counted[index] = 0.0
    else:
        example.labels[index] = label


# --- Examples become arrays ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Names:
    """The marks and classes that are learnt, in their order."""

    words: dict[str, int]
    marks: dict[str, int]
    classes: dict[str, list[str]]

    @classmethod
    def of(cls, examples: Sequence[Example], how: Fit) -> Names:
        """What is met often enough in these examples."""
        words = Counter(name for e in examples for s in e.sentences for marks in s.marks for name in marks)
        marks = Counter(name for e in examples for c in e.cases for name in c.question.marks)
        figures = Counter(
            label for e in examples for i, label in e.labels.items() if isinstance(e.cases[i], FigureCase)
        )
        classes = {
            SORTS[0]: list(STATUSES),
            SORTS[1]: [NONE, *sorted(name for name, count in figures.items() if count >= how.rare)],
            SORTS[2]: [NONE, *(modality.value for modality in Modality)],
            "place": list(PLACES),
            "date": list(DATES),
        }
        return cls(_often(words, how.rarest), _often(marks, how.rarest), classes)


def _without_rare(network: Network, examples: Sequence[Example], least: int) -> Network:
    """The network without the vectors of marks that were met less often: they take room, and say little."""
    counts = Counter(name for e in examples for s in e.sentences for marks in s.marks for name in marks)
    kept = [name for name in network.words if counts[name] >= least]
    rows = network.weights["marks"][[network.words[name] for name in kept]]
    return Network({**network.weights, "marks": rows}, kept, list(network.marks), network.classes)


def _often(counts: Counter[str], least: int) -> dict[str, int]:
    return {name: i for i, name in enumerate(sorted(name for name, count in counts.items() if count >= least))}


_BUCKETS = (20, 28, 36, 48, 64, 88, 128, 512)  # words of a batch's longest sentence
_ROWS = 8  # marks a word of which a batch has room for, on average
_ALIKE = 8  # cases of one claim that are looked at


Part = tuple[Any, Any, Any, Any, int]  # of a sentence: rows of marks, their words, cuts, groups, how many words


@dataclass(slots=True)
class Encoded:
    """An example as arrays: per sentence the rows of its marks and their words."""

    sentences: list[Part]
    cases: list[tuple[int, int, int, int, int]]
    case_marks: list[list[int]]
    example: Example
    labels: list[int]
    counted: list[float]
    places: list[int]  # -1 where it is not known
    dates: list[int]  # the same
    longest: int
    size: int


def _part(sentence: Sentence, names: Names) -> Part:
    known = [
        (names.words[name], place)
        for place, marks in enumerate(sentence.marks)
        for name in marks
        if name in names.words
    ]
    ids, owners = (np.array([pair[side] for pair in known], np.int32) for side in (0, 1))
    return ids, owners, np.array(sentence.cuts), np.array(sentence.groups), len(sentence.marks)


def _encode(example: Example, names: Names) -> Encoded:
    sentences = [_part(sentence, names) for sentence in example.sentences]
    labels, counted = [], []
    for index, case in enumerate(example.cases):
        classes = names.classes[SORTS[case.question.sort]]
        label = example.labels.get(index, NONE)
        known_label = label in classes or case.question.sort == 0
        labels.append(classes.index(label) if label in classes else 0)
        counted.append(example.counted.get(index, 1.0) if known_label else 0.0)
    questions = [case.question for case in example.cases]
    return Encoded(
        sentences,
        [(q.sort, q.here, -1 if q.before is None else q.before, q.word, int(q.carried)) for q in questions],
        [[names.marks[name] for name in q.marks if name in names.marks] for q in questions],
        example,
        labels,
        counted,
        [example.places.get(index, -1) for index in range(len(example.cases))],
        [example.dates.get(index, -1) for index in range(len(example.cases))],
        max((s[4] for s in sentences), default=1),
        sum(len(s[0]) for s in sentences),
    )


def _batches(encoded: Sequence[Encoded], words: int, random: np.random.Generator | None) -> list[dict[str, Any]]:
    """The examples in batches of a few fixed shapes, shuffled where there is a generator."""
    groups: dict[int, list[Encoded]] = {}
    for each in encoded:
        groups.setdefault(next(b for b in _BUCKETS if each.longest <= b or b == _BUCKETS[-1]), []).append(each)
    plans: list[tuple[int, list[Encoded]]] = []
    for length, group in sorted(groups.items()):
        if random is not None:
            random.shuffle(group)
        rows = max(words // length, 8)
        batch: list[Encoded] = []
        room = (rows - 1, 3 * rows, rows * length * _ROWS)
        left = room
        for each in group:
            need = (len(each.sentences), len(each.cases), each.size)
            if batch and any(n > r for n, r in zip(need, left, strict=True)):
                plans.append((length, batch))
                batch, left = [], room
            batch.append(each)
            left = tuple(r - n for n, r in zip(need, left, strict=True))  # type: ignore[assignment]
        plans.append((length, batch))
    if random is not None:
        random.shuffle(plans)
    return [_batch(length, words, batch) for length, batch in plans]


def _batch(length: int, words: int, batch: Sequence[Encoded]) -> dict[str, Any]:
    rows = max(max(words // length, 8), 1 + sum(len(each.sentences) for each in batch))
    room = max(3 * rows, sum(len(each.cases) for each in batch))
    marks_room = max(rows * length * _ROWS, sum(each.size for each in batch))
    mask = np.zeros((rows, length), np.float32)
    cuts, groups = (np.zeros((rows, length), np.int32) for _ in range(2))
    ids, owners, used = (np.zeros(marks_room, kind) for kind in (np.int32, np.int32, np.float32))
    owners[:] = rows * length - 1
    cases = np.zeros((room, 5), np.int32)
    asked = np.zeros(room, np.float32)
    case_ids, case_owners, case_used = (np.zeros(room * 8, kind) for kind in (np.int32, np.int32, np.float32))
    case_owners[:] = room - 1
    wrong = np.zeros((room, len(STATUSES)), np.float32)
    label, counted = np.zeros(room, np.int32), np.zeros(room, np.float32)
    place, date = np.full(room, -1, np.int32), np.full(room, -1, np.int32)
    right, members, due = np.zeros(room, np.int32), np.full((room, _ALIKE), -1, np.int32), np.zeros(room, np.float32)
    row, case, mark, case_mark, claim = 1, 0, 0, 0, 0
    for each in batch:
        for index, (found, places, cut, group, size) in enumerate(each.sentences):
            size = min(size, length)
            keep = places < length
            found, places = found[keep], places[keep]
            here = row + index
            mask[here, :size], cuts[here, :size], groups[here, :size] = 1, cut[:size], group[:size]
            ids[mark : mark + len(found)], used[mark : mark + len(found)] = found, 1
            owners[mark : mark + len(found)] = here * length + places
            mark += len(found)
        for index, (sort, here, before, word, carried) in enumerate(each.cases):
            at = case + index
            cases[at] = (sort, row + here, 0 if before < 0 else row + before, min(word, length - 1), carried)
            for name in each.case_marks[index][: 8 * room - case_mark]:
                case_ids[case_mark], case_owners[case_mark], case_used[case_mark] = name, at, 1
                case_mark += 1
        count = len(each.cases)
        asked[case : case + count] = 1
        wrong[case : case + count] = each.example.wrong
        label[case : case + count], counted[case : case + count] = each.labels, each.counted
        place[case : case + count], date[case : case + count] = each.places, each.dates
        for wanted, among in each.example.right:
            if claim < room:
                right[claim], due[claim] = wanted, 1
                members[claim, : min(len(among), _ALIKE)] = [case + i for i in among[:_ALIKE]]
                claim += 1
        row += len(each.sentences)
        case += count
    return {
        "mask": mask, "cuts": cuts, "groups": groups, "ids": ids, "owners": owners, "used": used, "cases": cases,
        "case_ids": case_ids, "case_owners": case_owners, "case_used": case_used, "asked": asked, "wrong": wrong,
        "label": label, "counted": counted, "place": place, "date": date,
        "right": right, "members": members, "due": due,
    }  # fmt: skip


# --- Arrays become weights -------------------------------------------------------------------------------------------


def _carried(start: Network, names: Names, onto: Mapping[str, Any]) -> dict[str, Any]:
    """Weights for these marks and classes: those of `start`, and of `onto` for what it has not met."""
    weights = dict(onto)
    tables = {
        "marks": (start.words, names.words),
        "case_marks": (start.marks, names.marks),
        **{f"to_{sort}": (_places(start.classes[sort]), _places(kept)) for sort, kept in names.classes.items()},
    }
    for name, given in start.weights.items():
        table, known = np.asarray(given, np.float32), tables.get(name.removesuffix("_bias"))
        if known is None:
            weights[name] = table
            continue
        theirs, mine = known
        both = [key for key in mine if key in theirs]
        there, here = [theirs[key] for key in both], [mine[key] for key in both]
        weights[name] = np.array(onto[name], np.float32)
        if name.startswith("to_"):
            weights[name][..., here] = table[..., there]
        else:
            weights[name][here] = table[there]
    return weights


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def mean_of(one: Network, other: Network, share: float) -> Network:
    """The mean of two networks of one size, `share` (0 to 1) of it the other's; what only the other knows, it keeps."""
    names = Names(other.words, other.marks, {sort: list(kept) for sort, kept in other.classes.items()})
    before = _carried(one, names, other.weights)
    weights = {
        name: (1 - share) * before[name] + share * np.asarray(other.weights[name], np.float32) for name in before
    }
    return Network(weights, list(other.words), list(other.marks), other.classes)


def _initial(names: Names, how: Fit) -> dict[str, Any]:
    random = np.random.default_rng(how.seed)
    width = how.width

    def table(rows: int, columns: int, scale: float | None = None) -> Any:
        return random.normal(size=(rows, columns)).astype(np.float32) * np.float32(scale or 1 / math.sqrt(rows))

    def norm(name: str) -> dict[str, Any]:
        return {name: np.ones(width, np.float32), name + "_bias": np.zeros(width, np.float32)}

    def widen(name: str) -> dict[str, Any]:
        return {
            **norm(name + "wide_norm"),
            name + "wide": table(width, how.wide), name + "wide_bias": np.zeros(how.wide, np.float32),
            name + "narrow": table(how.wide, width, 0.5 / math.sqrt(how.wide)),
            name + "narrow_bias": np.zeros(width, np.float32),
        }  # fmt: skip

    p: dict[str, Any] = {
        "marks": table(len(names.words), width, 0.01), **norm("marks_norm"),
        "near_bias": np.zeros(width, np.float32),
        **{f"near{i}": table(width, width, 0.5 / math.sqrt(width)) for i in range(5)},
        "case_marks": table(len(names.marks), width, 0.1), "sorts": table(len(SORTS), width, 0.1),
        "case_in": table(width, width, 0.3), **norm("state_norm"),
        "deep": table(3 * width, how.deep), "deep_bias": np.zeros(how.deep, np.float32),
    }  # fmt: skip
    for index in range(how.layers):
        name = f"layer{index}_"
        p |= {name + part: table(width, width) for part in ("query", "key", "value")}
        p |= {name + "out": table(width, width, 0.5 / math.sqrt(width)), **norm(name + "norm"), **widen(name)}
        p[name + "distance"] = _sloping((0.0, 0.1, 0.3, 0.8), REACH)
        p[name + "apart"] = np.zeros((HEADS, (2 * STEPS + 1) ** 2), np.float32)
    for index in range(how.hops):
        name = f"hop{index}_"
        p |= {name + "query": table(width, width), name + "key": table(width, width)}
        p |= {
            name + "value": table(width, 2 * width),
            name + "out": table(2 * width, width, 0.5 / math.sqrt(2 * width)),
        }
        p |= {**norm(name + "norm"), **widen(name), name + "before": np.full(LOOKS, -1 / SWAY, np.float32)}
        p |= {name + part: _sloping(_SLOPES, REACH) for part in ("at", "back")}
        p |= {name + part: _sloping(_SLOPES[::-1], STEPS) for part in ("cuts", "groups")}
        p[name + "begin"] = np.zeros((LOOKS, 2 * REACH + 1), np.float32)
    for sort in names.classes:
        count = len(names.classes[sort])
        p[f"to_{sort}"] = table(how.deep, count, 0.1)
        p[f"to_{sort}_bias"] = np.full(count, -3 if sort == "base" else 0, np.float32)
    return p


_SLOPES = (0.0, 0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8)


def _sloping(slopes: Sequence[float], reach: int) -> Any:
    """Attention that falls with the distance, by another slope for each head, to begin with (Press et al. 2022)."""
    distances = np.abs(np.arange(-reach, reach + 1))
    return np.array([-slope * distances / SWAY for slope in slopes], np.float32)


def fit(
    examples: Sequence[Example],
    how: Fit | None = None,
    *,
    start: Network | None = None,
    tell: Callable[[str], None] | None = None,
) -> Network:
    """The network of these examples. start: one that goes on learning. tell: is told the loss of each epoch."""
    import jax

    how = how or Fit()
    names = Names.of(examples, how)
    encoded = [_encode(example, names) for example in examples]
    random = np.random.default_rng(how.seed)
    weights = _initial(names, how)
    if start is not None:  # a mark that it has not met begins at nothing
        unmet = {name: np.zeros_like(weights[name]) for name in ("marks", "case_marks")}
        weights = _carried(start, names, weights | unmet)
    lexical = jax.numpy.array([name.startswith(LEXICAL) for name in names.words], np.float32)
    step = jax.jit(partial(_step, jax, how, lexical))
    first, second = ({name: np.zeros_like(table) for name, table in weights.items()} for _ in range(2))
    mean = weights
    key = jax.random.PRNGKey(how.seed)
    total = len(_batches(encoded, how.words, None)) * how.epochs
    turn = 0
    for epoch in range(how.epochs):
        began, lost = time.monotonic(), 0.0
        batches = _batches(encoded, how.words, random)
        for batch in batches:
            turn += 1
            rate = how.rate * min(1, turn / how.warm) * (0.5 * (1 + math.cos(math.pi * min(1, turn / total))) + 0.02)
            key, own = jax.random.split(key)
            (weights, first, second, mean), loss = step((weights, first, second, mean), batch, own, turn, rate)
            lost += float(loss)
        if tell is not None:
            took = time.monotonic() - began
            tell(f"epoch {epoch + 1} of {how.epochs}: loss {lost / len(batches):.4f}, {took:.0f} s")
    kept = {name: np.asarray(table) for name, table in mean.items()}
    network = Network(kept, list(names.words), list(names.marks), names.classes)
    return _without_rare(network, examples, how.kept)


def _step(jax: Any, how: Fit, lexical: Any, state: Any, batch: Any, key: Any, turn: Any, rate: Any) -> Any:
    """One step of Adam with decay (Loshchilov and Hutter 2019), gradients clipped at norm 1, and the running mean."""
    weights, first, second, mean = state
    loss, slopes = jax.value_and_grad(partial(_loss, jax, how, lexical))(weights, batch, key)
    size = jax.numpy.sqrt(sum((s**2).sum() for s in slopes.values()))
    slopes = {name: s * jax.numpy.minimum(1.0, 1.0 / size) for name, s in slopes.items()}
    first = {name: 0.9 * first[name] + 0.1 * s for name, s in slopes.items()}
    second = {name: 0.98 * second[name] + 0.02 * s * s for name, s in slopes.items()}

    def moved(name: str) -> Any:
        way = (first[name] / (1 - 0.9**turn)) / (jax.numpy.sqrt(second[name] / (1 - 0.98**turn)) + 1e-8)
        return weights[name] * (1 - rate * (how.fade if name == "marks" else how.decay)) - rate * way

    weights = {name: moved(name) for name in weights}
    mean = {name: how.mean * mean[name] + (1 - how.mean) * weights[name] for name in weights}
    return (weights, first, second, mean), loss


def _loss(jax: Any, how: Fit, lexical: Any, weights: Any, batch: Any, key: Any) -> Any:
    """Cross entropy a case. A claim of a base counts as made when any case of its base and sentence makes it."""
    np_ = jax.numpy
    keys = iter(jax.random.split(key, 64))

    def drop(x: Any, _: str) -> Any:
        return np_.where(jax.random.bernoulli(next(keys), 1 - how.drop, x.shape), x / (1 - how.drop), 0)

    def total(table: Any, ids: Any, owners: Any, count: int) -> Any:
        case = table.shape[0] == weights["case_marks"].shape[0] and ids.shape == batch["case_ids"].shape
        kept = batch["case_used" if case else "used"] * jax.random.bernoulli(next(keys), 1 - how.hide, ids.shape)
        if not case:
            blind = jax.random.bernoulli(next(keys), how.hide_words, (count,))
            kept = kept * (1 - blind[owners] * lexical[ids])
        return jax.ops.segment_sum(table[ids] * kept[:, None], owners, count, indices_are_sorted=True)

    base, figure, deadline, place, date, _ = forward(weights, batch, np_, total, drop)
    sort, asked = batch["cases"][:, 0], batch["asked"]
    none = -jax.nn.softplus(base)  # the log of the chance that a class is not claimed
    lost = -(none * batch["wrong"] * ((sort == 0) * asked)[:, None]).sum()
    members = batch["members"]
    among = np_.where(members >= 0, none[np_.maximum(members, 0), batch["right"][:, None]], 0).sum(1)
    lost -= (np_.log(-np_.expm1(np_.minimum(among, -1e-6))) * batch["due"]).sum()
    for index, scores in ((1, figure), (2, deadline)):
        mine = (sort == index) * asked * batch["counted"]
        chosen = np_.take_along_axis(jax.nn.log_softmax(scores), (batch["label"] * (sort == index))[:, None], 1)[:, 0]
        lost -= 0.7 * (chosen * mine).sum()
    for name, scores in (("place", place), ("date", date)):
        chosen = np_.take_along_axis(jax.nn.log_softmax(scores), np_.maximum(batch[name], 0)[:, None], 1)[:, 0]
        lost -= 0.5 * (chosen * (batch[name] >= 0)).sum()
    return lost / np_.maximum(asked.sum(), 1)


def train(
    topic: Topic,
    passages: Sequence[Mapping[str, Any]],
    how: Fit | None = None,
    *,
    start: Network | None = None,
    tell: Callable[[str], None] | None = None,
) -> Network:
    """The network that these passages teach. start: one that goes on learning."""
    return fit(list(examples_of(passages, Reader(topic))), how, start=start, tell=tell)


WHOLE_ITEMS = ("r5_",)  # learnt last
LAST = Fit(epochs=4, rate=3e-4, warm=200, kept=12)
SHARE = 0.6  # of what was learnt last


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Train a topic's network from labelled passages.")
    parser.add_argument("folder", type=Path, help="labelled passages, JSON lines")
    parser.add_argument("--topic", default="syria", help="the topic whose network is written")
    parser.add_argument("--all", action="store_true", help="leave out nothing")
    parser.add_argument("--last", action="store_true", help="go on with the topic's network, learn the last part alone")
    given = parser.parse_args()
    rows = read_passages(given.folder)
    chosen = [row for row in rows if given.all or not held_out(row)]
    topic, first = load_topic(given.topic), Fit()
    tell = partial(print, file=sys.stderr, flush=True)
    network = Network.load(topic.folder / NETWORK_FILE) if given.last else None
    if network is None:
        short = [row for row in chosen if not row["file"].startswith(WHOLE_ITEMS)]
        network = train(topic, short, first, tell=tell)
    further = train(topic, chosen, LAST, start=network, tell=tell)
    record = {
        "files": sorted({row["file"] for row in chosen}), "passages": len(chosen), "held out": len(rows) - len(chosen),
        "fit": _said(first), "last": _said(LAST), "share": SHARE,
    }  # fmt: skip
    mean_of(network, further, SHARE).save(topic.folder / NETWORK_FILE, record)


def _said(how: Fit) -> dict[str, float]:
    return {name: getattr(how, name) for name in Fit.__slots__}


if __name__ == "__main__":
    main()
