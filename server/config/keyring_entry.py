"""`python -m twolane.server.config.keyring_entry NAME`: one entry of the system's keyring, as JSON on stdout.

A process of its own, because to load what talks to a keyring stops all threads for as long as the loader takes, 40 ms
and more; and because one that asks for a password may never answer.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Print `{"key": …}`, empty where there is none, or `{"fault": …}`, the kind of error."""
    import keyring

    service, name = sys.argv[1:3]
    try:
        answer = {"key": keyring.get_password(service, name) or ""}
    except Exception as error:
        answer = {"fault": type(error).__name__}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
