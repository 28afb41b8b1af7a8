"""Connections to models elsewhere, and what their failures mean to a person."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

from ..errors import AnswerCut, ModelError, ModelUnavailable
from .address import Address

if TYPE_CHECKING:
    import httpx2

_CONNECT_S = 10.0
_WRITE_S = 30.0


def open_client(address: Address) -> httpx2.AsyncClient:
    """Make a client; slow (it imports httpx2 and reads certificates), so call it off the event loop.

    Certificates are checked. Redirects are not followed: a key would go where nobody chose to send it. An answer is
    bounded in size and comes uncompressed. Reading has no deadline here, because the client's own look at content.
    This machine itself is never asked through a proxy.
    """
    import httpx2

    from .bounds import bound

    return httpx2.AsyncClient(
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [bound]},
        follow_redirects=False,
        timeout=httpx2.Timeout(connect=_CONNECT_S, read=None, write=_WRITE_S, pool=_CONNECT_S),
        limits=httpx2.Limits(max_connections=64, max_keepalive_connections=2, keepalive_expiry=60.0),
        trust_env=not address.loopback,
    )


def not_reached(error: BaseException, host: str) -> ModelError:
    """Why no answer began."""
    import httpx2

    causes = _causes(error)
    if ours := next((cause for cause in causes if isinstance(cause, ModelError)), None):
        return ours
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return ModelUnavailable(
            f"{host} cannot prove who it is (TLS: {_tls(causes)}): check the clock, the network's sign-in page, and "
            "SSL_CERT_FILE where the company has certificates of its own."
        )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return ModelUnavailable(f"{host} has no address here: check the network, and the name in the settings.")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return ModelUnavailable(f"Nothing listens at {host}: check that the server runs, and the port.")
    if any(isinstance(cause, httpx2.ProxyError) for cause in causes):
        return ModelUnavailable(f"The proxy on the way to {host} refuses: check HTTPS_PROXY and NO_PROXY.")
    if any(isinstance(cause, httpx2.TimeoutException | TimeoutError) for cause in causes):
        return ModelUnavailable(f"{host} could not be reached within {_CONNECT_S:g} s: check the network.")
    return ModelUnavailable(f"{host} closed the connection before it answered ({type(causes[-1]).__name__}).")


def cut(error: BaseException | None, host: str) -> AnswerCut:
    """Why an answer that had begun is not whole."""
    reason = "the stream ended early" if error is None else type(error).__name__
    return AnswerCut(f"The answer of {host} broke off before it was whole ({reason}); nothing of it is used.")


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what led to it, outermost first."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        following = following.__cause__ or following.__context__
    return found


def _tls(causes: list[BaseException]) -> str:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
    return next(cause.reason or "no agreement" for cause in causes if isinstance(cause, ssl.SSLError))
