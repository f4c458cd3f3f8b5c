"""The network as reading runs it: the same as `network.forward`, with the words of all sentences end to end.

Each sentence is computed once, however many cases look at it, and no place is padded but inside attention. What only
depends on the weights, as the sums of position tables, is put together once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np
from numpy.lib.stride_tricks import as_strided

from monitor.reading.second.shape import (
    FAR,
    HEADS,
    LOOKS,
    OUTPUTS,
    REACH,
    STEPS,
    SWAY,
    Array,
    Question,
    Sentence,
    Weights,
)

_AT = 2 * REACH + 1  # relative positions
_MARKED = (2 * STEPS + 1) ** 2  # numbers of clause marks with numbers of groups
_PAIRS = _AT * _MARKED
_BEGIN = 2 * _PAIRS  # where a hop's table goes on with places from a sentence's beginning
_BEFORE = _BEGIN + REACH + 1  # with any place of the sentence before
_NOWHERE = _BEFORE + 1  # and with places that only fill up
_AREA = 120_000  # numbers of a block of attention
_NEAR = 5  # words that are mixed


@dataclass(frozen=True, slots=True)
class Scores:
    """What comes of questions, a row each: raw scores by `OUTPUTS`, and the last hop's attention.

    seen: over the words of a question's sentence and then of the one before, of which there are `sizes`.
    """

    by_output: Mapping[str, Array]
    seen: Sequence[Array]
    sizes: Sequence[tuple[int, int]]


class Flat:
    """A network's weights, laid out for reading."""

    def __init__(self, weights: Weights, words: Mapping[str, int], marks: Mapping[str, int]) -> None:
        """words, marks: the row of each mark of a word, and of a case."""
        p = self._p = weights
        self._words, self._marks = words, marks
        self._near = np.concatenate([p[f"near{index}"] for index in range(_NEAR)])
        self._layers = [_layer(p, name) for name in _names(p, "layer")]
        self._hops = [_hop(p, name) for name in _names(p, "hop")]

    def scores(self, sentences: Sequence[Sentence], questions: Sequence[Question]) -> Scores:
        """The scores of every question."""
        text = _Laid.out(sentences, questions)
        x = self._encode(text)
        at = text.row_of(questions)
        own = x[at]
        about = self._about(questions)
        state = own + about @ self._p["case_in"]
        blocks = list(text.cases(questions, at))
        seen: dict[int, Array] = {}
        for hop in self._hops:
            both = x @ hop.both
            query = (self._norm(state, hop.name + "norm") @ hop.query).reshape(
                -1, LOOKS, 1, hop.query.shape[1] // LOOKS
            )
            found = np.empty((len(state), hop.out.shape[0]), np.float32)
            for block in blocks:
                found[block.which], shares = hop.look(query[block.which], both, block)
                if hop is self._hops[-1]:
                    seen.update(zip(block.which.tolist(), shares.mean(1), strict=True))
            state = self._widen(state + found @ hop.out, hop.name)
        last = np.concatenate([self._norm(state, "state_norm"), own, about], -1)
        deep = _gelu(last @ self._p["deep"] + self._p["deep_bias"])
        return Scores(
            {name: deep @ self._p[f"to_{name}"] + self._p[f"to_{name}_bias"] for name in OUTPUTS},
            [seen[row] for row in range(len(questions))],
            text.sizes(questions),
        )

    def _encode(self, text: _Laid) -> Array:
        """The words in the light of their sentences, a row each."""
        x = self._norm(summed(self._p["marks"], self._words, text.marks), "marks_norm")
        x = x + _gelu(text.neighbours(x) @ self._near + self._p["near_bias"])
        blocks = list(text.blocks())
        for layer in self._layers:
            all_three = self._norm(x, layer.name + "norm") @ layer.all_three
            mixed = np.concatenate([layer.attend(all_three, block) for block in blocks])
            x = self._widen(x + mixed @ layer.out, layer.name)
        return x

    def _about(self, questions: Sequence[Question]) -> Array:
        marks = summed(self._p["case_marks"], self._marks, [question.marks for question in questions])
        return marks + self._p["sorts"][[question.sort for question in questions]]

    def _norm(self, x: Array, name: str) -> Array:
        out = x - (x @ np.full(x.shape[1], 1 / x.shape[1], np.float32))[:, None]
        spread = np.einsum("ij,ij->i", out, out) / x.shape[1]
        out *= (1 / np.sqrt(spread + 1e-5))[:, None]
        out *= self._p[name]
        out += self._p[name + "_bias"]
        return out

    def _widen(self, x: Array, name: str) -> Array:
        wide = _gelu(self._norm(x, name + "wide_norm") @ self._p[name + "wide"] + self._p[name + "wide_bias"])
        return x + (wide @ self._p[name + "narrow"] + self._p[name + "narrow_bias"])


