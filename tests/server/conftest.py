from __future__ import annotations

from hypothesis import HealthCheck, settings

# Machines that run tests are busy: no example is wrong because it took long.
settings.register_profile("server", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("server")
