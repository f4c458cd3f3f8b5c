"""The network that decides what a sentence says about a base, a number or a date in it.

Small enough to run in numpy: each word's marks (`marks.py`) are summed into a vector, neighbours are mixed by a
convolution, all words of a sentence by self-attention with relative positions (Shaw et al. 2018); each case then looks
at its sentence and the one before in two hops of attention, and a last layer gives its classes. `forward` is what is
trained, for numpy and the array library of the training (`monitor/training.py`); reading runs `flat.py`, which gives
the same.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from db.errors import ConfigError
from monitor.reading.second.flat import Flat
from monitor.reading.second.shape import (
    DATES,
    FAR,
    HEADS,
    LOOKS,
    OUTPUTS,
    PLACES,
    REACH,
    SORTS,
    STEPS,
    SWAY,
    Array,
    Question,
    Sentence,
    Weights,
)

_FORMAT = 2  # of the file: 2 has places and dates
_LOOKED = 6  # words that an answer tells of
_TOGETHER = 500  # questions that are answered at once


@dataclass(frozen=True, slots=True)
class Answer:
    """chances: of each class of the question's sort. places: of each of `PLACES`; dates: of each of `DATES`.

    seen: the words most looked at, most first: (share of attention, whether in the question's own sentence, word).
    """

    chances: Mapping[str, float]
    places: Mapping[str, float]
    dates: Mapping[str, float]
    seen: Sequence[tuple[float, bool, int]]


def plain(x: Array, place: str) -> Array:
    """No dropout: what is read stays as it is."""
    return x


def forward(
    p: Weights,
    b: Mapping[str, Array],
    xp: Any,
    total: Callable[..., Array],
    drop: Callable[[Array, str], Array] = plain,
) -> tuple[Array, ...]:
    """Scores of each case by sort, of its places and dates; the last hop's attention over (its sentence, that before).

    b: a batch from `pack`. total(table, ids, owners, count): the sums of a table's rows by owner. Shapes: S sentences
    of L words, C cases; scores are (C, classes), attention (C, LOOKS, 2 L).
    """
    x = _words(p, b, xp, total, drop)
    sort, here, before, word, carried = (b["cases"][:, index] for index in range(5))
    home = xp.where(carried > 0, before, here)
    own = x[home, word]
    about = total(p["case_marks"], b["case_ids"], b["case_owners"], len(sort)) + p["sorts"][sort]
    state, seen = own + about @ p["case_in"], None
    places = _places(b, (here, before), home, word, xp)
    hide = xp.concatenate([(1 - b["mask"][s])[:, None, :] * FAR for s in (here, before)], -1)
    hop = 0
    while f"hop{hop}_query" in p:
        name = f"hop{hop}_"
        bias = _bias(p, name, places, (carried > 0)[:, None, None], xp) + hide
        state, seen = _hop(p, name, state, x, (here, before), bias, xp, drop)
        hop += 1
    last = xp.concatenate([_norm(state, p, "state_norm", xp), own, about], -1)
    deep = drop(_gelu(drop(last, "last") @ p["deep"] + p["deep_bias"], xp), "deep")
    return *(deep @ p[f"to_{head}"] + p[f"to_{head}_bias"] for head in OUTPUTS), seen


def _words(
    p: Weights, b: Mapping[str, Array], xp: Any, total: Callable[..., Array], drop: Callable[[Array, str], Array]
) -> Array:
    """The words of each sentence in its light, (S, L, width): their marks, their neighbours, the whole sentence."""
    mask = b["mask"]
    size, length = mask.shape
    width = p["marks"].shape[1]
    x = total(p["marks"], b["ids"], b["owners"], size * length).reshape(size, length, width)
    x = drop(_norm(x, p, "marks_norm", xp), "words") * mask[..., None]
    near = p["near_bias"]
    for index, shift in enumerate((-2, -1, 0, 1, 2)):
        moved = xp.pad(x, ((0, 0), (2, 2), (0, 0)))[:, 2 + shift : 2 + shift + length]
        near = near + moved @ p[f"near{index}"]
    x = (x + drop(_gelu(near, xp), "near")) * mask[..., None]
    hide = (1 - mask)[:, None, None, :] * FAR
    distance = xp.clip(xp.arange(length)[None, :] - xp.arange(length)[:, None], -REACH, REACH) + REACH
    apart = _apart(b["cuts"], xp) * (2 * STEPS + 1) + _apart(b["groups"], xp)
    layer = 0
    while f"layer{layer}_query" in p:
        name = f"layer{layer}_"
        bias = SWAY * (p[name + "distance"][:, distance][None] + xp.moveaxis(p[name + "apart"][:, apart], 0, 1))
        x = _attend(p, name, x, bias + hide, xp, drop)
        layer += 1
    return x


def _places(
    b: Mapping[str, Array], at: tuple[Array, Array], home: Array, word: Array, xp: Any
) -> dict[str, Array | tuple[Array, Array]]:
    """Where the words of a case's two sentences stand, as indexes: from the case, from their beginning, over marks."""
    places = xp.arange(b["mask"].shape[1])
    near = xp.clip(places[None, :] - word[:, None], -REACH, REACH) + REACH
    return {
        "at": near,
        "begin": xp.clip(places, 0, REACH)[None, :] + xp.zeros((len(word), 1), dtype=near.dtype) + REACH,
        "cuts": tuple(_steps(b["cuts"], sentence, home, word, xp) for sentence in at),
        "groups": tuple(_steps(b["groups"], sentence, home, word, xp) for sentence in at),
    }


def _bias(p: Weights, name: str, places: Mapping[str, Any], carried: Array, xp: Any) -> Array:
    """What a hop adds to its attention for where a word stands, (C, LOOKS, 2 L).

    A case carried over stands in the sentence before: there, words are told apart by their distance from it; in its
    own sentence by their place.
    """

    def turn(key: str, index: Array) -> Array:
        return xp.moveaxis(p[name + key][:, index], 0, 1)

    here, before = (turn("cuts", places["cuts"][i]) + turn("groups", places["groups"][i]) for i in (0, 1))
    own = xp.where(carried, turn("begin", places["begin"]), turn("at", places["at"]) + here)
    earlier = p[name + "before"][None, :, None] + xp.where(carried, turn("back", places["at"]) + before, 0.0)
    return SWAY * xp.concatenate([own, earlier], -1)


def _apart(table: Array, xp: Any) -> Array:
    """How many clause marks or groups lie between any two words of a sentence, as an index."""
    return xp.clip(table[:, None, :] - table[:, :, None], -STEPS, STEPS) + STEPS


def _steps(table: Array, sentence: Array, home: Array, word: Array, xp: Any) -> Array:
    """How many clause marks or groups lie between a case and each word, as an index."""
    return xp.clip(table[sentence] - table[home, word][:, None], -STEPS, STEPS) + STEPS


def _attend(p: Weights, name: str, x: Array, bias: Array, xp: Any, drop: Callable[[Array, str], Array]) -> Array:
    size, length, width = x.shape
    each = width // HEADS
    z = _norm(x, p, name + "norm", xp)
    query, key, value = (
        (z @ p[name + part]).reshape(size, length, HEADS, each).transpose(0, 2, 1, 3)
        for part in ("query", "key", "value")
    )
    shares = _softmax(query @ key.transpose(0, 1, 3, 2) / math.sqrt(each) + bias, xp)
    mixed = (shares @ value).transpose(0, 2, 1, 3).reshape(size, length, width) @ p[name + "out"]
    return _widen(p, name, x + drop(mixed, name + "mixed"), xp, drop)


def _hop(
    p: Weights, name: str, state: Array, x: Array, at: tuple[Array, Array], bias: Array, xp: Any,
    drop: Callable[[Array, str], Array],
) -> tuple[Array, Array]:  # fmt: skip
    count, width = state.shape
    each, length = width // LOOKS, x.shape[1]
    query = (_norm(state, p, name + "norm", xp) @ p[name + "query"]).reshape(count, LOOKS, 1, each)
    key, value = x @ p[name + "key"], x @ p[name + "value"]
    keys = xp.concatenate([key[s] for s in at], 1).reshape(count, 2 * length, LOOKS, each).transpose(0, 2, 3, 1)
    values = xp.concatenate([value[s] for s in at], 1).reshape(count, 2 * length, LOOKS, 2 * each)
    shares = _softmax((query @ keys)[:, :, 0] / math.sqrt(each) + bias, xp)
    found = (shares[:, :, None] @ values.transpose(0, 2, 1, 3)).reshape(count, 2 * width)
    return _widen(p, name, state + drop(found @ p[name + "out"], name + "found"), xp, drop), shares


def _widen(p: Weights, name: str, x: Array, xp: Any, drop: Callable[[Array, str], Array]) -> Array:
    z = _norm(x, p, name + "wide_norm", xp)
    wide = _gelu(z @ p[name + "wide"] + p[name + "wide_bias"], xp)
    return x + drop(wide @ p[name + "narrow"] + p[name + "narrow_bias"], name + "wide")


def _norm(x: Array, p: Weights, name: str, xp: Any) -> Array:
    mean = x.mean(-1, keepdims=True)
    spread = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / xp.sqrt(spread + 1e-5) * p[name] + p[name + "_bias"]


def _gelu(x: Array, xp: Any) -> Array:
    return 0.5 * x * (1 + xp.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))


