from __future__ import annotations

from hypothesis import settings

# On a busy machine any example may take long: whatever profile is in use, time is no failure.
settings.register_profile(
    settings.get_current_profile_name(), parent=settings.default, deadline=None
)
