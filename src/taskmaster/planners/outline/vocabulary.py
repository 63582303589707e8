"""English words that titles of tasks are made of."""

from __future__ import annotations

import re

VERBS = frozenset(
    """
    accept accelerate access achieve adapt add address adjust adopt aggregate alert align allow
    analyze answer apply archive assign assess assist associate attach audit authenticate authorize
    auto auto-create auto-generate automate automatically avoid backfill block book borrow
    bootstrap break bring browse build bundle cache calculate call cancel capture cap carry change
    check choose clean clear collect combine compare complete compute configure confirm connect
    construct consolidate containerize continue convert copy create customize cut debug decide
    declare define delete deliver deploy deprecate describe design detect determine develop disable
    discover display distribute document download draft edit eliminate embed emit enable encrypt
    enforce ensure establish estimate evaluate execute expand explain expose extend extract fall
    fetch fill filter find finish fix flag follow force format gate gather generate get give grant
    group hand handle help hide highlight identify implement import improve include increase index
    inform initialize input insert inspect install integrate invite issue iterate join keep launch
    lay learn let limit link list load localize lock log look maintain make manage map mark match
    measure merge migrate minimize mirror mock modify monitor move navigate notify obtain offer
    onboard open optimize orchestrate order organize override package parse pass patch pay perform
    persist pick plan play polish populate port prepare preserve prevent print prioritize process
    produce profile prompt propagate protect prototype prove provide provision publish pull purge
    push put query queue quote rank rate read rebuild receive recommend record recover redact
    redesign reduce refactor refine refresh register reject release reload remember remind remove
    rename render renew reorder replace report request require research reserve reset resolve
    respond restart restore restrict resume retain retrieve retry return reuse review revise revoke
    roll rotate route run sanitize save scaffold scale scan schedule score search secure see seed
    select send separate serve set share ship show shut sign simplify simulate sort spin split
    stabilize standardize start stop store stream strip structure submit subscribe suggest
    summarize support surface switch sync synchronize tag take tap test throttle track train
    transfer transform translate trigger truncate tune turn undo unify update upgrade upload use
    validate verify version view visualize warn watch wire wrap write
    """.split()
)
# Verbs that are as often nouns: they open a request only when an object follows them.
NOUNS_TOO = frozenset(
    """
    access address alert answer archive audit auto backup block book break bug bundle cache call
    cap change check copy cut design display document download draft edit estimate export fall
    filter fix flag follow force format gate group hand help import index input issue join launch
    lay limit link list load lock log look map mark match measure merge mirror mock monitor move
    offer order override package pass patch pay pick plan play port process produce profile prompt
    prototype pull push query queue quote rank rate read record release reload remind report
    request research reserve reset restart result return review roll rotate route run scale
    schedule score search seed send set share ship show sign sort spin split start stop store
    stream strip structure support surface switch sync tag take tap test track train transfer
    trigger turn undo update upgrade upload use version view watch wire wrap release research
    secure open
    """.split()
)
TAIL = re.compile(r" (?:with|for|of|via|by|in|on|from|to|using|at|across|per) ")
CALENDAR = frozenset(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February April June July
    August September October November December English French German Spanish Chinese Japanese
    Korean Russian
    """.split()
)
ARTICLES = frozenset(("the", "a", "an"))
OBJECT = re.compile(
    r"(?:an?|the|all|any|each|every|up|out|off|to|existing|new|at|on|in|from|for|with|its|their"
    r"|how|which|what|when)\b"
    r"|\w+s (?:as|by|in|on|from|to|with|for|across|per|at|into|and)\b"
)
BUILT = frozenset(
    """
    page pages screen screens dashboard ui interface panel form forms view views site website
    server client cli app manager parser generator handler engine module modules wizard editor
    viewer calendar board launcher plugin widget service api apis endpoint endpoints tool tools
    library adapter layer menu header footer catalogue catalog system portal uploader downloader
    scheduler pipeline planner tracker reader processor console gallery timeline inbox orchestrator
    runner mode loop bot
    """.split()
)
DEFINED = frozenset(
    "model models schema schemas types contract contracts policy policies format rules".split()
)
WRITTEN = frozenset("documentation docs readme guide guides tutorial manual handbook tests".split())
ACTIONS = {
    "optimization": "Optimize",
    "optimisation": "Optimise",
    "setup": "Set up",
    "set-up": "Set up",
    "deployment": "Deploy",
    "migration": "Migrate",
}
CARRIED_OUT = frozenset(
    """
    optimization optimisation refinement review research planning analysis audit training testing
    rollout launch submission polish refactoring evaluation interviews migration
    """.split()
)
PREPARED = frozenset(
    "mockups mockup document documents diagram diagrams plan prototype wireframes".split()
)
PARTICIPLES = {
    "finalized": "Finalize",
    "completed": "Complete",
    "defined": "Define",
    "implemented": "Implement",
    "deployed": "Deploy",
    "published": "Publish",
    "created": "Create",
    "documented": "Document",
    "tested": "Test",
    "approved": "Get approval for",
    "fixed": "Fix",
    "fixes": "Make",
}
ADVERB = re.compile(r"^(?:automatically|auto-\w+|securely|optionally|possibly|gracefully|quickly)$")
VERB_FOR = {
    "Carry out": CARRIED_OUT,
    "Prepare": PREPARED,
    "Write": WRITTEN,
    "Define": DEFINED,
}