def summed(table: Array, rows: Mapping[str, int], named: Sequence[Sequence[str]]) -> Array:
    """For each list of names the sum of the rows that they have in a table; names without a row are left out."""
    ids = np.fromiter(map(rows.get, chain.from_iterable(named), repeat(-1)), np.int32)
    owners = np.repeat(np.arange(len(named)), np.fromiter(map(len, named), np.int32, len(named)))[ids >= 0]
    out = np.zeros((len(named), table.shape[1]), np.float32)
    if len(owners):
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        out[owners[starts]] = np.add.reduceat(table[ids[ids >= 0]], starts, axis=0)
    return out


# -- where words stand -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Block:
    """Sentences that are attended to together. rows: their words' rows, padded; filled: which of them are words.

    bias: the index of each pair of words in a layer's table.
    """

    rows: Array
    filled: Array
    bias: Array


@dataclass(frozen=True, slots=True)
class _Cases:
    """Questions that look together. which: their indexes; rows: of the words they look at; bias: as of a block."""

    which: Array
    rows: Array
    bias: Array


class _Laid:
    """Sentences end to end, the shortest first. marks: of each word."""

    def __init__(self, order: Sequence[int], sentences: Sequence[Sentence]) -> None:
        chosen = [sentences[index] for index in order]
        self._place = {index: place for place, index in enumerate(order)}
        self._sizes = np.array([len(sentence.marks) for sentence in chosen], np.int64)
        self._starts = np.cumsum(self._sizes) - self._sizes
        self.marks = list(chain.from_iterable(sentence.marks for sentence in chosen))
        self._cuts = np.fromiter(chain.from_iterable(sentence.cuts for sentence in chosen), np.int64, len(self.marks))
        self._groups = np.fromiter(
            chain.from_iterable(sentence.groups for sentence in chosen), np.int64, len(self.marks)
        )

    @classmethod
    def out(cls, sentences: Sequence[Sentence], questions: Sequence[Question]) -> _Laid:
        """Those sentences that a question looks at."""
        wanted = {index for q in questions for index in (q.here, q.before) if index is not None}
        return cls(sorted(wanted, key=lambda index: len(sentences[index].marks)), sentences)

    def neighbours(self, x: Array) -> Array:
        """Each word with those beside it, side by side; nothing where its sentence ends."""
        gap, width = _NEAR // 2, x.shape[1]
        at = np.arange(len(x)) + gap * (1 + np.repeat(np.arange(len(self._sizes)), self._sizes))
        apart = np.zeros((len(x) + gap * (len(self._sizes) + 1), width), np.float32)
        apart[at] = x
        windows = as_strided(apart, (len(apart) - _NEAR + 1, _NEAR * width), apart.strides, writeable=False)
        return windows[at - gap]

    def blocks(self) -> Iterator[_Block]:
        """All sentences, those of about the same length together."""
        for first, last in _alike(self._sizes, 2):
            sizes, starts = self._sizes[first:last], self._starts[first:last]
            place = np.arange(max(sizes[-1], 1))
            filled = place < sizes[:, None]
            rows = np.where(filled, starts[:, None] + place, 0)
            cuts, groups = self._cuts[rows], self._groups[rows]
            apart = _marked(cuts[:, None, :] - cuts[:, :, None], groups[:, None, :] - groups[:, :, None])
            bias = _near(place - place[:, None]) * _MARKED + apart
            yield _Block(rows, filled, np.where(filled[:, None, :], bias, _PAIRS))

    def row_of(self, questions: Sequence[Question]) -> Array:
        """The row of the word that each question is about."""
        homes = [q.before if q.carried and q.before is not None else q.here for q in questions]
        return self._starts[[self._place[home] for home in homes]] + [q.word for q in questions]

    def sizes(self, questions: Sequence[Question]) -> list[tuple[int, int]]:
        """How many words each question looks at: of its sentence, of the one before."""
        sizes = self._sizes.tolist()
        return [
            (sizes[self._place[q.here]], 0 if q.before is None else sizes[self._place[q.before]]) for q in questions
        ]

    def cases(self, questions: Sequence[Question], at: Array) -> Iterator[_Cases]:
        """All questions, those that look at about as many words together."""
        sizes = np.array(self.sizes(questions))
        order = np.argsort(sizes.sum(1), kind="stable")
        starts = self._starts[
            [(self._place[q.here], self._place[q.here if q.before is None else q.before]) for q in questions]
        ]
        words, carried = np.array([q.word for q in questions]), np.array([q.carried for q in questions])
        for first, last in _alike(sizes.sum(1)[order], 1):
            which = order[first:last]
            own = sizes[which, 0][:, None]
            place = np.arange(sizes[which].sum(1).max())
            here = place < own
            place = np.where(here, place, place - own)
            rows = np.where(here, starts[which, 0][:, None], starts[which, 1][:, None]) + place
            filled = place < np.where(here, own, sizes[which, 1][:, None])
            rows[~filled] = 0
            home = at[which]
            apart = _marked(
                self._cuts[rows] - self._cuts[home][:, None], self._groups[rows] - self._groups[home][:, None]
            )
            near = _near(place - words[which][:, None]) * _MARKED + apart
            left = carried[which][:, None]
            bias = np.where(
                here,
                np.where(left, _BEGIN + np.minimum(place, REACH), near),
                np.where(left, _PAIRS + near, _BEFORE),
            )
            yield _Cases(which, rows, np.where(filled, bias, _NOWHERE))


