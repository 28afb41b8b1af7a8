"""Where a model elsewhere answers: a URL that has been checked before anything is sent to it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import ModelRefused


@dataclass(frozen=True, slots=True)
class Address:
    """A base URL without a slash at its end; `host` (with the port, where one is named) is for people and ledgers."""

    url: str
    host: str
    loopback: bool


def parse(url: str, setting: str, *, plain_http: bool = False, permission: str = "") -> Address:
    """Check a base URL that stands in `setting`; raise `ModelRefused` where nothing may be sent to it.

    Text and keys travel encrypted: plain http is for this machine only, unless `plain_http`; `permission` names the
    setting that a person can make it so with. A path that ends in /v1 is the same server without it.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise ModelRefused(f"{setting} is not the address of a server ({error}).") from None
    name = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not name:
        raise ModelRefused(f"{setting} is not the address of a server: it looks like https://models.example.com:8000.")
    if parts.username is not None or parts.password is not None:
        raise ModelRefused(f"{setting} holds a name or a password: leave them out, keys have a place of their own.")
    if parts.query or parts.fragment:
        raise ModelRefused(f"{setting} holds more than an address: leave out what begins with ? or #.")
    loopback = _is_loopback(name)
    host = f"[{name}]" if ":" in name else name
    host = host if port is None else f"{host}:{port}"
    if parts.scheme == "http" and not loopback and not plain_http:
        way = f", or set {permission} where the network between is your own" if permission else ""
        raise ModelRefused(f"{setting} would send code to {host} unencrypted: use https{way}.")
    path = parts.path.rstrip("/").removesuffix("/v1").rstrip("/")
    return Address(f"{parts.scheme}://{host}{path}", host, loopback)


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
