"""``tamp completion``"""

from __future__ import annotations

from taskmaster.cli.answer import Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = (
    "tamp completion bash > ~/.local/share/bash-completion/completions/tamp",
    "tamp completion zsh > ~/.zfunc/_tamp",
    "tamp completion fish > ~/.config/fish/completions/tamp.fish",
    "tamp completion powershell >> $PROFILE",
)
SHELLS = ("bash", "zsh", "fish", "powershell")
LEAVES = ("--tag", "--project", "--file")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))


def run(args: Namespace) -> Answer:
    from taskmaster.cli import described, moreshells, shells

    scripts = {
        "bash": shells.to_bash,
        "zsh": shells.to_zsh,
        "fish": moreshells.to_fish,
        "powershell": moreshells.to_powershell,
    }
    text = scripts[args.shell](described.commands())
    data = {"shell": args.shell, "script": text}
    return Answer("completion.v1", data, text.rstrip("\n").split("\n"))
