"""Everything that can be asked, by whichever client."""

from __future__ import annotations

from taskmaster.client.tasks import SubtaskCalls, TaskCalls


class Calls(TaskCalls, SubtaskCalls):
    """The methods of the API: of a Client functions, of an AsyncClient coroutines."""
