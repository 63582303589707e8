from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, settings

settings.register_profile(
    "store", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

REPOSITORY = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("TAMP_CORPUS", REPOSITORY.parent / "shared" / "corpus"))
