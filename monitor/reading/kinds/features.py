"""What is seen of a base in its clause, as named features: the input of the decision what is claimed.

Composed features come first (the rules' reading, the governing predicates with their voice, aspect, agents, and the
preposition that the base hangs on); the words around the name stand beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from monitor.reading.cues import Hit, Word
from monitor.reading.kinds.base_status import Scene
from monitor.reading.modality import Voice, arabic_voice, english_voice
from monitor.reading.senses import lemma

# Features that are words or single entries of the cue data, beside the composed ones.
LEXICAL = (
    *(sort + side for sort in "wnb1es" for side in "<>"), "c=", "e0", "a=", "base=", "opener=", "rm=", "re0", "re1",
)  # fmt: skip
_WINDOW = 7
_NEAR = 3
_SIGNS = {
    "ours": "o", "elsewhere": "e", "link.from": "f", "link.to": "t", "link.at": "a", "head.base": "h",
    "head.place": "l", "head.anaphor": "r", "link.split": "|", "head.landmark": "n",
}  # fmt: skip
_ASIDE = ("asp.", "mod.", "obj.")
_STAGES = ("begin", "complete", "continue")


def features(scene: Scene, lang: str) -> list[str]:
    """All features of a scene, each once."""
    found: dict[str, None] = {"bias": None, f"lang={lang}": None}
    for maker in (_site, _rules, _evidence, _predicates, _asides, _agents, _words, _around):
        for name in maker(scene, lang):
            found[name] = None
    return list(found)


def _edges(scene: Scene) -> tuple[int, int]:
    """The words `[first, last)` that the base is at; an empty span at the clause's start when it refers back."""
    if scene.site is None:
        first = scene.clause.first
        for hit in scene.clause.hits:
            if hit.cls in ("head.anaphor", "head.anaphors"):
                return hit.first, hit.last
        return first, first
    if scene.group is None:
        return scene.site.first, scene.site.last
    return scene.group.first, scene.group.last


def _site(scene: Scene, lang: str) -> Iterator[str]:
    site, group = scene.site, scene.group
    if site is None or group is None:
        yield "anaphor"
        return
    yield f"strength={site.mention.strength}"
    yield f"head={site.head}"
    yield f"link={group.link}"
    yield f"counts={scene.counts}"
    if site.landmark:
        yield "landmark"
    yield f"members={min(len(group.sites), 3)}"
    index = scene.clause.groups.index(group)
    yield f"group={min(index, 2)}/{min(len(scene.clause.groups), 3)}"
    if scene.sentence.words[site.first - 1 : site.first] and site.first == scene.clause.first:
        yield "opens"
    yield f"base={scene.base}"
    yield f"member={group.sites.index(site)}/{len(group.sites)}"


def _rules(scene: Scene, lang: str) -> Iterator[str]:
    if not scene.readings:
        yield "rule=none"
    for rank, reading in enumerate(scene.readings):
        why = reading.rule.split(" ")[0]
        yield f"rule{rank}={reading.status.value}"
        yield f"rule{rank}={reading.status.value}|{why}|{scene.counts}"
        yield f"ruled{rank}={reading.status.value}|{reading.modality.value}"
        yield f"mode{rank}={reading.modality.value}"
        if rank == 0:
            yield f"plain={reading.status.value}|{_plainness(scene)}"
            yield f"plain={reading.status.value}|{why}|{_plainness(scene)}"
            yield f"modes={reading.modality.value}|{_plainness(scene)}"
            if reading.head is not None:
                yield f"e0={reading.head.cue.entry}|{reading.status.value}"
                yield f"e0={reading.head.cue.entry}|{reading.status.value}|{reading.modality.value}"
    if len(scene.readings) == 2:
        yield f"rules={scene.readings[0].status.value}+{scene.readings[1].status.value}"


def _evidence(scene: Scene, lang: str) -> Iterator[str]:
    """The rules' readings crossed with what they rest on: voice, preposition, agents, aspect and modality cues."""
    voice_of = arabic_voice if lang == "ar" else english_voice
    link = scene.group.link if scene.group else "back"
    agents = "+".join(sorted({h.cls.split(".")[0] for h in scene.clause.hits if h.cls.startswith(("ours", "party."))}))
    where = f"{scene.site.head}|{scene.site.mention.strength}" if scene.site else "back|"
    for rank, reading in enumerate(scene.readings):
        head = reading.head
        if head is None:
            continue
        voice = voice_of(scene.sentence.words, head)
        key = f"{reading.status.value}|{reading.modality.value}"
        yield f"rx{rank}={key}|{voice.tense.value}|{voice.negated}|{head.form}"
        yield f"rl{rank}={key}|{link}|{head.cls}"
        yield f"ra{rank}={key}|{agents}"
        yield f"rn{rank}={key}|{scene.counts}|{where}"
        yield f"re{rank}={head.cue.entry}|{head.form}|{voice.tense.value}|{reading.status.value}"
        for hit in scene.clause.hits:
            if hit.cls.startswith(_ASIDE):
                yield f"rs{rank}={key}|{hit.cls}|{'<' if hit.first < head.first else '>'}"
                if hit.cls.startswith("mod."):
                    yield f"rm={reading.modality.value}|{hit.cue.entry}"