def _softmax(x: Array, xp: Any) -> Array:
    powers = xp.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def sums(table: Array, ids: Array, owners: Array, count: int) -> Array:
    """The sum of a table's rows for each owner; owners ascend."""
    out = np.zeros((count, table.shape[1]), np.float32)
    if len(ids):
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        out[owners[starts]] = np.add.reduceat(table[ids], starts, axis=0)
    return out


def pack(
    sentences: Sequence[Sentence], questions: Sequence[Question], words: Mapping[str, int], marks: Mapping[str, int]
) -> dict[str, Array]:
    """Sentences and questions as arrays; sentence 0 is empty and stands before each that has none before it."""
    length = max((len(s.marks) for s in sentences), default=1) or 1
    mask = np.zeros((len(sentences) + 1, length), np.float32)
    cuts, groups = (np.zeros(mask.shape, np.int32) for _ in range(2))
    ids: list[int] = []
    owners: list[int] = []
    for row, sentence in enumerate(sentences, 1):
        size = len(sentence.marks)
        mask[row, :size], cuts[row, :size], groups[row, :size] = 1, sentence.cuts, sentence.groups
        for place, named in enumerate(sentence.marks):
            known = [words[name] for name in named if name in words]
            ids += known
            owners += [row * length + place] * len(known)
    cases = np.array(
        [(q.sort, q.here + 1, 0 if q.before is None else q.before + 1, q.word, q.carried) for q in questions], np.int32
    ).reshape(-1, 5)
    pairs = [(marks[name], row) for row, q in enumerate(questions) for name in q.marks if name in marks]
    case_ids, case_owners = (np.array([pair[side] for pair in pairs], np.int32) for side in (0, 1))
    return {
        "mask": mask, "cuts": cuts, "groups": groups,
        "ids": np.array(ids, np.int32), "owners": np.array(owners, np.int32),
        "cases": cases, "case_ids": case_ids, "case_owners": case_owners,
    }  # fmt: skip


