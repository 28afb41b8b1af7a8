"""Make this folder's `.venv/` hold exactly what the lock files name, and do nothing where it already does.

    python3 dev/bootstrap.py run     what `twolane` needs to run
    python3 dev/bootstrap.py dev     that, and what the tests and the checks need

This file stays readable to old Pythons, so that they can say what is missing or hand over to a newer one.
"""

import os
import sys

OLDEST = (3, 11)
NEWEST_LOOKED_FOR = 14


def newer_python():  # type: () -> str | None
    """Return the newest `python3.N` on PATH that this project accepts, or None."""
    for minor in range(NEWEST_LOOKED_FOR, OLDEST[1] - 1, -1):
        for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
            found = os.path.join(folder, "python3." + str(minor))  # noqa: PTH118 - old Pythons have no pathlib
            if os.access(found, os.X_OK):
                return found
    return None


def main():  # type: () -> int
    """Set the environment up; return the exit status."""
    if sys.version_info < OLDEST:
        found = newer_python()
        if found:
            os.execv(found, [found] + sys.argv)  # noqa: RUF005, S606 - the same script under a newer Python
        sys.stderr.write(
            "twolane setup: Python {}.{} is too old: install Python 3.11 or newer, "
            "or name one: make PYTHON=/path/to/python3.12\n".format(*sys.version_info[:2])
        )
        return 1
    import bootstrap_install

    return bootstrap_install.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