def _plainness(scene: Scene) -> str:
    """How simple the clause is: one class of predicate, one group, no modality cue, nobody else in it."""
    clause = scene.clause
    classes = {hit.cls for hit in clause.predicates}
    return "".join(
        (
            str(min(len(classes), 2)),
            str(min(len(clause.groups), 2)),
            "m" if any(hit.cls.startswith("mod.") and hit.cls != "mod.negation" for hit in clause.hits) else "",
            "n" if any(hit.cls == "mod.negation" for hit in clause.hits) else "",
            "p" if any(hit.cls.startswith("party.") for hit in clause.hits) else "",
            "o" if any(hit.cls == "ours" for hit in clause.hits) else "",
        )
    )


def is_plain(scene: Scene) -> bool:
    """Whether a clause has one class of predicate and one group, no modality but a negation, and no party."""
    return _plainness(scene).rstrip("o").rstrip("n") == "11"


def _distance(gap: int) -> str:
    return "0" if gap <= 1 else "3" if gap <= 3 else "6" if gap <= 6 else "far"


def _predicates(scene: Scene, lang: str) -> Iterator[str]:
    voice_of = arabic_voice if lang == "ar" else english_voice
    first, last = _edges(scene)
    link = scene.group.link if scene.group else "back"
    heads = scene.clause.predicates
    if not heads:
        yield "no predicate"
        yield from _inherited(scene, voice_of, link)
    sides = (
        ("<", sorted((h for h in heads if h.last <= first), key=lambda h: -h.last)),
        (">", [h for h in heads if h.first >= last]),
    )
    stages = "+".join(sorted({h.cls for h in scene.clause.hits if h.cls in _STAGES}))
    for side, hits in sides:
        for rank, hit in enumerate(hits[:_NEAR]):
            voice = voice_of(scene.sentence.words, hit)
            state = f"{voice.tense.value}{'-not' if voice.negated else ''}{'-may' if voice.possible else ''}"
            where = f"{side}{rank}"
            yield f"p{where}={hit.cls}"
            yield f"p{where}={hit.cls}|{state}"
            yield f"p{where}={hit.cls}|{link}"
            yield f"p{where}={hit.cls}|{stages}|{state}"
            yield f"e{side}={hit.cue.entry}"
            if rank == 0:
                yield f"v{side}={state}"
                yield f"v{side}={state}|{stages}"
            if rank == 0:
                yield f"e{where}={hit.cue.entry}|{voice.tense.value}|{voice.negated}"
                yield f"e{where}={hit.cue.entry}|{link}"
                gap = first - hit.last if side == "<" else hit.first - last
                yield f"p{where}={hit.cls}|{_distance(gap)}"
                path = _path(scene, hit.last, first) if side == "<" else _path(scene, last, hit.first)
                yield f"path{side}={path}"
                yield f"path{side}={hit.cls}|{path}"
                yield f"path{side}={hit.cls}|{state}|{path}"
        if not hits:
            yield f"p{side}=none"


def _path(scene: Scene, first: int, last: int) -> str:
    """What lies between a predicate and the base, a sign a word: o ours, p party, f from, t to, a at, h base word …"""
    signs: dict[int, str] = {}
    for hit in scene.clause.hits:
        sign = _SIGNS.get(hit.cls) or ("p" if hit.cls.startswith("party.") else "")
        if sign:
            for index in range(hit.first, hit.last):
                signs[index] = sign
    for group in scene.clause.groups:
        for index in range(group.first, group.last):
            signs[index] = "B"
    out = ""
    for index in range(first, last):
        sign = signs.get(index) or ("," if scene.sentence.words[index].text == "," else "w")
        if not out.endswith(sign):
            out += sign
    return out if len(out) <= 6 else out[:3] + "~" + out[-3:]


