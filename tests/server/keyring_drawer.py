"""A keyring that holds what a test puts into a file; `PYTHON_KEYRING_BACKEND` names it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

HELD_IN = "TWOLANE_TEST_DRAWER"


class Drawer(KeyringBackend):
    """The file holds `{"locked", "silent", "held": {service: {name: key}}}`."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        told = json.loads(Path(os.environ[HELD_IN]).read_text(encoding="utf-8"))
        if told["silent"]:
            time.sleep(3600)
        if told["locked"]:
            raise KeyringLocked("the drawer is locked")
        found: str | None = told["held"].get(service, {}).get(username)
        return found

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError
