"""models, lang and config as they are typed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.surfaces.cli.typed import Typed, typed_in
from tests.usecases.drawn import task

REPOSITORY = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("TAMP_CORPUS", REPOSITORY.parent / "shared" / "corpus")) / "config"
REAL = sorted(CORPUS.glob("*.json"))
SECRET = "sk-0123456789abcdef"  # noqa: S105  # looks like one, opens nothing
KEYS = ("ANTHROPIC_API_KEY", "PERPLEXITY_API_KEY", "OPENROUTER_API_KEY", "VISUAL", "EDITOR")
SETTINGS: dict[str, Any] = {
    "own": {"keep": [1, {"me": None}]},
    "models": {"main": {"provider": "anthropic", "modelId": "claude-x", "mine": 1}},
    "global": {"defaultPriority": "low"},
    "storage": {"type": "file", "apiAccessToken": SECRET},
    "workflow": {"maxPhaseAttempts": 3},
}


@pytest.fixture
def tamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    tamp = typed_in(tmp_path, monkeypatch, capsys)
    tamp.holds(task(1))
    config(tamp).write_text(json.dumps(SETTINGS, indent="\t"), encoding="utf-8")
    return tamp


def config(tamp: Typed) -> Path:
    return tamp.folder / ".taskmaster" / "config.json"


def kept(tamp: Typed) -> Any:  # noqa: ANN401  # whatever the file holds
    return json.loads(config(tamp).read_text(encoding="utf-8"))


def editor(tamp: Typed, monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> None:
    """An editor that replaces a piece of the text."""
    program = tamp.folder / "editor.py"
    program.write_text(
        "import sys, pathlib\npath = pathlib.Path(sys.argv[1])\n"
        f"path.write_text(path.read_text('utf-8').replace({old!r}, {new!r}), 'utf-8')\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("EDITOR", f"{sys.executable} {program}")


# models


def test_a_model_is_set_and_no_key_of_the_settings_is_lost(tamp: Typed) -> None:
    said = tamp("models", "--set-main=gpt-4o", "--json")

    assert said.json["activeModels"]["main"]["provider"] == "openai"
    main = {"provider": "openai", "modelId": "gpt-4o", "mine": 1, "maxTokens": 64000,
            "temperature": 0.2}  # fmt: skip
    assert kept(tamp) == {**SETTINGS, "models": {"main": main}}
    assert list(kept(tamp)) == list(SETTINGS)
    assert config(tamp).read_text(encoding="utf-8").startswith('{\n\t"own"')


@pytest.mark.parametrize(
    ("words", "provider"),
    [
        (["x/y"], "openrouter"),
        (["sonar-pro"], "perplexity"),
        (["gemini-2.5-pro"], "google"),
        (["anything", "--ollama"], "ollama"),
        (["anything", "--azure"], "azure"),
        (["anything", "--vertex"], "vertex"),
        (["gpt-4o", "--openai-compatible", "--baseURL=http://localhost:1/v1"], "openai-compatible"),
        (["claude-x", "--provider=bedrock"], "bedrock"),
    ],
)
def test_the_provider_is_told_or_known_by_the_name(
    tamp: Typed, words: list[str], provider: str
) -> None:
    said = tamp("models", "--set-research", *words, "--json")

    assert said.json["activeModels"]["research"]["provider"] == provider
    assert kept(tamp)["models"]["research"]["provider"] == provider


def test_keys_are_looked_for_and_never_shown(tamp: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    (tamp.folder / ".env").write_text(
        f"# mine\nexport OPENROUTER_API_KEY='{SECRET}'\n"
        "PERPLEXITY_API_KEY=YOUR_PERPLEXITY_KEY_HERE\n",
        encoding="utf-8",
    )
    tamp("models", "--set-fallback=x/y")

    said = tamp("models")
    models = tamp("models", "--json").json["activeModels"]

    assert SECRET not in said.out + said.err + json.dumps(models)
    assert models["main"]["keyStatus"] == {
        "variables": ["ANTHROPIC_API_KEY"], "set": ["ANTHROPIC_API_KEY"], "ready": True,
    }  # fmt: skip
    assert models["research"]["keyStatus"]["ready"] is False
    assert models["fallback"]["keyStatus"]["set"] == ["OPENROUTER_API_KEY"]
    assert "key: missing; put PERPLEXITY_API_KEY" in said.out


def test_the_address_of_another_provider_is_kept_and_named(tamp: Typed) -> None:
    tamp("models", "--set-main=mine", "--openai-compatible", "--baseURL=http://localhost:1/v1")

    said = tamp("models", "--set-main=gpt-4o")

    assert "models.main.baseURL is still http://localhost:1/v1" in said.err
    assert kept(tamp)["models"]["main"]["baseURL"] == "http://localhost:1/v1"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--set-main=mystery"], "unknown-provider"),
        (["--set-main="], "usage"),
        (["--ollama"], "usage"),
        (["--set-main=x", "--ollama", "--azure"], "usage"),
        (["--set-main=x", "--ollama", "--provider=azure"], "usage"),
    ],
)
def test_a_model_that_cannot_be_is_refused(tamp: Typed, words: list[str], code: str) -> None:
    assert tamp.refuses("models", *words).error["code"] == code
    assert kept(tamp) == SETTINGS


def test_setup_explains_and_changes_nothing(tamp: Typed) -> None:
    assert "tamp models --set-main=ID" in tamp("models", "--setup").out
    assert "tamp lang --response=NAME" in tamp("lang", "--setup").out
    assert kept(tamp) == SETTINGS


# lang


def test_the_language_is_shown_and_only_set_when_asked(tamp: Typed) -> None:
    assert tamp("lang").out == "the language of answers is English (default)\n"
    assert kept(tamp) == SETTINGS

    said = tamp("lang", "--response=Deutsch", "--json")

    assert (said.json["responseLanguage"], said.json["changed"]) == ("Deutsch", True)
    assert kept(tamp)["global"] == {"defaultPriority": "low", "responseLanguage": "Deutsch"}


# config


def test_every_value_tells_where_it_comes_from(
    tamp: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TASKMASTER_RESPONSE_LANGUAGE", "Suomi")

    said = tamp("config", "show", "--origin")

    rows = [line.split(maxsplit=1) for line in said.out.splitlines()]
    assert [".taskmaster/config.json", "global.defaultPriority = low"] in rows
    assert ["default", "global.defaultNumTasks = 10"] in rows
    assert ["TASKMASTER_RESPONSE_LANGUAGE", "global.responseLanguage = Suomi"] in rows


def test_no_secret_is_ever_shown(tamp: Typed) -> None:
    tamp("config", "set", "claudeCode.mcpServers", f'{{"a": {{"env": {{"X": "{SECRET}"}}}}}}')

    for words in (("show",), ("get", "storage.apiAccessToken"), ("get", "storage"),
                  ("get", "claudeCode.mcpServers"), ("set", "storage.apiAccessToken", "other"),
                  ("unset", "storage.apiAccessToken")):  # fmt: skip
        said = (tamp("config", *words), tamp("config", *words, "--json"))
        assert SECRET not in repr(said)
    assert "apiAccessToken" not in kept(tamp)["storage"]


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("global.defaultPriority", "high", "high"),
        ("global.debug", "yes", True),
        ("global.defaultNumTasks", "25", 25),
        ("models.main.temperature", "0.7", 0.7),
        ("global.projectName", "42", "42"),
        ("claudeCode.allowedTools", '["a"]', ["a"]),
        ("codexCli.commandSpecific.expand-task", '{"cwd": "x"}', {"cwd": "x"}),
    ],
)
def test_a_setting_is_set_as_what_it_is(tamp: Typed, key: str, text: str, value: object) -> None:
    said = tamp("config", "set", key, text, "--json")

    assert said.json["after"] == value
    assert tamp("config", "get", key, "--json").json["value"] == value
    again = tamp("config", "set", key, text, "--json")
    assert again.json["changed"] is False
    tamp("config", "unset", key)
    found = kept(tamp)
    assert (found["own"], found["workflow"]) == (SETTINGS["own"], SETTINGS["workflow"])


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["set", "global.defaultPriority", "hgih"], "bad-setting", 4),
        (["set", "global.defaultNumTasks", "-1"], "bad-setting", 4),
        (["set", "global.debug", "perhaps"], "bad-setting", 4),
        (["set", "global.defaultPrioritty", "high"], "no-such-setting", 3),
        (["set", "models", "x"], "no-such-setting", 3),
        (["set", "global.debug"], "usage", 2),
        (["get", "global.nothing"], "no-such-setting", 3),
        (["unset", "global.debug"], "no-such-setting", 3),
        (["unset", "models"], "whole-section", 4),
        (["sett"], "usage", 2),
        (["edit"], "no-editor", 2),
    ],
)
def test_what_cannot_be_set_is_refused(
    tamp: Typed, words: list[str], code: str, exit_code: int
) -> None:
    said = tamp.refuses("config", *words)

    assert (said.error["code"], said.code) == (code, exit_code)
    assert kept(tamp) == SETTINGS


def test_force_sets_what_nobody_knows(tamp: Typed) -> None:
    tamp("config", "set", "own.thing", "[1]", "--force")
    tamp("config", "unset", "models", "--force")

    assert kept(tamp)["own"] == {"keep": [1, {"me": None}], "thing": [1]}
    assert "models" not in kept(tamp)


def test_what_an_editor_leaves_is_checked_and_the_old_one_kept(
    tamp: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = config(tamp).read_bytes()
    editor(tamp, monkeypatch, '"low"', '"high"')

    said = tamp("config", "edit", "--json")

    assert said.json["changed"] is True
    assert kept(tamp)["global"]["defaultPriority"] == "high"
    assert Path(said.json["previous"]).read_bytes() == before
    editor(tamp, monkeypatch, "nothing", "")
    assert tamp("config", "edit").out == "nothing was changed\n"


@pytest.mark.parametrize(("new", "told"), [('"hgih"', "defaultPriority"), ("oops", "not JSON")])
def test_what_cannot_be_used_is_kept_aside_to_go_on_with(
    tamp: Typed, monkeypatch: pytest.MonkeyPatch, new: str, told: str
) -> None:
    before = config(tamp).read_bytes()
    editor(tamp, monkeypatch, '"low"', new)

    said = tamp("config", "edit", "--json")

    assert said.code == 4
    assert told in said.error["message"]
    assert "config.json.edited" in said.error["hint"]
    assert config(tamp).read_bytes() == before
    editor(tamp, monkeypatch, new, '"medium"')
    tamp("config", "edit")
    assert kept(tamp)["global"]["defaultPriority"] == "medium"
    assert not list(config(tamp).parent.glob("*.edited"))


def test_settings_that_cannot_be_read_are_told_where_and_never_overwritten(
    tamp: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '{\n<<<<<<< HEAD\n"a": 1\n=======\n"a": 2\n>>>>>>> x\n}\n'
    config(tamp).write_text(text, encoding="utf-8")
    for words in (
        ("config", "show"),
        ("config", "set", "global.debug", "true"),
        ("config", "unset", "global.debug"),
        ("models", "--set-main=gpt-4o"),
        ("models",),
        ("lang", "--response=x"),
    ):
        said = tamp.refuses(*words)
        assert said.code == 6
        assert "conflict markers, the first at line 2" in said.error["message"]
        assert config(tamp).read_text(encoding="utf-8") == text

    editor(tamp, monkeypatch, text, "{}\n")
    assert tamp("config", "edit").code == 0
    assert kept(tamp) == {}


def test_settings_of_older_projects_are_changed_where_they_lie(tamp: Typed) -> None:
    older = tamp.folder / ".taskmasterconfig"
    config(tamp).rename(older)

    tamp("config", "set", "global.debug", "true")

    assert not config(tamp).exists()
    assert json.loads(older.read_text(encoding="utf-8"))["global"]["debug"] is True


@pytest.mark.skipif(not REAL, reason="no corpus of real files here")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_settings_keep_every_key(tamp: Typed, path: Path) -> None:
    config(tamp).write_bytes(path.read_bytes())

    said = tamp("models", "--set-main=claude-x", "--set-research=sonar")

    if path.stem == "conflict-markers":
        assert said.code == 6
        assert config(tamp).read_bytes() == path.read_bytes()
        return
    assert said.code == 0, said
    before, after = json.loads(path.read_bytes()), kept(tamp)
    assert {key: value for key, value in after.items() if key != "models"} == {
        key: value for key, value in before.items() if key != "models"
    }
    assert tamp("config", "show").code == 0
