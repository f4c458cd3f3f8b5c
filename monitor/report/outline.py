"""The map's ground: a topic's outlines from its `map.geojson`, and where a place falls on it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.errors import ConfigError
from monitor.topics import Topic

FILE = "map.geojson"
WIDTH = 720.0
MARGIN = 14.0
_EARTH = {"region", "outline", "water"}

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """An outline as SVG path data. kind: "region", "outline" or "water". label: where its name stands."""

    kind: str
    path: str
    name: Mapping[str, str]
    label: Point | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """The ground, in pixels. credit: what is said of its origin, by language; empty where a topic has no map."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    credit: Mapping[str, str]
    projection: Projection

    @classmethod
    def of(cls, topic: Topic) -> Outline:
        """Of a topic's map, or without one, of the room that its bases take. Raises ConfigError for a broken map."""
        path = topic.folder / FILE
        data = _read(path) if path.is_file() else {"features": []}
        try:
            features = [(item["properties"], list(_rings(item["geometry"]))) for item in data["features"]]
            ground = [(lon, lat) for _, rings in features for ring in rings for lon, lat in ring]
            bases = [(b.lon, b.lat) for b in topic.bases.values() if b.lon is not None and b.lat is not None]
            projection = Projection.around(ground or bases or [(0.0, 0.0)])
            return cls(
                width=WIDTH,
                height=projection.height,
                shapes=tuple(_shape(about, rings, projection) for about, rings in features),
                credit=data.get("credit") or {},
                projection=projection,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigError(f"is not GeoJSON of polygons: {error}", where=str(path)) from None


@dataclass(frozen=True, kw_only=True, slots=True)
class Projection:
    """Equirectangular around the middle: true enough for a country, and north is up."""

    west: float
    north: float
    height: float
    scale: float  # pixels a degree of longitude
    stretch: float  # how much longer a degree of latitude is

    @classmethod
    def around(cls, points: Sequence[Point]) -> Projection:
        """That which fits all points, in degrees of longitude and latitude, into the map's width."""
        west, east = min(lon for lon, _ in points), max(lon for lon, _ in points)
        south, north = min(lat for _, lat in points), max(lat for _, lat in points)
        stretch = 1 / max(math.cos(math.radians((north + south) / 2)), 0.1)
        scale = (WIDTH - 2 * MARGIN) / max(east - west, 0.5)
        height = max(north - south, 0.5) * scale * stretch + 2 * MARGIN
        return cls(west=west, north=north, height=round(height, 1), scale=scale, stretch=stretch)

    def place(self, lon: float, lat: float) -> Point:
        """Where a place is on the map, in pixels from the upper left."""
        x = MARGIN + (lon - self.west) * self.scale
        y = MARGIN + (self.north - lat) * self.scale * self.stretch
        return round(x, 1), round(y, 1)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(path)) from None


def _rings(geometry: Mapping[str, Any]) -> Iterator[Sequence[Point]]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        for ring in polygon:
            yield [(float(lon), float(lat)) for lon, lat in ring]


def _shape(about: Mapping[str, Any], rings: Iterable[Sequence[Point]], projection: Projection) -> Shape:
    if about["kind"] not in _EARTH:
        raise ValueError(f"kind must be one of {', '.join(sorted(_EARTH))}")
    path = "".join(_path([projection.place(*point) for point in ring]) for ring in rings)
    label = projection.place(*about["label"]) if "label" in about else None
    return Shape(kind=about["kind"], path=path, name=about.get("name") or {}, label=label)


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z"


def apart(points: Mapping[str, Point], least: float, *, rounds: int = 60) -> dict[str, Point]:
    """The points moved just so far that no two are closer than `least`; the same points give the same places."""
    at = {name: [x, y] for name, (x, y) in sorted(points.items())}
    names = list(at)
    for _ in range(rounds):
        still = True
        for number, one in enumerate(names):
            for other in names[number + 1 :]:
                dx, dy = at[other][0] - at[one][0], at[other][1] - at[one][1]
                distance = math.hypot(dx, dy)
                if distance >= least:
                    continue
                still = False
                if distance < 0.01:
                    dx, dy, distance = 1.0, 0.3, 1.04
                push = (least - distance) / 2 / distance + 0.01
                for name, sign in ((one, -1), (other, 1)):
                    at[name][0] += sign * dx * push
                    at[name][1] += sign * dy * push
        if still:
            break
    return {name: (round(x, 1), round(y, 1)) for name, (x, y) in at.items()}
