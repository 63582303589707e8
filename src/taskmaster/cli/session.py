"""From parsed arguments to an open project."""

from __future__ import annotations

import os

from taskmaster import app, config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from taskmaster.config import Project
    from taskmaster.domain.plan import Document
    from taskmaster.workspace import Workspace


def project(args: Namespace) -> Project:
    """The project the arguments or the current folder name. Raises NotFound."""
    return config.locate(os.environ, getattr(args, "project", ""), getattr(args, "file", ""))


def workspace(args: Namespace) -> Workspace:
    """The project, open for the use cases, on the tag the arguments name.

    The arguments keep it, for what is to be said of it when the command has done its work.
    """
    tag = getattr(args, "tag", "")
    opened: Workspace = app.workspace(project(args), os.environ, tag=tag, via="cli")
    args.workspace = opened
    return opened


def document(args: Namespace, found: Document) -> Document:
    """The document named from the project's root, where it lies inside, so that every checkout
    of the project calls it the same.
    """
    from dataclasses import replace

    path = os.path.relpath(os.path.realpath(found.path), os.path.realpath(project(args).root))
    return found if path.startswith(os.pardir) else replace(found, path=path.replace(os.sep, "/"))
