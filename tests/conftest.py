"""Properties say what is true, not how fast: on a busy machine no example is too slow."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("kcnet", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kcnet")
