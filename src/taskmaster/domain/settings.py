"""The settings that are known: their names, what each may hold, and what counts without them.

A setting is named by its path in ``config.json``: ``global.defaultPriority``.
"""

from __future__ import annotations

from taskmaster.domain.task import PRIORITIES
from taskmaster.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Json = dict[str, object]

ROLES = ("main", "research", "fallback")
DEFAULT_MODELS = {
    "main": ("anthropic", "claude-sonnet-4-20250514", 64000, 0.2),
    "research": ("perplexity", "sonar", 8700, 0.1),
    "fallback": ("anthropic", "claude-3-7-sonnet-20250219", 120000, 0.2),
}
MODEL_KEYS = ("provider", "modelId", "maxTokens", "temperature")
TEXT, FLAG, COUNT, NUMBER, LIST, OBJECT = "text", "flag", "count", "number", "list", "object"
_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_SECRET = ("token", "secret", "password", "key", "credential", "credentials")
_APPROVALS = ("untrusted", "on-failure", "on-request", "never")
_SANDBOXES = ("read-only", "workspace-write", "danger-full-access")
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")

Kind = str | tuple[str, ...]
_MODEL: dict[str, Kind] = {
    "provider": TEXT, "modelId": TEXT, "maxTokens": COUNT, "temperature": NUMBER, "baseURL": TEXT,
}  # fmt: skip
_SECTIONS: dict[str, dict[str, Kind]] = {
    **{f"models.{role}": _MODEL for role in ROLES},
    "global": {
        "logLevel": ("debug", "info", "warn", "error"), "debug": FLAG, "defaultNumTasks": COUNT,
        "defaultSubtasks": COUNT, "defaultPriority": PRIORITIES, "projectName": TEXT,
        "projectVersion": TEXT, "projectDescription": TEXT, "projectAuthor": TEXT,
        "defaultTag": TEXT, "ollamaBaseURL": TEXT, "bedrockBaseURL": TEXT, "azureBaseURL": TEXT,
        "vertexProjectId": TEXT, "vertexLocation": TEXT, "responseLanguage": TEXT,
        "enableCodebaseAnalysis": FLAG, "enableProxy": FLAG, "anonymousTelemetry": FLAG,
        "userId": TEXT,
    },
    "claudeCode": {
        "pathToClaudeCodeExecutable": TEXT, "maxTurns": COUNT, "customSystemPrompt": TEXT,
        "appendSystemPrompt": TEXT, "allowedTools": LIST, "disallowedTools": LIST,
        "permissionMode": ("default", "acceptEdits", "plan", "bypassPermissions"),
        "mcpServers": OBJECT, "commandSpecific": OBJECT,
    },
    "codexCli": {
        "codexPath": TEXT, "cwd": TEXT, "approvalMode": _APPROVALS, "sandboxMode": _SANDBOXES,
        "fullAuto": FLAG, "dangerouslyBypassApprovalsAndSandbox": FLAG, "skipGitRepoCheck": FLAG,
        "color": TEXT, "allowNpx": FLAG, "outputLastMessageFile": TEXT, "env": OBJECT,
        "verbose": FLAG, "reasoningEffort": _EFFORTS, "commandSpecific": OBJECT,
    },
    "grokCli": {"timeout": COUNT, "workingDirectory": TEXT, "defaultModel": TEXT},
    "storage": {
        "type": ("file", "api", "auto"), "operatingMode": ("solo", "team"), "apiEndpoint": TEXT,
        "apiAccessToken": TEXT,
    },
    "workflow": {"maxPhaseAttempts": COUNT},
}  # fmt: skip
KNOWN: dict[str, Kind] = {
    f"{section}.{key}": kind for section, keys in _SECTIONS.items() for key, kind in keys.items()
}
ENVIRONMENT = {
    **{f"models.{role}.modelId": f"TASKMASTER_MODEL_{role.upper()}" for role in ROLES},
    "global.responseLanguage": "TASKMASTER_RESPONSE_LANGUAGE",
    "global.enableCodebaseAnalysis": "TASKMASTER_ENABLE_CODEBASE_ANALYSIS",
    "global.enableProxy": "TASKMASTER_ENABLE_PROXY",
}
"""Variables that count more than the file."""


