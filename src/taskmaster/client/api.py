"""Everything that can be asked, by whichever client."""

from __future__ import annotations

from taskmaster.client.calls.batch import BatchCalls
from taskmaster.client.calls.edges import EdgeCalls
from taskmaster.client.calls.exchange import ExchangeCalls
from taskmaster.client.calls.finding import FindingCalls
from taskmaster.client.calls.keys import KeyCalls
from taskmaster.client.calls.operations import OperationCalls
from taskmaster.client.calls.past import PastCalls
from taskmaster.client.calls.planning import PlanningCalls
from taskmaster.client.calls.projects import ProjectCalls
from taskmaster.client.calls.remarks import RemarkCalls
from taskmaster.client.calls.tags import TagCalls
from taskmaster.client.calls.tasks import SubtaskCalls, TaskCalls
from taskmaster.client.calls.work import WorkCalls


class Calls(
    TaskCalls,
    SubtaskCalls,
    RemarkCalls,
    EdgeCalls,
    WorkCalls,
    FindingCalls,
    PastCalls,
    BatchCalls,
    PlanningCalls,
    TagCalls,
    ExchangeCalls,
    KeyCalls,
    ProjectCalls,
    OperationCalls,
):
    """The methods of the API: of a Client functions, of an AsyncClient coroutines."""
