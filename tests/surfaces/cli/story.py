"""A long day with the command line, told so that every engine can be asked to live it."""

from __future__ import annotations

import json
from pathlib import Path

PRD = """# Note keeper

A small program that keeps notes.

## Requirements

### Store notes
- Notes are kept in one file.
- A crash loses nothing.

### Search
Depends on: Store notes
- Users find notes by any word in them.

### Sharing
- Users can share a note with others.
"""
BATCH = [
    {"op": "note", "id": "1", "text": "Agreed: JSON only"},
    {"op": "status", "id": "2", "status": "in-progress"},
]
TASKS_FROM_ELSEWHERE = [
    {"id": 40, "title": "From elsewhere", "description": "Käse 🧀 & \u0000 nul", "status": "done"},
    {"id": "x-41", "title": "Another", "dependencies": [40], "status": "pending"},
]
REPORT = {"complexityAnalysis": [{"taskId": 2, "complexityScore": 6}]}

SICK = {
    "master": {
        "tasks": [
            {"id": 1, "title": "First", "status": "done", "dependencies": []},
            {"id": 1, "title": "Once more", "status": "todo", "dependencies": [1, 1]},
            {"id": "2", "title": "A circle", "status": "pending", "dependencies": [3]},
            {"id": 3, "title": "", "status": "pending", "dependencies": ["2", 99]},
            {"title": "Nameless", "priority": "urgent", "dependencies": "none"},
            {"id": "4.1", "title": "A point", "subtasks": [{"id": 1, "title": "Step"}]},
            {"id": 4, "title": "Steps", "subtasks": [{"id": 1}, {"id": 1, "title": "Twice"}, 7]},
            {"id": 5, "title": "No list", "subtasks": {"id": 1}, "status": "done", "x": [1.50]},
            "no task",
        ],
        "metadata": {"description": "Wrong", "taskCount": 77},
    },
    "empty": {"tasks": [], "metadata": {}},
}
"""What a person or another program may have left in a task file."""
RECOVERY = """
list --all-tags --with-subtasks
next
show 1,2,3
show 4.1
search once
tree
graph
waves
stats
why 2
validate-dependencies
complete ids
doctor
doctor --fix --dry-run
doctor --fix --yes
doctor
list --all-tags --with-subtasks
next
fix-dependencies
history --limit=1
undo
history --limit=2
list
export --format=json --all-tags
""".strip().splitlines()
# As typed, after ``tamp``; every command of the table is here, and every section.
STORY = """
init --yes --name=Notes
next
list
doctor
parse-prd prd.md
coverage prd.md
list
list --with-subtasks --all-tags
list --ready --priority=high,medium
list --blocking
list pending --limit=2 --offset=1 --sort=-id
list --where=is:ready --columns=id,title
search note --limit=3
search "any word"
search zzz
next
next --compat
show 1
show 1,2
show 99
why 1
why 3
tree
tree 2
graph
waves
stats
set-status 1 in-progress
set-status 1 done --with-subtasks
set-status 99 done
set-status 2 bogus
next
add-task "A task of my own" --priority=high --dependencies=2
add-task "Late" --due=2020-01-01 --label=ui
add-task "Broken" --dependencies=99
add-subtask --parent=2 "--title=A step"
add-subtask --parent=2 "--title=Another step"
add-subtask --parent=99 "--title=A step"
set-status 2.1 done
edit 2 --title=Another --note=Begun --label=db
edit 2 --if-revision=0000000000000000 --title=Lost
edit 99 --title=Another
edit 1,2 --set=effort=3d --assignee=ann
apply batch.json
apply nowhere.json
template save two --from=1,2
template list
template show two
template apply two
template remove two --yes
defer 2 --until=2w
list --ready
list --where=defer:any
defer 2 --clear
comment 2 "Looks good"
comment 2 "Done soon"
link 2 --commit=0f3a9c12
link 2 --url=https://example.org/a
add-dependency 3 1
add-dependency 1 3
remove-dependency 3 1
validate-dependencies
fix-dependencies
move 2.2 2.1
move 3 30
move 30 3
move 3,4 --to=4,3
remove-subtask 2.1
remove-subtask 2.9
clear-subtasks 2
remove-task 4 --yes
remove-task 99 --yes
undo
undo --dry-run
undo 9999
tags add v2 --description=Later
tags add v2
tags add copied --copy-from=master
tags use v2
next
add-task First
list
list --tag=master
tags
tags list --show-metadata --ready
tags rename v2 v3
list
tags use master
tags copy v3 v4
tags remove v4 --yes
tags use typo
list --tag=typo
move 1 --from-tag=v3 --to-tag=copied --renumber
views save urgent is:ready --sort=id
views list
views show urgent
list --view=urgent
export --format=json --all-tags
export --format=csv
export --format=markdown --output=tasks.md
export --format=ical
export --format=html --output=tasks.html
import elsewhere.json
import elsewhere.json --update
import elsewhere.json --tag=v3 --dry-run
import nowhere.json
history
history 2
history --since=5 --limit=3
history --tag=v3 --limit=0
history 99
undo
undo
undo 3
undo 3 --force
doctor
doctor --fix --dry-run
generate
sync-readme
complexity-report --file=report.json
models
lang
config show
config set global.defaultPriority high
add-task "By default"
config get global.defaultPriority
complete ids
complete tags
complete views
ui --keys
completion bash
version
help
help list
migrate --dry-run
list --all-tags
""".strip().splitlines()


def furnish(folder: Path) -> None:
    """The files that the story speaks of."""
    (folder / "prd.md").write_text(PRD, encoding="utf-8")
    (folder / "README.md").write_text("# Notes\n", encoding="utf-8")
    (folder / "batch.json").write_text(json.dumps(BATCH), encoding="utf-8")
    (folder / "report.json").write_text(json.dumps(REPORT), encoding="utf-8")
    (folder / "elsewhere.json").write_text(json.dumps(TASKS_FROM_ELSEWHERE), encoding="utf-8")
