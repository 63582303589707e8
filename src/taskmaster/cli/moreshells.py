"""Completion scripts for fish and PowerShell, written from the commands as data."""

from __future__ import annotations

from taskmaster.cli.shells import DYNAMIC, names, spellings
from taskmaster.cli.table import ALIASES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from taskmaster.cli.described import Command, Option

_FISH = """\
# Completion of tamp for fish. Save it as ~/.config/fish/completions/tamp.fish
function __tamp_command
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        if not string match -q -- '-*' $word
            echo $word
            return
        end
    end
end

function __tamp_in
    contains -- (__tamp_command) $argv
end

function __tamp_none
    set -l found (__tamp_command)
    test (count $found) -eq 0
end

complete -c tamp -f
complete -c TAMP -w tamp
"""

_POWERSHELL = """\
# Completion of tamp for PowerShell. Load it from $PROFILE.
Register-ArgumentCompleter -Native -CommandName tamp, TAMP -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $commands = [ordered]@{
@COMMANDS
    }
    $options = @{
@OPTIONS
    }
    $values = @{
@VALUES
    }
    $before = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { $_.ToString() })
    $name = @($before | Where-Object { $_ -notlike '-*' })[0]
    $last = if ($before.Count) { $before[-1] } else { '' }
    $found = [ordered]@{}
    if (-not $name) {
        $found = $commands
    } elseif ($wordToComplete -like '-*') {
        if ($options.ContainsKey($name)) { $found = $options[$name] }
    } else {
        $key = if ($values.ContainsKey("$name $last")) { "$name $last" } else { $name }
        if ($values.ContainsKey($key)) {
            foreach ($one in $values[$key]) {
                if ($one -like '@*') {
                    foreach ($line in (& tamp complete $one.Substring(1) 2>$null)) {
                        $found[$line] = $line
                    }
                } else {
                    $found[$one] = $one
                }
            }
        }
    }
    foreach ($one in $found.Keys) {
        if ("$one".StartsWith($wordToComplete)) {
            [System.Management.Automation.CompletionResult]::new(
                $one, $one, 'ParameterValue', $found[$one])
        }
    }
}
"""


def to_fish(found: Sequence[Command]) -> str:
    lines = [_FISH]
    for one in found:
        lines.append(f"complete -c tamp -n __tamp_none -a {one.name} -d {_quoted(one.summary)}")
        inside = f"-n {_quoted('__tamp_in ' + ' '.join(spellings(one)))}"
        offers = [_fish_option(option, found) for option in one.options]
        offers += [_fish_offer(word, found) for word in one.words[:1]]
        lines += [f"complete -c tamp {inside} {offered}" for offered in offers if offered]
    for alias, words in ALIASES.items():
        text = _quoted(f"the same as {' '.join(words)}")
        lines.append(f"complete -c tamp -n __tamp_none -a {alias} -d {text}")
    return "\n".join(lines) + "\n"


def _fish_option(option: Option, found: Sequence[Command]) -> str:
    flags = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
             for name in option.names]  # fmt: skip
    takes = ["-r"] if option.kind is not None else []
    offered = _fish_offer(option, found)
    parts = [*flags, *takes, *([offered] if offered else []), f"-d {_quoted(option.help)}"]
    return " ".join(parts)


def _fish_offer(option: Option, found: Sequence[Command]) -> str:
    if option.kind == "files":
        return "-F"
    words = names(found) if option.kind == "commands" else list(option.choices)
    if option.kind == "folders":
        words.append("(__fish_complete_directories)")
    if option.kind in DYNAMIC:
        titles = " --titles" if option.kind == "ids" else ""
        words.append(f"(tamp complete {option.kind}{titles} 2>/dev/null)")
    return f"-a {_quoted(' '.join(words))}" if words else ""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def to_powershell(found: Sequence[Command]) -> str:
    summaries = {one.name: one.summary for one in found}
    summaries |= {alias: f"the same as {' '.join(words)}" for alias, words in ALIASES.items()}
    commands = [f"        {_single(name)} = {_single(text)}" for name, text in summaries.items()]
    options = [line for one in found for line in _ps_options(one)]
    values = [line for one in found for line in _ps_values(one, found)]
    script = _POWERSHELL
    for key, lines in (("@COMMANDS", commands), ("@OPTIONS", options), ("@VALUES", values)):
        script = script.replace(key, "\n".join(lines))
    return script


def _ps_options(one: Command) -> Iterator[str]:
    known = {flag.lower(): (flag, option.help) for option in one.options for flag in option.names}
    pairs = "; ".join(f"{_single(flag)} = {_single(text)}" for flag, text in known.values())
    for name in spellings(one):
        yield f"        {_single(name)} = [ordered]@{{ {pairs} }}"


def _ps_values(one: Command, found: Sequence[Command]) -> Iterator[str]:
    """Keys are a command, for its words, or a command and an option, for the option's value."""
    rows = {"": _ps_offer(one.words[0], found) if one.words else ""}
    for option in one.options:
        if option.kind is not None:
            rows |= {f" {flag}".lower(): _ps_offer(option, found) for flag in option.names}
    for name in spellings(one):
        for key, offered in rows.items():
            if offered:
                yield f"        {_single(name + key)} = @({offered})"


def _ps_offer(option: Option, found: Sequence[Command]) -> str:
    words = names(found) if option.kind == "commands" else list(option.choices)
    words += [f"@{option.kind}"] if option.kind in DYNAMIC else []
    return ", ".join(map(_single, words))


def _single(text: str) -> str:
    """A word in PowerShell's single quotes, which mean nothing but themselves."""
    for sign in "'\u2018\u2019":  # PowerShell takes the curved ones for the same.
        text = text.replace(sign, sign * 2)
    return f"'{text}'"
