from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from taskmaster.client import (
    ApiError,
    ApiResponse,
    SubTask,
    Task,
    TaskPriority,
    TaskStatus,
    ValidationError,
)

STORED = {
    "id": "7",
    "title": "Build",
    "status": "in-progress",
    "priority": "high",
    "createdAt": "2026-01-02T03:04:05.678Z",
    "dueDate": "2026-02-03",
    "dependencies": ["3", "5.2"],
    "subtasks": [
        {"id": "7.1", "title": "First", "status": "done"},
        {"id": "7.2", "title": "Second", "status": "pending"},
    ],
    "estimatedHours": 3,
    "own_key": {"deep": [1]},
}


@pytest.fixture
def task() -> Task:
    return Task.from_api_response(json.loads(json.dumps(STORED)), "abc")


def test_fields_are_read_in_either_spelling(task: Task) -> None:
    assert task.created_at == datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
    assert task.createdAt == task.created_at
    assert task["createdAt"] == task["created_at"] == "2026-01-02T03:04:05.678Z"
    assert task.due_date == date(2026, 2, 3)


def test_keys_that_nobody_knows_are_kept(task: Task) -> None:
    assert task.raw == task.to_dict() == STORED
    assert task.estimated_hours == task.estimatedHours == task["estimatedHours"] == 3
    assert task.own_key == {"deep": [1]}
    assert task.get("nothing", 4) == 4
    assert "estimated_hours" in task
    with pytest.raises(AttributeError, match="this Task has no nothing"):
        task.nothing  # noqa: B018


def test_what_is_not_there_is_empty() -> None:
    task = Task(id="1", title="One")

    assert (task.status, task.priority) == (TaskStatus.PENDING, TaskPriority.MEDIUM)
    assert (task.description, task.subtasks, task.dependencies) == ("", [], [])
    assert (task.created_at, task.due_date, task.metadata, task.project_id) == (None,) * 4
    assert task.etag == ""


def test_steps_are_counted(task: Task) -> None:
    assert [step.title for step in task.subtasks] == ["First", "Second"]
    assert (task.get_subtask_count(), task.get_completed_subtask_count()) == (2, 1)
    assert task.get_completion_percentage() == 50.0
    assert Task(id="1", title="x").get_completion_percentage() == 0.0
    assert Task(id="1", title="x", status="done").get_completion_percentage() == 100.0


def test_a_step_is_changed_in_its_task(task: Task) -> None:
    task.subtasks[1].status = TaskStatus.DONE

    assert task.get_completed_subtask_count() == 2
    assert task.raw["subtasks"][1]["status"] == "done"


@pytest.mark.parametrize(
    ("status", "completed", "active", "blocked"),
    [
        ("pending", False, True, False),
        ("in-progress", False, True, False),
        ("review", False, True, False),
        ("done", True, False, False),
        ("blocked", False, False, True),
        ("deferred", False, False, False),
        ("cancelled", False, False, False),
    ],
)
def test_what_a_status_means(status: str, completed: bool, active: bool, blocked: bool) -> None:
    task = SubTask(id="1.1", title="x", status=status)

    assert (task.is_completed(), task.is_active(), task.is_blocked()) == (
        completed,
        active,
        blocked,
    )


def test_fields_are_changed_in_either_spelling(task: Task) -> None:
    task.status = TaskStatus.DONE
    task.createdAt = datetime(2030, 1, 1, tzinfo=UTC)
    task.test_strategy = "by hand"
    task.own_key = 5
    task.subtasks = [SubTask(id="7.3", title="Third")]

    assert task.raw["status"] == "done"
    assert task.raw["createdAt"] == "2030-01-01T00:00:00+00:00"
    assert task.raw["testStrategy"] == "by hand"
    assert task.raw["own_key"] == 5
    assert task.raw["subtasks"] == [{"id": "7.3", "title": "Third"}]
    json.dumps(task.raw)


def test_tasks_with_the_same_document_are_equal(task: Task) -> None:
    assert task == Task.from_api_response(dict(STORED), "other")
    assert task != Task(id="7", title="Build")
    assert SubTask(id="1", title="x") != Task(id="1", title="x")


def test_a_task_is_shown_by_what_matters(task: Task) -> None:
    assert repr(task) == "Task(id='7', title='Build', status='in-progress', …)"
    assert repr(Task(id="1", title="x")) == "Task(id='1', title='x')"


def test_a_request_carries_what_may_be_sent(task: Task) -> None:
    assert task.to_api_request() == {
        "title": "Build", "status": "in-progress", "priority": "high", "dueDate": "2026-02-03",
        "dependencies": ["3", "5.2"],
    }  # fmt: skip


@pytest.mark.parametrize("fields", [{}, {"title": ""}, {"title": "x" * 256}])
def test_a_title_is_needed_and_has_its_limit(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="title") as caught:
        Task(id="1", **fields)

    assert caught.value.field == "title"


def test_a_longer_title_that_is_stored_is_read() -> None:
    assert len(Task.from_api_response({"id": "1", "title": "x" * 400}).title) == 400


def test_words_are_texts() -> None:
    assert Task(id="1", title="x", status="in-progress").status == "in-progress"
    assert str(TaskStatus.IN_PROGRESS) == "in-progress"
    assert TaskStatus("review") is TaskStatus.REVIEW
    assert [one.value for one in TaskPriority] == ["low", "medium", "high", "critical"]


def test_a_word_of_a_newer_server_is_taken_as_it_is() -> None:
    task = Task(id="1", title="x", status="waiting-for-rain")

    assert task.status == "waiting-for-rain"
    assert task.status.name == "WAITING_FOR_RAIN"
    assert not task.is_active()
    with pytest.raises(ValueError, match="5 is not"):
        TaskStatus(5)  # type: ignore[arg-type]


def test_an_answer_says_whether_it_is_an_error() -> None:
    error = ApiError(code="NOT_FOUND", message="no", details={"field": "title"})

    assert ApiResponse(status="ok", message="there", data={}).is_success()
    assert ApiResponse(status="error", message="no", error=error).is_error()
    assert ApiResponse(status="ok", error=error).is_error()
