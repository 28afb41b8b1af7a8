"""Keys of models elsewhere: from the environment, else from the system's keyring; never from a file of a workspace.

Looking into a keyring may ask the person to unlock it, so everything here may be slow and is called off the event loop.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys

from ...clients.errors import KeyRefused

_log = logging.getLogger(__name__)

SERVICE = "twolane"
"""The service under which keyrings hold our keys."""

_PATIENCE_S = 20.0
"""So long somebody may take to unlock it; who takes longer is asked again by the next request."""

ANTHROPIC_KEY = "ANTHROPIC_API_KEY"
ANTHROPIC_URL = "ANTHROPIC_BASE_URL"
TEAM_KEY = "TWOLANE_TEAM_KEY"
_ANTHROPIC = "anthropic"


def anthropic() -> str | None:
    """The key for Anthropic, None where there is none; raise `KeyRefused` where it cannot be one."""
    return _key(ANTHROPIC_KEY, _ANTHROPIC)


def team() -> str | None:
    """The key for the team's server, None where there is none; raise `KeyRefused` where it cannot be one."""
    return _key(TEAM_KEY, "team")


def anthropic_from() -> str:
    """Where a key for Anthropic would come from, if there is one."""
    return _variable(ANTHROPIC_KEY) if os.environ.get(ANTHROPIC_KEY, "").strip() else _entry(_ANTHROPIC)


def none_for_anthropic() -> str:
    """What to do where there is no key for Anthropic, the rest of a sentence."""
    return (
        f"there is no key: set {ANTHROPIC_KEY} where your editor is started, or put the key into the system's keyring "
        f"(service {SERVICE}, name {_ANTHROPIC})"
    )


def anthropic_url() -> str:
    """Where Anthropic's API is asked, empty where the environment does not say; it counts from nowhere else."""
    return os.environ.get(ANTHROPIC_URL, "").strip()


def _key(variable: str, name: str) -> str | None:
    key, place = os.environ.get(variable, "").strip(), _variable(variable)
    if not key:
        key, place = _from_keyring(name), _entry(name)
    if not all("!" <= char <= "~" for char in key):
        raise KeyRefused(f"{place[:1].upper()}{place[1:]} holds characters that no key has: set it again.")
    return key or None


def _variable(name: str) -> str:
    return f"the variable {name}"


def _entry(name: str) -> str:
    return f'the keyring\'s entry "{name}" of the service "{SERVICE}"'


def _from_keyring(name: str) -> str:
    """Look into the keyring, in a process that can be given up."""
    command = (sys.executable, "-P", "-m", f"{__package__}.keyring_entry", SERVICE, name)
    no_window = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_S,
            check=True,
            creationflags=no_window,
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        _log.warning("the keyring does not answer; is a question of it for a password open somewhere?")
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        _log.warning("the keyring failed (%s)", type(error).__name__)
    else:
        if fault := answer.get("fault"):
            _log.info("no keyring can be used (%s)", fault)
        return str(answer.get("key", "")).strip()
    return ""