def defaults(name: str) -> Json:
    """What counts in a project of this name where its settings say nothing."""
    models = {role: dict(zip(MODEL_KEYS, row, strict=True)) for role, row in DEFAULT_MODELS.items()}
    return {
        "models": models,
        "global": {
            "logLevel": "info",
            "debug": False,
            "defaultNumTasks": 10,
            "defaultSubtasks": 5,
            "defaultPriority": "medium",
            "projectName": name,
            "defaultTag": "master",
            "ollamaBaseURL": "http://localhost:11434/api",
            "bedrockBaseURL": "https://bedrock.us-east-1.amazonaws.com",
            "responseLanguage": "English",
            "enableCodebaseAnalysis": True,
            "enableProxy": False,
        },
    }


def flat(found: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Every setting by its path; a known one that holds an object is one setting."""
    for key, value in found.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and value and path not in KNOWN:
            yield from flat(value, f"{path}.")
        else:
            yield path, value


def secret(path: str) -> bool:
    """Whether the value is for nobody's eyes, to judge by the name of the setting."""
    word = path.rpartition(".")[2].lower().replace("_", "").replace("-", "")
    return word.endswith(_SECRET) or word == "env"


def checked(path: str, value: object) -> object:
    """*value* when the setting may hold it. Raises Invalid, with what it may hold."""
    kind = KNOWN.get(path)
    if kind is None or _fits(kind, value):
        return value
    told = f"one of: {', '.join(kind)}" if isinstance(kind, tuple) else _WANTED[kind]
    shown = "what was given" if secret(path) else repr(value)
    raise Invalid(f"{path} cannot be {shown[:100]}", hint=f"it holds {told}", code="bad-setting")


_WANTED = {
    TEXT: "text", FLAG: "true or false", COUNT: "a whole number from 0",
    NUMBER: "a number from 0", LIST: "a JSON list", OBJECT: "a JSON object",
}  # fmt: skip


def _fits(kind: Kind, value: object) -> bool:
    if isinstance(kind, tuple):
        return value in kind
    if value is None:
        return kind == TEXT
    if isinstance(value, bool) or kind == FLAG:
        return isinstance(value, bool) and kind == FLAG
    if isinstance(value, int | float):
        whole = isinstance(value, int) or kind == NUMBER
        return kind in (COUNT, NUMBER) and whole and value >= 0
    return isinstance(value, {TEXT: str, LIST: list, OBJECT: dict}.get(kind, ()))


def meant(path: str, text: str) -> object:
    """What somebody who types *text* for this setting means. Raises Invalid."""
    kind = KNOWN.get(path)
    if kind == FLAG and text.lower() in (*_YES, *_NO):
        return text.lower() in _YES
    if kind == TEXT or isinstance(kind, tuple):
        return checked(path, text)
    return checked(path, _json_or_text(text))


def _json_or_text(text: str) -> object:
    import json

    try:
        return json.loads(text)
    except ValueError:
        return text


def problems(found: Mapping[str, object]) -> list[str]:
    """What is wrong with known settings, in sentences; unknown ones are nobody's business."""
    wrong = []
    for path, value in flat(found):
        try:
            checked(path, value)
        except Invalid as error:
            wrong.append(f"{error.message}: {error.hint}")
    sections = ("models", "global", *(f"models.{role}" for role in ROLES))
    flattened = dict(flat(found))
    wrong += [f"{one} cannot be {flattened[one]!r}: it holds a JSON object" for one in sections
              if one in flattened and flattened[one] != {}]  # fmt: skip
    return wrong
