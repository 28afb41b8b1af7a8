"""What this machine has free just now."""

from __future__ import annotations

import os

import psutil

from .devices import devices
from .fitting import Machine
from .threads import FreeCores


def this_machine() -> Machine:
    """Measure what is free just now."""
    return Machine(psutil.virtual_memory().available, _cores(), devices(), threads=os.cpu_count() or 1)


def _cores() -> int:
    """Count the physical cores that this process may use."""
    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else physical
    return max(1, min(physical, allowed))


def free_cores(cores: int) -> FreeCores:
    """Count which of so many cores nobody else uses, from now on."""
    return FreeCores(cores, busy=psutil.getloadavg()[0], spare=max(0, (os.cpu_count() or cores) - cores))
