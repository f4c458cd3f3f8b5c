"""Where a crawl may go: http and https, usual ports, public addresses only.

A page or a feed can name any address, and a name can be made to resolve to one inside (DNS rebinding), so literals
are judged before a request is made and resolved addresses at connect time. What is refused is named to the reader.
Settings may exempt "host:port" (a site on this machine, for tests and the demonstration).
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Collection
from urllib.parse import urlsplit

LONGEST_URL = 2000  # characters; no outlet's are longer, percent-encoded Arabic included
_PORTS = {"http": 80, "https": 443}
USUAL_PORTS = frozenset((80, 443, 8000, 8008, 8080, 8443))
_LOCAL_NAMES = re.compile(r"(?:.+\.)?(?:localhost|local|internal|intranet|lan|home\.arpa|localdomain)")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def malformed(url: str) -> str | None:
    """Why this text cannot be a URL of any kind (brackets, a port out of range, control characters), or None."""
    if len(url) > LONGEST_URL:
        return f"is not a URL: it has more than {LONGEST_URL} characters"
    if _CONTROL.search(url):
        return "is not a URL: it has control characters"
    try:
        port = urlsplit(url).port
    except ValueError:
        return "is not a URL"
    return "is not a URL" if port == 0 else None


def refusal(url: str, allow_hosts: Collection[str] = ()) -> str | None:
    """Why this URL must not be asked, or None. `allow_hosts`: "host:port" that are exempt."""
    fault = malformed(url)
    if fault:
        return fault
    parts = urlsplit(url)
    host, port = _plain(parts.hostname or ""), parts.port
    if parts.scheme not in _PORTS:
        return f"scheme {parts.scheme or 'none'!r} is not http or https"
    if not host:
        return "names no host"
    port = port if port is not None else _PORTS[parts.scheme]
    if is_allowed(host, port, allow_hosts):
        return None
    if parts.username is not None:
        return "carries a user name"
    if port not in USUAL_PORTS:
        return f"port {port} is not a usual one of the web"
    address = literal(host)
    if address is not None:
        return address_refusal(address)
    try:
        host.encode("idna")
    except UnicodeError:  # an empty label, or one that is too long
        return "names no host that there can be"
    if _LOCAL_NAMES.fullmatch(host.lower()) or "." not in host:
        return f"{host} is a name on a private network"
    return None


def address_refusal(address: Address | str) -> str | None:
    """Why nothing is fetched from this address, or None when it is a public one."""
    try:
        candidate = ipaddress.ip_address(address.split("%", 1)[0]) if isinstance(address, str) else address
    except ValueError:
        return f"{address} is not an address"
    inner = _embedded(candidate)
    if not inner.is_global or inner.is_multicast or inner.is_reserved:
        return f"{candidate} is not a public address"
    return None


def literal(host: str) -> Address | None:
    """The address that a host name writes out, in any form that a resolver takes, or None when it is a name.

    inet_aton's forms count: 2130706433, 0x7f000001, 0177.0.0.1 and 127.1 are all 127.0.0.1.
    """
    text = _plain(host).split("%", 1)[0]
    if ":" in text:
        try:
            return ipaddress.IPv6Address(text)
        except ValueError:
            return None
    parts = text.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:
        return ipaddress.IPv4Address(0)  # a number that is none, such as 0899: never a public name
    *front, last = numbers
    if any(number > 255 for number in front) or last >= 256 ** (4 - len(front)):
        return ipaddress.IPv4Address(0)
    value = last
    for position, number in enumerate(front):
        value += number << (8 * (3 - position))
    return ipaddress.IPv4Address(value)


def is_allowed(host: str, port: int, allow_hosts: Collection[str]) -> bool:
    """Whether settings exempt this host and port."""
    name = f"[{host}]" if ":" in host else host
    return f"{name}:{port}".lower() in {allowed.lower() for allowed in allow_hosts}


def is_local(url: str) -> bool:
    """Whether the URL names this machine itself (loopback)."""
    host = (urlsplit(url).hostname or "").lower()
    address = literal(host)
    return host == "localhost" or (address is not None and _embedded(address).is_loopback)


def _plain(host: str) -> str:
    """The host as a resolver comes to see it: IDNA maps full-width digits and other full stops to ASCII."""
    text = unicodedata.normalize("NFKC", host).lower()
    return re.sub("[\u3002\uff0e\uff61]", ".", text).strip("[]").rstrip(".")


def _number(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if len(text) > 1 and text.startswith("0") else int(text)


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for (mapped, NAT64, 6to4, Teredo), else the address itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.sixtofour is not None:
            return address.sixtofour
        if address.teredo is not None:
            return address.teredo[1]
        if int(address) >> 32 == 0 and int(address) > 1:  # ::a.b.c.d, long deprecated
            return ipaddress.IPv4Address(int(address))
    return address