def _inherited(scene: Scene, voice_of: Callable[[Sequence[Word], Hit], Voice], link: str) -> Iterator[str]:
    """A clause without a predicate of its own shares that of the clause before: "jammers for A, nothing for B"."""
    clauses = scene.sentence.clauses
    for clause in reversed(clauses[: clauses.index(scene.clause)]):
        if clause.predicates:
            hit = clause.predicates[0]
            voice = voice_of(scene.sentence.words, hit)
            yield f"shared={hit.cls}|{voice.tense.value}|{voice.negated}"
            yield f"shared={hit.cls}|{link}"
            return


def _asides(scene: Scene, lang: str) -> Iterator[str]:
    first, _ = _edges(scene)
    heads = "+".join(sorted({h.cls for h in scene.clause.predicates}))
    for hit in scene.clause.hits:
        if hit.cls.startswith(_ASIDE) or hit.cls in _STAGES:
            side = "<" if hit.first < first else ">"
            yield f"{hit.cls}{side}"
            yield f"{hit.cls}|{heads}"
            if hit.cls.startswith("obj."):
                yield f"{hit.cls}{side}{scene.group.link if scene.group else 'back'}"
                continue
            yield f"a={hit.cls}|{hit.cue.entry}"
    if scene.clause.opener:
        yield f"opener={scene.clause.opener}"


def _agents(scene: Scene, lang: str) -> Iterator[str]:
    first, last = _edges(scene)
    agents = [h for h in scene.clause.hits if h.cls == "ours" or h.cls.startswith("party.") or h.cls == "elsewhere"]
    before = [h for h in agents if h.last <= first]
    behind = [h for h in agents if h.first >= last]
    heads = {h.cls for h in scene.clause.predicates}
    for side, hit in (("<", before[-1] if before else None), (">", behind[0] if behind else None)):
        who = hit.cls if hit else "none"
        yield f"agent{side}={who}"
        for cls in heads:
            yield f"agent{side}={who}|{cls}"
        if hit:
            yield f"agent{side}={who}|{_preposition(hit, scene)}"
    if not any(h.cls == "ours" for h in scene.sentence.hits):
        yield "not ours"


def _preposition(hit: Hit, scene: Scene) -> str:
    if hit.clitics.removesuffix("ال")[-1:] in ("ل", "ب"):
        return hit.clitics.removesuffix("ال")[-1:]
    word = scene.sentence.words[hit.first - 1].text if hit.first else ""
    return word if word in ("to", "by", "from", "the", "of", "with", "الي", "من", "مع", "قبل") else ""


def _words(scene: Scene, lang: str) -> Iterator[str]:
    first, last = _edges(scene)
    words = scene.sentence.words
    low, high = scene.clause.first, scene.clause.last
    before = [lemma(words[i].text) for i in range(max(low, first - _WINDOW), first)][::-1]
    behind = [lemma(words[i].text) for i in range(last, min(high, last + _WINDOW))]
    for side, near in (("<", before), (">", behind)):
        for index, word in enumerate(near):
            yield f"w{side}{word}"
            if index < _NEAR:
                yield f"n{side}{word}"
            if index:
                yield f"b{side}{near[index - 1]} {word}"
        yield f"1{side}{near[0] if near else ''}"
    for index, each in enumerate(words):
        if not low <= index < high:
            yield f"s{'<' if index < low else '>'}{lemma(each.text)}"
        elif not first <= index < last:
            yield f"c={lemma(each.text)}"


def _around(scene: Scene, lang: str) -> Iterator[str]:
    clauses = scene.sentence.clauses
    index = clauses.index(scene.clause)
    if index:
        for hit in clauses[index - 1].predicates:
            yield f"earlier={hit.cls}"
        for hit in clauses[index - 1].hits:
            if hit.cls.startswith("mod."):
                yield f"earlier={hit.cls}"
    if index + 1 < len(clauses):
        for hit in clauses[index + 1].predicates:
            yield f"later={hit.cls}"
    for clause in clauses[:index]:
        for hit in clause.hits:
            if hit.cls.startswith("mod."):
                yield f"before={hit.cls}"
    yield from _age(scene)
    norm = scene.sentence.text.norm
    if "?" in norm[scene.sentence.span.start : scene.sentence.span.end]:
        yield "question"


def _age(scene: Scene) -> Iterator[str]:
    """How many years before publication the years lie that are named in the clause and the sentence."""
    if scene.published is None:
        return
    words = scene.sentence.words
    for where, first, last in (("clause", scene.clause.first, scene.clause.last), ("sentence", 0, len(words))):
        years = [
            int(w.text)
            for w in words[first:last]
            if len(w.text) == 4 and w.text[:2] in ("19", "20") and w.text.isdigit()
        ]
        if years:
            yield f"age {where}={max(-1, min(3, scene.published.year - max(years)))}"
            yield f"oldest {where}={max(-1, min(3, scene.published.year - min(years)))}"