class Network:
    """A trained network with its names. classes: for each of `SORTS`; words, marks: row of each name's vector."""

    def __init__(
        self, weights: Weights, words: Sequence[str], marks: Sequence[str], classes: Mapping[str, Sequence[str]]
    ) -> None:
        self.weights = weights
        self.words = {name: row for row, name in enumerate(words)}
        self.marks = {name: row for row, name in enumerate(marks)}
        self.classes = classes
        self._flat = Flat(weights, self.words, self.marks)

    def answer(self, sentences: Sequence[Sentence], questions: Sequence[Question]) -> list[Answer]:
        """The chances of every class for each question. A base may have several, so each of its is for itself."""
        order = sorted(range(len(questions)), key=lambda index: questions[index].here)
        answers: dict[int, Answer] = {}
        for first in range(0, len(order), _TOGETHER):
            chosen = order[first : first + _TOGETHER]
            answers.update(zip(chosen, self._answer(sentences, [questions[i] for i in chosen]), strict=True))
        return [answers[index] for index in range(len(questions))]

    def _answer(self, sentences: Sequence[Sentence], questions: Sequence[Question]) -> Iterator[Answer]:
        scores = self._flat.scores(sentences, questions)
        base, figure, deadline, place, date = (scores.by_output[name] for name in OUTPUTS)
        chances = (1 / (1 + np.exp(-base)), _softmax(figure, np), _softmax(deadline, np))
        places, dates = _softmax(place, np).tolist(), _softmax(date, np).tolist()
        for row, question in enumerate(questions):
            values = chances[question.sort][row].tolist()
            yield Answer(
                dict(zip(self.classes[SORTS[question.sort]], values, strict=True)),
                dict(zip(PLACES, places[row], strict=True)),
                dict(zip(DATES, dates[row], strict=True)),
                _looked(scores.seen[row], *scores.sizes[row]),
            )

    @classmethod
    def load(cls, path: Path) -> Network | None:
        """The network in a file, None where there is no file. Raises ConfigError."""
        if not path.is_file():
            return None
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
                about = json.loads(file["about"].tobytes())
                weights = {name: _whole(file, name) for name in about["weights"]}
                if about["format"] != _FORMAT:
                    raise ValueError(f"format {about['format']}, not {_FORMAT}; `make train` makes it anew")
            return cls(weights, about["words"], about["marks"], about["classes"])
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
            raise ConfigError(f"is not a network of this program: {error!r}", where=path.name) from None

    def save(self, path: Path, record: Mapping[str, Any]) -> None:
        """Write the network with its training record: tables in bytes, scaled a row, the rest in half precision."""
        about = {
            "format": _FORMAT, "record": dict(record), "weights": sorted(self.weights), "words": list(self.words),
            "marks": list(self.marks), "classes": {sort: list(names) for sort, names in self.classes.items()},
        }  # fmt: skip
        arrays: dict[str, Any] = {"about": np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), np.uint8)}
        for name in sorted(self.weights):
            arrays.update(_small(name, np.asarray(self.weights[name], np.float32)))
        with path.open("wb") as file:
            np.savez_compressed(file, **arrays)


def _looked(shares: Array, here: int, before: int) -> list[tuple[float, bool, int]]:
    """The words most looked at, of the question's own sentence and of the one before."""
    best = np.argsort(-shares[: here + before], kind="stable")[:_LOOKED]
    return [
        (share, index < here, index if index < here else index - here)
        for share, index in zip(shares[best].tolist(), best.tolist(), strict=True)
    ]


def record_of(path: Path) -> dict[str, Any]:
    """The training record of a network's file."""
    with np.load(path, allow_pickle=False) as file:
        record: dict[str, Any] = json.loads(file["about"].tobytes())["record"]
    return record


def _small(name: str, table: Array) -> dict[str, Array]:
    if table.ndim == 2 and table.shape[0] > 200:
        scale = np.maximum(np.abs(table).max(1, keepdims=True), 1e-8) / 127
        return {name: np.round(table / scale).astype(np.int8), name + "_scale": scale.astype(np.float16)}
    return {name: table.astype(np.float16)}


def _whole(file: Mapping[str, Array], name: str) -> Array:
    table = file[name].astype(np.float32)
    return table * file[name + "_scale"].astype(np.float32) if name + "_scale" in file else table