def _near(distance: Array) -> Array:
    return np.clip(distance, -REACH, REACH) + REACH


def _marked(cuts: Array, groups: Array) -> Array:
    """How many clause marks and groups of bases lie between, as one index."""
    return (np.clip(cuts, -STEPS, STEPS) + STEPS) * (2 * STEPS + 1) + np.clip(groups, -STEPS, STEPS) + STEPS


def _alike(sizes: Array, power: int) -> Iterator[tuple[int, int]]:
    """Ascending sizes cut into `[first, last)` where they have grown by half, or a block would be too large."""
    first = 0
    for index, size in enumerate(sizes.tolist()):
        if index > first and (size > 1.5 * sizes[first] + 8 or (index - first + 1) * size**power > _AREA):
            yield first, index
            first = index
    if len(sizes):
        yield first, len(sizes)


# -- attention ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Layer:
    """Self-attention. all_three: query, key and value side by side; table: what sways it, by place."""

    name: str
    all_three: Array
    out: Array
    table: Array

    def attend(self, all_three: Array, block: _Block) -> Array:
        """What each word of a block takes from its sentence, a row each."""
        size, length = block.rows.shape
        parts = all_three[block.rows].reshape(size, length, 3, HEADS, -1)
        query, key, value = (parts[:, :, index].transpose(2, 0, 1, 3) for index in range(3))
        shares = _softmax(query @ key.swapaxes(2, 3) + self.table.take(block.bias, axis=1))
        return (shares @ value).transpose(1, 2, 0, 3)[block.filled].reshape(-1, self.out.shape[0])


@dataclass(frozen=True, slots=True)
class _Hop:
    """A look of cases at their sentences. both: key and value side by side."""

    name: str
    query: Array
    both: Array
    out: Array
    table: Array

    def look(self, query: Array, both: Array, block: _Cases) -> tuple[Array, Array]:
        """What each case of a block takes from the words it looks at, and the shares of its attention."""
        width = self.query.shape[1]
        parts = both[block.rows]
        key = parts[..., :width].reshape(*block.rows.shape, LOOKS, -1).transpose(0, 2, 3, 1)
        value = parts[..., width:].reshape(*block.rows.shape, LOOKS, -1).transpose(0, 2, 1, 3)
        shares = _softmax((query @ key)[:, :, 0] + self.table.take(block.bias, axis=1).swapaxes(0, 1))
        return (shares[:, :, None] @ value).reshape(len(query), -1), shares


def _names(p: Weights, what: str) -> Iterator[str]:
    index = 0
    while f"{what}{index}_query" in p:
        yield f"{what}{index}_"
        index += 1


def _layer(p: Weights, name: str) -> _Layer:
    each = p[name + "query"].shape[1] // HEADS
    all_three = np.concatenate([p[name + "query"] / math.sqrt(each), p[name + "key"], p[name + "value"]], 1)
    pairs = (p[name + "distance"][:, :, None] + p[name + "apart"][:, None]).reshape(HEADS, _PAIRS)
    return _Layer(name, all_three, p[name + "out"], _table(pairs))


def _hop(p: Weights, name: str) -> _Hop:
    each = p[name + "query"].shape[1] // LOOKS
    marked = (p[name + "cuts"][:, :, None] + p[name + "groups"][:, None]).reshape(LOOKS, 1, _MARKED)
    own = (p[name + "at"][:, :, None] + marked).reshape(LOOKS, _PAIRS)
    back = (p[name + "back"][:, :, None] + marked).reshape(LOOKS, _PAIRS) + p[name + "before"][:, None]
    table = _table(own, back, p[name + "begin"][:, REACH:], p[name + "before"][:, None])
    both = np.concatenate([p[name + "key"], p[name + "value"]], 1)
    return _Hop(name, p[name + "query"] / math.sqrt(each), both, p[name + "out"], table)


def _table(*parts: Array) -> Array:
    """What sways attention, by head and place; last what hides a place."""
    table = SWAY * np.concatenate(parts, 1)
    return np.concatenate([table, np.full((len(table), 1), FAR)], 1).astype(np.float32)


def _softmax(x: Array) -> Array:
    x -= x.max(-1, keepdims=True)
    np.exp(x, out=x)
    x /= x.sum(-1, keepdims=True)
    return x


def _gelu(x: Array) -> Array:
    y = x * x
    y *= 0.044715
    y += 1
    y *= x
    y *= 0.7978845608
    np.tanh(y, out=y)
    y += 1
    y *= x
    y *= 0.5
    return y
