"""What a label inside a requirement announces: ``Acceptance criteria:``, ``Depends on:``."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from taskmaster.planners.outline.signals import any_of

if TYPE_CHECKING:
    import re


class Label(Enum):
    """What the text behind a label inside a requirement says about it."""

    WHAT = "what"
    ACCEPTANCE = "acceptance"
    STEPS = "steps"
    DEPENDS = "depends"
    REQUIRED_BY = "required by"
    PRIORITY = "priority"
    TESTS = "tests"
    DETAIL = "detail"


_LABELS: tuple[tuple[Label, re.Pattern[str]], ...] = (
    (
        Label.ACCEPTANCE,
        any_of(r"""
            acceptance( criteria| tests?)?  success criteria  (exit |completion )?criteria
            (exact )?conditions for success.*  definition of done  done when  \buac\b
            validation( checkpoint| criteria)?  exit( criteria)?
            критери\w+( при[её]мки| успеха| готовности)?  验收(标准|条件)  완료 조건
            (인수|수용|성공) (조건|기준)  受け入れ(条件|基準)
            crit[èe]res? (de succès|d.acceptation)  criterios? de (aceptación|éxito)
            akzeptanzkriterien  critérios de aceitação
        """),
    ),
    (
        Label.STEPS,
        any_of(r"""
            (sub)?tasks?( breakdown( hints?)?)?  steps  deliverables?  (potential )?scope( of .*)?
            sub-?features?  work items?  implementation( steps)?  includes?  features  этапы
            задачи  состав  任务  步骤  작업  범위  단계  タスク  手順  tâches  livrables
            périmètre  tareas  entregables  aufgaben  schritte
        """),
    ),
    (
        Label.REQUIRED_BY,
        any_of(r"""
            required by  needed by  blocks  unblocks  блокирует  被依赖
        """),
    ),
    (
        Label.DEPENDS,
        any_of(r"""
            depend(s|encies|ency|ent)?( on)?  prerequisites?  requires?  blocked by
            builds? (up)?on  after  зависит( от)?  зависимости  依赖(于)?  前置(条件|任务)?
            의존(성)?  선행( 작업)?  dépend(ances?)?( de)?  prérequis  depende de  dependencias
            abhängig(keiten)?( von)?  voraussetzung(en)?  依存(関係)?  entry( criteria)?
        """),
    ),
    (
        Label.PRIORITY,
        any_of(r"""
            priority  importance level  приоритет  优先级  우선순위  優先度  priorité  prioridade?
            priorität  moscow  severity
        """),
    ),
    (
        Label.TESTS,
        any_of(r"""
            test(s|ing)?( strategy| plan| cases| scenarios)?  verification  how to (test|verify)
            тесты?  测试  테스트  テスト  pruebas
        """),
    ),
    (
        Label.WHAT,
        any_of(r"""
            what( it does)?  description  summary  goal  objective  responsibility  purpose
            user story  что( это)?  описание  цель  描述  说明  설명  목표  説明  fonction
            description  objectif  descripción  objetivo  beschreibung  ziel  descrição
        """),
    ),
    (
        Label.DETAIL,
        any_of(r"""
            why.*  how( it works)?  inputs?  outputs?  behaviou?r  rationale  reason  owner
            complexity  effort  estimate[ds]?( effort)?  total effort  duration  timeline
            delivers  deliverable  notes?  trade-?offs  exports  file structure  maps to.*
            reference[s]?  technical spec\w+  user sees  data/input.*  example[s]?  impact
            likelihood  mitigation  зачем  как  почему  为什么  如何  왜  방법  importance
            fonctionnement  pourquoi  comment  durée  responsable  warum  wie  por qué  cómo
            status  size  value  actors?
        """),
    ),
)


def label_of(text: str) -> Label | None:
    """What the label ``text`` (without its colon) announces; None for an ordinary title."""
    bare = text.strip().strip("*_:： ")
    if len(bare) > 40:
        return None
    for label, pattern in _LABELS:
        found = pattern.match(bare)
        if found and not bare[found.end() :].strip(" ()"):
            return label
    return None
