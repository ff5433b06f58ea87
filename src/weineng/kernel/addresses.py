"""Where a call comes from: the address of the one who asks, and what counts as one asker."""

import ipaddress
import re
from collections.abc import Mapping

_ADDRESS = re.compile(r"[0-9a-fA-F.:]+")
_HOUSEHOLD = 64  # bits of an IPv6 address that one connection shares


def client_address(meta: Mapping[str, str], proxies: int) -> str:
    """The address of the connection, or, behind so many proxies of ours, what the outermost of them saw.

    `meta` are the variables of the request (REMOTE_ADDR, HTTP_X_FORWARDED_FOR).
    """
    told = [part.strip() for part in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if proxies and len(told) >= proxies and _ADDRESS.fullmatch(told[-proxies]):
        return told[-proxies]
    return meta.get("REMOTE_ADDR") or "127.0.0.1"


def asker(address: str) -> str:
    """An IPv4 address as it is; of an IPv6 address the part that all machines of a household share."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:45]
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(parsed) >> _HOUSEHOLD << _HOUSEHOLD, _HOUSEHOLD)))
    return str(parsed)
