"""Which model each role uses, and whether the keys for it are at hand."""

from __future__ import annotations

import os
import re
from collections import namedtuple

from taskmaster.domain import settings
from taskmaster.errors import Invalid
from taskmaster.usecases import files
from taskmaster.usecases.settings import every, set_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NamedTuple

    from taskmaster.config import Project

    class Keys(NamedTuple):
        """The variables a provider wants, those of them that are set, and whether that is enough.

        Only names: no value is ever kept.
        """

        wanted: tuple[str, ...]
        present: tuple[str, ...]
        enough: bool

    class Chosen(NamedTuple):
        """The model of one role."""

        role: str
        provider: str
        model: str
        fields: Mapping[str, object]
        keys: Keys

else:
    Keys = namedtuple("Keys", "wanted present enough")
    Chosen = namedtuple("Chosen", "role provider model fields keys")

# For each provider the variables that hold its key; one is enough, and "" means none is needed.
PROVIDERS = {
    "anthropic": ("ANTHROPIC_API_KEY",),
    "openai": ("OPENAI_API_KEY",),
    "google": ("GOOGLE_API_KEY",),
    "perplexity": ("PERPLEXITY_API_KEY",),
    "xai": ("XAI_API_KEY",),
    "groq": ("GROQ_API_KEY",),
    "openrouter": ("OPENROUTER_API_KEY",),
    "mistral": ("MISTRAL_API_KEY",),
    "azure": ("AZURE_OPENAI_API_KEY",),
    "vertex": ("GOOGLE_API_KEY", "GOOGLE_APPLICATION_CREDENTIALS"),
    "bedrock": ("AWS_ACCESS_KEY_ID", "AWS_PROFILE"),
    "zai": ("ZAI_API_KEY",),
    "zai-coding": ("ZAI_API_KEY",),
    "openai-compatible": ("OPENAI_COMPATIBLE_API_KEY",),
    "lmstudio": ("", "LMSTUDIO_API_KEY"),
    "ollama": ("", "OLLAMA_API_KEY"),
    "claude-code": ("", "CLAUDE_CODE_API_KEY"),
    "codex-cli": ("", "OPENAI_CODEX_API_KEY"),
    "gemini-cli": ("", "GEMINI_API_KEY"),
    "grok-cli": ("", "GROK_CLI_API_KEY"),
    "mcp": ("",),
}
NEEDS_ADDRESS = frozenset({"azure", "openai-compatible"})
_FAMILIES = (
    (r"claude-", "anthropic"), (r"(chatgpt-|gpt-|o[1-9])", "openai"), (r"gemini-", "google"),
    (r"sonar", "perplexity"), (r"grok-", "xai"), (r"(mistral|codestral)-", "mistral"),
    (r"glm-", "zai"),
)  # fmt: skip
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*")
_PLACEHOLDER = re.compile(r"(YOUR_.*|.*KEY_HERE)")


def chosen(project: Project, environ: Mapping[str, str]) -> list[Chosen]:
    """The model of each role, as the settings and the environment say. Raises CorruptStore."""
    values = {setting.path: setting.value for setting in every(project, environ)}
    variables = {**environ, **_dotenv(project.root)}
    found = []
    for role in settings.ROLES:
        prefix = f"models.{role}."
        fields = {
            path.removeprefix(prefix): value
            for path, value in values.items()
            if path.startswith(prefix) and not settings.secret(path)
        }
        provider = str(fields.pop("provider", None) or "")
        model = str(fields.pop("modelId", None) or "")
        found.append(Chosen(role, provider, model, fields, _keys(provider, variables)))
    return found


def _keys(provider: str, variables: Mapping[str, str]) -> Keys:
    wanted = PROVIDERS.get(provider, (f"{provider.upper().replace('-', '_')}_API_KEY",))
    present = tuple([one for one in wanted if one and _is_set(variables.get(one, ""))])
    names = tuple([one for one in wanted if one])
    return Keys(names, present, bool(present) or "" in wanted)


def _is_set(value: str) -> bool:
    return bool(value.strip()) and not _PLACEHOLDER.fullmatch(value.strip())


def _dotenv(root: str) -> dict[str, str]:
    """The assignments in the project's ``.env``, which count more than the environment."""
    data = files.read(os.path.join(root, ".env")) or b""
    found = {}
    for line in data.decode(errors="replace").splitlines():
        if match := _ASSIGNMENT.fullmatch(line):
            name, value = match.groups()
            found[name] = value.strip("\"'") if value[:1] in "\"'" else value.split(" #")[0]
    return found


def use(
    project: Project, environ: Mapping[str, str], role: str, model: str, *,
    provider: str = "", address: str = "",
) -> list[str]:  # fmt: skip
    """Let a role use a model, keeping everything else the settings say; give notes about it.

    Without a *provider* the name of the model tells it, or the role keeps its own. Raises Invalid
    where neither says, CorruptStore, Conflict.
    """
    before = next(one for one in chosen(project, environ) if one.role == role)
    found = provider or _provider(model) or (before.provider if before.model == model else "")
    if not found:
        raise Invalid(
            f"whose model is {model}?",
            hint="name the provider, for example: --provider=openrouter, or one of: "
            + ", ".join(PROVIDERS),
            code="unknown-provider",
        )
    prefix = f"models.{role}."
    values: dict[str, object] = {f"{prefix}provider": found, f"{prefix}modelId": model}
    if address:
        values[f"{prefix}baseURL"] = address
    usual = dict(zip(settings.MODEL_KEYS, settings.DEFAULT_MODELS[role], strict=True))
    for key in ("maxTokens", "temperature"):
        values[prefix + key] = before.fields.get(key, usual[key])
    set_values(project, values)
    return list(_notes(role, found, before, address))


def _provider(model: str) -> str:
    if "/" in model:
        return "openrouter"
    return next((name for start, name in _FAMILIES if re.match(start, model)), "")


def _notes(role: str, provider: str, before: Chosen, address: str) -> list[str]:
    notes = []
    if provider not in PROVIDERS:
        notes.append(f"{provider} is no provider that is known; it was stored as it is")
    own = before.fields.get("baseURL")
    if own and not address and provider != before.provider:
        notes.append(
            f"models.{role}.baseURL is still {own}, which was meant for {before.provider};"
            f" `tamp config unset models.{role}.baseURL` takes it away"
        )
    if provider in NEEDS_ADDRESS and not (own or address):
        notes.append(f"{provider} needs an address too: --baseURL=URL")
    return notes
