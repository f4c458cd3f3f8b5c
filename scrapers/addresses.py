"""Web addresses: which ones are one article's, and which have the form of an article at all. Nothing here fetches.

One article has many addresses: with tracking parameters, for mobiles, as AMP. What a page says of itself
(`rel=canonical`) is believed where it stays on its site and can be an article's.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from scrapers import guard

# Known names only, and courlan's list is not taken: it drops `cid`, `ref` and `source`, which tell articles apart on
# some sites, and two articles under one address would be a change at every pass.
_TRACKING = re.compile(
    r"(?:utm|at|mc|mtm|pk|itm|hsa|ns|vero|oly)_\w*|(?:fb|g|d|y|tw|tt|sc)clid|msclkid|gbraid|wbraid|gclsrc|_ga|_gl|_hsenc"
    r"|_hsmi|mkt_tok|igshid|igsh|ref_src|ref_url|ocid|cmpid|smid|smtyp|traffic_source|xtor|__twitter_impression",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_TWIN_HOSTS = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
_AMP = re.compile(r"^/amp(?=/.)|/amp/?$|\.amp(?=\.html?$|$)|/$")
_NOT_ARTICLES = re.compile(
    r"(?:^|/)(?:tags?|topics?|categor(?:y|ies)|authors?|writers?|users?|login|signin|register|subscribe|search|page|privacy"
    r"|terms|cookies?|contact|about|careers|jobs|advertis\w*|newsletters?|rss|feeds?|live-tv|videos?|photos?|galler(?:y|ies)"
    r"|podcasts?|programs?|wp-\w+|cdn-cgi|share)(?:/|$)",
    re.IGNORECASE,
)
_FILES = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|zip|css|js|xml|ico)$", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"\d{4,}")
_DATE = re.compile(r"/20\d\d/\d{1,2}/")


def canonical(url: str) -> str:
    """A web address without fragment, usual port and tracking parameters, host in lower case; another text as it is."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    if parts.scheme.lower() not in ("http", "https"):
        return url.strip()
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _TRACKING.fullmatch(pair.split("=", 1)[0]))
    scheme = parts.scheme.lower()
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS[scheme])
    return urlunsplit((scheme, host, parts.path or "/", query, ""))


def same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one site: its mobile and AMP hosts count as the site itself."""
    return site_of(one) == site_of(other)


def site_of(url: str) -> str:
    """The host, and the port if it is written, that an address and its mobile and AMP twins have in common."""
    return _TWIN_HOSTS.sub("", urlsplit(url).netloc.lower())


def own_address(tree: Any, *, url: str) -> str:
    """The address that a parsed page names as its own, else `url`, where it was fetched.

    Another site's, a front page's, and what cannot be an article's are not believed: a template that names one address
    on every page would make all articles one.
    """
    named = next(iter(tree.xpath("//head//link[@rel='canonical']/@href")), "").strip()
    if not named or not url.startswith(("http://", "https://")):
        return url
    try:
        found = canonical(urljoin(url, named))
    except ValueError:
        return url
    if guard.malformed(found) or not same_site(found, url):
        return url
    return found if looks_like_article(found) or _same_page(found, url) else url


def looks_like_article(url: str, *, path: str = "") -> bool:
    """Whether the address has an article's form: a long number, a date, or a slug of several words.

    path: how an article's path must begin.
    """
    parts = urlsplit(url)
    if not parts.path.startswith(path) or _FILES.search(parts.path) or _NOT_ARTICLES.search(parts.path):
        return False
    segments = [unquote(segment) for segment in parts.path.split("/") if segment]
    if not segments:
        return bool(_LONG_NUMBER.search(parts.query))
    slug = max(segments[-2:], key=len)
    words = [word for word in re.split(r"[-_ ]", slug) if word]
    return bool(_LONG_NUMBER.search(parts.path) or _DATE.search(parts.path)) or len(words) >= 4


def _same_page(found: str, url: str) -> bool:
    """Whether the two differ only in what marks an AMP twin."""
    one, other = urlsplit(found), urlsplit(url)
    return one.query == other.query and _AMP.sub("", one.path) == _AMP.sub("", other.path) != ""
