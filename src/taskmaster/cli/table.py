"""Every command: its name, the module that holds it, one line of help. Only strings: nothing here
imports a command, so that only the one that runs is loaded.
"""

from __future__ import annotations

COMMANDS = {
    "init": ("init", "Make a project in this folder"),
    "parse-prd": ("parse_prd", "Turn a requirements document into tasks"),
    "coverage": ("coverage", "Compare a requirements document with the tasks made from it"),
    "list": ("list_tasks", "Show the tasks"),
    "search": ("search", "Find tasks by their words, the best first"),
    "views": ("views", "Save, show and remove queries with a name"),
    "show": ("show", "Show one or more tasks in full"),
    "next": ("next_task", "Name the task to do next, and why"),
    "why": ("why", "Say why a task is ready, blocked or next"),
    "tree": ("tree", "Show tasks with their subtasks, or with what waits for them"),
    "graph": ("graph", "Draw what waits for what, and the critical path"),
    "waves": ("waves", "Say what can be worked on side by side, now and afterwards"),
    "stats": ("stats", "Show progress, pace, burndown and a forecast"),
    "ui": ("ui", "Look at the tasks and change them on the whole terminal"),
    "set-status": ("set_status", "Change the status of tasks and subtasks"),
    "add-task": ("add_task", "Write a task down"),
    "add-subtask": ("add_subtask", "Add a subtask, or make a task one"),
    "edit": ("edit", "Change any field of tasks, without a model"),
    "apply": ("apply", "Carry many operations out at once, all of them or none"),
    "template": ("template", "Keep sets of tasks, and make tasks from them"),
    "defer": ("defer", "Put tasks off until a day"),
    "comment": ("comment", "Leave comments on tasks"),
    "link": ("link", "Link tasks to commits, pull requests, documents, addresses"),
    "remove-task": ("remove_task", "Take tasks and subtasks away"),
    "remove-subtask": ("remove_subtask", "Take subtasks away, or make them tasks"),
    "clear-subtasks": ("clear_subtasks", "Take all subtasks of tasks away"),
    "add-dependency": ("add_dependency", "Let a task wait for others"),
    "remove-dependency": ("remove_dependency", "Let a task no longer wait for others"),
    "validate-dependencies": ("validate_dependencies", "Look for broken dependencies"),
    "fix-dependencies": ("fix_dependencies", "Mend broken dependencies"),
    "move": ("move", "Give tasks and subtasks another id, place or tag"),
    "tags": ("tags", "List, add, use, rename, copy and remove tags"),
    "export": ("export_tasks", "Write tasks out, for people and for other programs"),
    "import": ("import_tasks", "Take tasks in, from files and from other trackers"),
    "history": ("history", "Show who changed what, and when"),
    "undo": ("undo", "Take changes back"),
    "doctor": ("doctor", "Look for everything that is wrong, and mend it with --fix"),
    "backup": ("backup", "Keep a copy of all tasks"),
    "restore": ("restore", "Bring a copy of all tasks back"),
    "serve": ("serve", "Serve the tasks to other programs, over HTTP"),
    "keys": ("keys", "Make, list, rotate and revoke the keys to a server of this project"),
    "generate": ("generate", "Write a readable file for every task"),
    "sync-readme": ("sync_readme", "Show the tasks in the README"),
    "complexity-report": ("complexity_report", "Show how hard an earlier analysis found each task"),
    "models": ("models", "Show and choose the models of this project"),
    "lang": ("lang", "Show and choose the language models answer in"),
    "config": ("configuration", "Show and change the settings of this project"),
    "storage": ("storage", "Say where the tasks are kept, and move them to another engine"),
    "db": ("db", "See and change the state of the database's tables"),
    "migrate": ("migrate", "Bring an older project into today's layout"),
    "uninit": ("uninit", "Take the project apart again, losing nothing"),
    "completion": ("completion", "Write a script that completes commands in your shell"),
    "version": ("version", "Show the version"),
    "help": ("help", "Show this list, or a command's help"),
}

# For scripts of ours; no list shows them.
HIDDEN = {"complete": ("complete", "Name what may stand where somebody types")}

SECTIONS = {
    "init": "Begin",
    "list": "See",
    "set-status": "Change",
    "export": "Exchange",
    "history": "Trust",
    "serve": "Serve",
    "generate": "Project",
}
"""Headings of the list of commands, by the first command under each."""

ALIASES: dict[str, tuple[str, ...]] = {
    "ls": ("list",),
    "status": ("set-status",),
    "add-tag": ("tags", "add"),
    "use-tag": ("tags", "use"),
    "rename-tag": ("tags", "rename"),
    "copy-tag": ("tags", "copy"),
    "delete-tag": ("tags", "remove"),
    "remove-tag": ("tags", "remove"),
    "log": ("history",),
}
