"""Completion scripts for bash and zsh, written from the commands as data."""

from __future__ import annotations

from taskmaster.cli.table import ALIASES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from taskmaster.cli.described import Command, Option

# What `tamp complete` knows, and nobody else.
DYNAMIC = ("ids", "tags", "views")
GLOBAL = ("--help", "--version", "--project", "--tag", "--file")

_COMMON = """\
    case "$name $prev" in
@VALUES
        *) case "$name" in
@WORDS
        esac ;;
    esac
"""

_BASH = """\
# Completion of tamp for bash. Load it: source <(tamp completion bash)
_tamp_offer() {
    local word
    while IFS= read -r word; do
        [[ $word == "$cur"* ]] && COMPREPLY+=("$(printf %q "$word")")
    done
}

_tamp() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    local name="" kind="" choices="" flags="" i IFS=$' \\t\\n'
    COMPREPLY=()
    if [[ $cur == "=" ]]; then
        cur=""
    elif [[ $prev == "=" ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            -t|--tag|-p|--project|-f|--file)
                [[ ${COMP_WORDS[i+1]} == "=" ]] && i=$((i + 1))
                i=$((i + 1)) ;;
            -*|=) ;;
            *) name=${COMP_WORDS[i]}; break ;;
        esac
    done
@COMMON
    case "$name" in
@FLAGS
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$flags" -- "$cur"))
        return
    fi
    COMPREPLY=($(compgen -W "$choices" -- "$cur"))
    case "$kind" in
        ids|tags|views) _tamp_offer < <("${COMP_WORDS[0]}" complete "$kind" 2>/dev/null) ;;
        files|folders)
            IFS=$'\\n'
            COMPREPLY+=($(compgen "$([[ $kind == files ]] && echo -f || echo -d)" -- "$cur"))
            compopt -o filenames 2>/dev/null ;;
    esac
    return 0
}

complete -F _tamp tamp TAMP
"""

_ZSH = """\
#compdef tamp TAMP
# Completion of tamp for zsh. Save it as _tamp in a folder of $fpath.
_tamp() {
    local name="" kind="" choices="" prev=${words[CURRENT-1]} tamp=${words[1]}
    local -a flags found
    integer i
    for ((i = 2; i < CURRENT; i++)); do
        case ${words[i]} in
            -t|--tag|-p|--project|-f|--file) i=$((i + 1)) ;;
            -*) ;;
            *) name=${words[i]}; break ;;
        esac
    done
    if [[ ${words[CURRENT]} == --*=* ]]; then
        prev=${words[CURRENT]%%=*}
        compset -P '*='
    fi
@COMMON
    case "$name" in
@FLAGS
    esac
    if [[ $PREFIX == -* ]]; then
        _describe -o option flags
        return
    fi
    if [[ -z $name && -z $choices$kind ]]; then
        found=(
@COMMANDS
        )
        _describe command found
        return
    fi
    [[ -n $choices ]] && compadd -- ${=choices}
    case "$kind" in
        ids|tags|views) found=(${(f)"$($tamp complete $kind 2>/dev/null)"}); compadd -a found ;;
        files) _files ;;
        folders) _files -/ ;;
    esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _tamp "$@"
else
    compdef _tamp tamp TAMP
fi
"""


def to_bash(found: Sequence[Command]) -> str:
    every = " ".join(names(found))
    flags = [(one, " ".join(flag for option in one.options for flag in option.names))
             for one in found]  # fmt: skip
    lines = [f'        {_arm(one)}) flags="{text}" ;;' for one, text in flags]
    lines.append(f'        "") flags="{" ".join(GLOBAL)}"; choices="$choices {every}" ;;')
    # Where an option's value is wanted, no command is.
    lines[-1] = lines[-1].replace('choices="$choices', '[[ -n $kind$choices ]] || choices="')
    return _filled(_BASH, found, FLAGS="\n".join(lines))


def to_zsh(found: Sequence[Command]) -> str:
    lines = []
    for one in found:
        flags = [f"{flag}:{option.help}" for option in one.options for flag in option.names]
        lines.append(f"        {_arm(one)}) flags=({' '.join(map(_zsh_word, flags))}) ;;")
    lines.append(f'        "") flags=({" ".join(GLOBAL)}) ;;')
    summaries = {one.name: one.summary for one in found}
    offered = [
        f"            {_zsh_word(f'{name}:{_summary(name, summaries)}')}" for name in names(found)
    ]
    return _filled(_ZSH, found, FLAGS="\n".join(lines), COMMANDS="\n".join(offered))


def names(found: Sequence[Command]) -> list[str]:
    """The commands and their other names."""
    return [*(one.name for one in found), *ALIASES]


def _summary(name: str, summaries: dict[str, str]) -> str:
    return summaries.get(name) or f"the same as {' '.join(ALIASES[name])}"


def _filled(script: str, found: Sequence[Command], **parts: str) -> str:
    parts["VALUES"] = "\n".join(_values(found))
    parts["WORDS"] = "\n".join(_words(found))
    text = script.replace("@COMMON\n", _COMMON)
    for key, part in parts.items():
        text = text.replace(f"@{key}", part)
    return text


def _values(found: Sequence[Command]) -> Iterator[str]:
    """What the value of each option may be: one arm for each."""
    yield '        " -t"|" --tag") kind=tags ;;'
    yield '        " -p"|" --project") kind=folders ;;'
    yield '        " -f"|" --file") kind=files ;;'
    for one in found:
        for option in one.options:
            if option.kind is not None:
                arms = "|".join(
                    f'"{name} {flag}"' for name in spellings(one) for flag in option.names
                )
                yield f"        {arms}) {_assigned(option, found)} ;;"


def _words(found: Sequence[Command]) -> Iterator[str]:
    for one in found:
        if one.words:
            yield f"            {_arm(one)}) {_assigned(one.words[0], found)} ;;"


def spellings(one: Command) -> list[str]:
    """The name of a command and its other names, also those that stand for its first word."""
    return [one.name, *(alias for alias, (name, *_rest) in ALIASES.items() if name == one.name)]


def _arm(one: Command) -> str:
    return "|".join(spellings(one))


def _assigned(option: Option, found: Sequence[Command]) -> str:
    choices = names(found) if option.kind == "commands" else option.choices
    kind = option.kind if option.kind in (*DYNAMIC, "files", "folders") else ""
    return f'kind={kind or "none"}; choices="{" ".join(choices)}"'


def _zsh_word(text: str) -> str:
    """A word of ``_describe``: quoted, with the name apart from its help."""
    name, _, help_text = text.partition(":")
    quoted = help_text.replace(":", "\\:").replace("'", "'\\''")
    return f"'{name}:{quoted}'"
