"""What the network is given, and the sizes that its weights are built for: shared by its training and its reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Array = Any  # numpy's or the training library's
Weights = Mapping[str, Any]

REACH = 12  # words to either side that have a relative position of their own
STEPS = 3  # and as many clause marks, or groups of bases
HEADS = 4  # of self-attention
LOOKS = 8  # heads of a hop
SWAY = 5.0  # how much more than it weighs a place sways attention: what is near is learnt first
FAR = -1e9

SORTS = ("base", "figure", "deadline")
PLACES = ("country", "before", "after", "first", "back")  # what a number or date is of: the country, or which base
DATES = ("none", "before", "after", "first", "last", "back")  # when it is so: no date, or which one
OUTPUTS = (*SORTS, "place", "date")


@dataclass(frozen=True, slots=True)
class Sentence:
    """What the network sees of a sentence: a word's marks, clause marks before it, groups of bases up to it."""

    marks: Sequence[Sequence[str]]
    cuts: Sequence[int]
    groups: Sequence[int]


UNSEEN = Sentence((), (), ())


@dataclass(frozen=True, slots=True)
class Question:
    """One case to decide: sort is the index in `SORTS`; before, the index of the sentence before, or None.

    word: its place in sentence `here`, or in `before` when it is carried over from there.
    """

    sort: int
    here: int
    before: int | None
    word: int
    carried: bool
    marks: Sequence[str]
