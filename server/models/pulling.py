"""A model is fetched: with progress, taken up again where it broke off, checked before anything may load it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..commands.outcome import CommandError
from .catalogue import Here, looked_at

if TYPE_CHECKING:
    import httpx2

Progress = Callable[[int, int], None]
"""Called with the bytes that are here and the bytes in all (0 where the server does not say)."""

_SPARE_BYTES = 256 << 20
_CONNECT_S, _IDLE_S = 15.0, 30.0
_TRIES = 5
_SHA256 = re.compile(r'"?([0-9a-f]{64})"?\Z')
_PARTIAL, _COMPLETE, _FINISHED = 206, 200, 416
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class PullError(CommandError):
    """The file could not be had; what was fetched so far stays for the next time unless it was wrong."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """The file as it is now on the disk; `sha256` is its own, `compared_with` says with what it agreed."""

    path: Path
    bytes: int
    sha256: str
    family: str
    compared_with: str


def secure(url: str) -> bool:
    """Whether nobody on the way can put another file in the place of what is fetched: https, or this machine."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
    except ValueError:
        return False


def pull(
    url: str,
    path: Path,
    *,
    sha256: str,
    progress: Progress,
    named_by: str = "the catalogue",
    pause: Callable[[float], None] = time.sleep,
) -> Pulled:
    """Fetch `url` to `path`; raise `PullError` with what to do.

    What is there of an earlier attempt is kept if the server still has the same file. The whole is compared with
    `sha256` (lower case, from `named_by`), or where that is empty with the checksum that the server names, then looked
    at as a model; only then does it get its name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with _alone(part):
        named = _fetched(url, part, progress, pause)
        expected, compared_with = (sha256, named_by) if sha256 else (named, "the server's own checksum")
        found = digest(part)
        if expected and found != expected:
            part.unlink()
            raise PullError(f"{url} came damaged: its checksum is {found}, not {expected}; fetch it again")
        here = looked_at(part)
        if not here.family:
            part.unlink()
            raise PullError(_told(here, part, path))
        part.replace(path)
        _mark(part).unlink(missing_ok=True)
    return Pulled(path, path.stat().st_size, found, here.family, compared_with if expected else "")


def _told(here: Here, part: Path, path: Path) -> str:
    return here.trouble.replace(str(part), path.name)


def _fetched(url: str, part: Path, progress: Progress, pause: Callable[[float], None]) -> str:
    """Bring the whole file to `part`, whatever breaks in between; return the checksum that the server names."""
    import httpx2

    def guard(request: httpx2.Request) -> None:
        if secure(url) and not secure(str(request.url)):
            raise PullError(f"{url} leads to {request.url.host} without encryption: fetch it from somewhere else")

    timeout = httpx2.Timeout(_IDLE_S, connect=_CONNECT_S)
    with httpx2.Client(follow_redirects=True, timeout=timeout, event_hooks={"request": [guard]}) as client:
        for attempt in range(_TRIES):
            before = part.stat().st_size
            try:
                return _continued(client, url, part, progress)
            except httpx2.TransportError as error:
                if attempt == _TRIES - 1:
                    raise PullError(_broken_off(url, part.stat().st_size, error)) from error
                pause(0.0 if part.stat().st_size > before else 2.0**attempt)
            except httpx2.HTTPError as error:
                raise PullError(f"{url} could not be fetched ({type(error).__name__})") from error
            except (httpx2.InvalidURL, ValueError) as error:
                raise PullError(f"{url} is no address to fetch from ({error})") from error
            except OSError as error:
                raise PullError(f"{part} could not be written ({error.strerror or error}): make room there") from error
    raise AssertionError("the last attempt returns or raises")


def _broken_off(url: str, kept: int, error: Exception) -> str:
    reason = f"{url} could not be fetched ({type(error).__name__}): is there a connection?"
    return f"{reason} {kept:,} bytes are kept, and the same command goes on from there" if kept else reason


def _continued(client: httpx2.Client, url: str, part: Path, progress: Progress) -> str:
    size, known = part.stat().st_size, _marked(part)
    headers = {"Accept-Encoding": "identity"}
    if size and known:
        headers |= {"Range": f"bytes={size}-", "If-Range": f'"{known}"'}
    with client.stream("GET", url, headers=headers) as response:
        named = _named(response)
        if response.status_code == _FINISHED and known:
            if _length_of(response.headers.get("content-range", "")) == size:
                return named
            part.write_bytes(b"")
            raise _again(response)
        if response.status_code not in (_PARTIAL, _COMPLETE):
            raise PullError(_refusal(url, response.status_code))
        goes_on = response.status_code == _PARTIAL and _begins(response.headers.get("content-range", "")) == size
        start = size if goes_on else 0
        total = start + int(response.headers.get("content-length") or 0)
        _room(part, total - start)
        _mark(part).write_text(json.dumps({"etag": _etag(response)}), encoding="utf-8")
        with part.open("r+b") as file:
            file.truncate(start)
            file.seek(start)
            done = start
            for piece in response.iter_raw():
                file.write(piece)
                done += len(piece)
                progress(done, max(total, done) if total > start else 0)
            file.flush()
            os.fsync(file.fileno())
        if total > start and done < total:
            raise _again(response)
    return named


def _again(response: httpx2.Response) -> Exception:
    import httpx2

    return httpx2.RemoteProtocolError("the answer ended early", request=response.request)


def _named(response: httpx2.Response) -> str:
    """The SHA-256 that a server names: in `X-Linked-Etag`, perhaps of the answer that redirected, as model hosts do."""
    for answer in (*response.history, response):
        found = _SHA256.search(answer.headers.get("x-linked-etag", ""))
        if found is not None:
            return found[1]
    return ""


def _etag(response: httpx2.Response) -> str:
    tag: str = response.headers.get("etag", "")
    return "" if tag.startswith("W/") else tag.strip('"')


def _begins(content_range: str) -> int:
    found = re.match(r"bytes (\d+)-", content_range)
    return int(found[1]) if found is not None else -1


def _length_of(content_range: str) -> int:
    found = re.search(r"/(\d+)\Z", content_range)
    return int(found[1]) if found is not None else -1


def _refusal(url: str, status: int) -> str:
    reasons = {
        401: "wants an account that has accepted the model's licence: fetch it with your browser",
        403: "may not be fetched from here",
        404: "is not there",
        429: "is asked too often just now: try again in some minutes",
    }
    return f"{url} {reasons.get(status, f'could not be fetched (status {status})')}"


def _room(part: Path, wanted: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if wanted + _SPARE_BYTES > free:
        raise PullError(f"{wanted:,} bytes are to come, and {part.parent} has {free:,} free: make room there")


def _mark(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _marked(part: Path) -> str:
    """Which file the part is of; empty where nobody knows, so that it begins anew."""
    try:
        return str(json.loads(_mark(part).read_text(encoding="utf-8"))["etag"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


@contextlib.contextmanager
def _alone(part: Path) -> Iterator[None]:
    """Hold the part against another pull of the same file, where the system has locks for that."""
    with part.open("ab") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PullError(f"another pull of {part.with_suffix('').name} is at work") from None
        except (ImportError, OSError):
            pass
        yield


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
