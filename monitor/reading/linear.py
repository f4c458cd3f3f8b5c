"""A small linear model over named features: one class of several by softmax. Deterministic.

Its data is a JSON file with the training record, so that a decision can be traced to the weights behind it.
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.errors import ConfigError


@dataclass(frozen=True)
class Linear:
    """classes: their names, in the order of the weights. weights: per feature, one weight a class, in hundredths."""

    classes: tuple[str, ...]
    weights: Mapping[str, Sequence[int]]

    def probabilities(self, names: Iterable[str]) -> dict[str, float]:
        """The probability of each class, adding up to 1."""
        index, table = self._table
        total = table[[row for row in map(index.get, names) if row is not None]].sum(0).tolist()
        top = max(total)
        powers = [math.exp((value - top) / 100) for value in total]
        scale = sum(powers)
        return {name: power / scale for name, power in zip(self.classes, powers, strict=True)}

    @cached_property
    def _table(self) -> tuple[Mapping[str, int], NDArray[np.int32]]:
        """The row of each feature, and the weights."""
        table = np.array(list(self.weights.values()), np.int32).reshape(-1, len(self.classes))
        return {name: row for row, name in enumerate(self.weights)}, table

    def reasons(self, names: Iterable[str], wanted: str, count: int = 3) -> list[str]:
        """The features that speak most for a class, against the mean of the others."""
        index = self.classes.index(wanted)
        scored = []
        for name in names:
            row = self.weights.get(name)
            if row is not None:
                scored.append((row[index] - sum(row) / len(row), name))
        return [name for _, name in sorted(scored, reverse=True)[:count]]

    @classmethod
    def load(cls, path: Path) -> Linear | None:
        """The model in a file, None where there is no file. Raises ConfigError."""
        if not path.is_file():
            return None
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            classes, weights = tuple(data["classes"]), data["weights"]
            if any(len(row) != len(classes) for row in weights.values()):
                raise ValueError("a feature has not one weight a class")
            return cls(classes, weights)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigError(f"is not a model of this program: {error!r}", where=path.name) from None

    def save(self, path: Path, record: Mapping[str, Any]) -> None:
        """Write the model with its training record, one feature a line."""
        rows = [
            json.dumps(name, ensure_ascii=False) + ": " + json.dumps(row, separators=(",", ":"))
            for name, row in sorted(self.weights.items())
        ]
        head = json.dumps({"record": dict(record), "classes": self.classes}, ensure_ascii=False)[1:-1]
        path.write_text("{" + head + ',\n"weights": {\n' + ",\n".join(rows) + "\n}}\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Example:
    """Features of one candidate, its class, and how much it counts."""

    names: tuple[str, ...]
    label: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Fit:
    """How to fit. rate: AdaGrad's step; pull: to zero, per step; min_count: rarer features are dropped.

    words: how much a feature that begins like one of `lexical` counts beside a composed one, 0 to 1.
    """

    epochs: int = 25
    rate: float = 0.12
    pull: float = 1e-3
    min_count: int = 3
    keep_above: float = 0.03
    seed: int = 7
    words: float = 1.0
    lexical: tuple[str, ...] = ()


def fit(examples: Sequence[Example], classes: Sequence[str], how: Fit | None = None) -> Linear:
    """Softmax regression by AdaGrad, averaged over the second half of its steps."""
    how = how or Fit()
    counts = Counter(name for example in examples for name in example.names)
    index = {name: i for i, name in enumerate(sorted(n for n, c in counts.items() if c >= how.min_count))}
    rows = [[index[name] for name in example.names if name in index] for example in examples]
    scales = (
        [how.words if name.startswith(how.lexical) else 1.0 for name in index] if how.lexical else [1.0] * len(index)
    )
    labels = [classes.index(example.label) for example in examples]
    weights = [[0.0] * len(classes) for _ in index]
    squares = [[1e-2] * len(classes) for _ in index]
    means = [[0.0] * len(classes) for _ in index]
    order = list(range(len(examples)))
    shuffle = random.Random(how.seed)
    taken = 0
    for epoch in range(how.epochs):
        shuffle.shuffle(order)
        for number in order:
            _step(rows[number], labels[number], examples[number].weight, weights, squares, scales, how)
        if epoch >= how.epochs // 2:
            taken += 1
            for mean, row in zip(means, weights, strict=True):
                for k, weight in enumerate(row):
                    mean[k] += weight
    out = {}
    for name, i in index.items():
        kept = tuple(round(scales[i] * value / max(taken, 1), 2) for value in means[i])
        if any(abs(value) >= how.keep_above for value in kept):
            out[name] = tuple(round(value * 100) for value in kept)
    return Linear(tuple(classes), out)


def _step(
    row: Sequence[int],
    label: int,
    share: float,
    weights: list[list[float]],
    squares: list[list[float]],
    scales: Sequence[float],
    how: Fit,
) -> None:
    size = len(weights[0]) if weights else 0
    scores = [0.0] * size
    for i in row:
        for k, weight in enumerate(weights[i]):
            scores[k] += scales[i] * weight
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    errors = [share * (power / total - (1.0 if k == label else 0.0)) for k, power in enumerate(powers)]
    if max(map(abs, errors)) < 1e-3:
        return
    for i in row:
        vector, square, scale = weights[i], squares[i], scales[i]
        for k, error in enumerate(errors):
            slope = scale * error + how.pull * vector[k]
            square[k] += slope * slope
            vector[k] -= how.rate * slope / math.sqrt(square[k])
