"""What short texts signal about work: its phase, its priority, its layer.

Everything is a search of short patterns over one title or one line, in the languages documents
come in, and never over a whole document.
"""

from __future__ import annotations

import re

_GAP = re.compile(r"\s*\n\s*|\s{2,}")


def any_of(patterns: str) -> re.Pattern[str]:
    """One pattern that finds any of ``patterns``, which stand two spaces or a line apart."""
    return re.compile("|".join(_GAP.split(patterns.strip())), re.IGNORECASE)


_PHASE = re.compile(
    r"(?:\b(?:phase|stage|milestone|sprint|iteration|release|wave|étape|etapa|fase|этап|фаза|спринт)"
    r"[ \t]*(?P<a>\d{1,3})"
    r"|第[ ]?(?P<b>[\d一二三四五六七八九十]{1,3})[ ]?(?:阶段|期|フェーズ)"
    r"|(?P<c>\d{1,3})[ ]?(?:단계|차)"
    r"|(?:阶段|フェーズ)[ ]?(?P<d>\d{1,3})|\bM(?P<e>\d{1,3})\b|\bv(?P<f>\d)\b)",
    re.IGNORECASE,
)
_PHASE_WORD = any_of(r"""
    \bmvp\b  \bphase\b  \bfuture\b  \blater\b  \bfoundation  \blayer\b  \blaunch\b  \balpha\b
    \bbeta\b  \bv\d  этап  фундамент  阶段  단계  \bfondation  \bnow\b  \bnext\b
""")
_CHINESE_DIGITS = {char: n for n, char in enumerate("一二三四五六七八九十", 1)}


def phase_number(title: str) -> int | None:
    """The number a phase, stage or milestone gives itself."""
    found = _PHASE.search(title[:120])
    if not found:
        return None
    digits = next(group for group in found.groups() if group)
    return int(digits) if digits.isdecimal() else _CHINESE_DIGITS.get(digits[0], 1)


def is_phase(title: str) -> bool:
    """Whether ``title`` names a phase of the work."""
    return phase_number(title) is not None or bool(_PHASE_WORD.search(title[:120]))


_PRIORITIES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "low",
        any_of(r"""
            \bp[2345]\b  \blow( priority)?$  \bnice[- ]to[- ]have  \bcould\b  \boptional(ly)?\b
            \bfuture\b  \blater\b  \bstretch\b  \bwon'?t\b  желательн  опциональн  низк  можно
            可选  ^低$  低优先  선택  낮음  선택적  \bfacultatif  \boptionnel  \bfaible\b  ^baja$
            \bopcional  ^niedrig$  \bkann\b  ^baixa$  任意
        """),
    ),
    (
        "high",
        any_of(r"""
            \bp0\b  \bmust([- ]haves?)?\b  \bcritical\b  \bhigh( priority)?$  \bhighest\b
            \bessential\b  \burgent\b  \bblocker\b  \bmvp\b  обязательн  критич  высок  должн
            必须  关键  ^高$  高优先  필수  높음  중요  \bindispensable  \bcritique\b  \bhaute?\b
            \bélevée?\b  \bcrítico  ^alta$  \bdebe\b  ^hoch$  \bmuss\b  必須  \bobrigatóri
        """),
    ),
    (
        "medium",
        any_of(r"""
            \bp1\b  \bshould([- ]haves?)?\b  \bmedium\b  \bnormal\b  \bimportant\b  средн  следует
            ^中$  应该  보통  중간  \bmoyenne?\b  ^media$  ^mittel$  \bsoll\b  ^média$
        """),
    ),
)


def priority_in(text: str) -> str | None:
    """The priority that the words of a short ``text`` stand for: high, medium, low or None."""
    short = text.strip().strip("*_[]() ")[:120]
    for priority, pattern in _PRIORITIES:
        if pattern.search(short):
            return priority
    return None


_LAYERS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (
        5,
        any_of(r"""
            \bdeploy  \brollout\b  \blaunch\b  \brelease\b  \bpackag  \bbeta users\b  развёртыван
            деплой  пакетинг  部署  上线  배포  déploiement  despliegue  デプロイ
        """),
    ),
    (
        4,
        any_of(r"""
            \b(unit|integration|e2e|end-to-end|regression|load|stress|acceptance|\w+ and) tests?\b
            \btesting\b  \b(add|write|run)\b.{0,30}\btests?\b  ^tests\b  \btests$
            \bdocumentation\b(?! (generation|validation))  \bqa\b  \bbug ?fix  тест  документац
            测试  文档  테스트  문서  テスト  \bpruebas\b
        """),
    ),
    (
        3,
        any_of(r"""
            \bpolish  \boptimi[sz]ation  \boptimi[sz]e  \bperformance\b  \bhardening\b  \brefine
            \baccessib  \bnon-functional  оптимизац  优化  최적화  고도화  optimisation  最適化
        """),
    ),
    (
        0,
        any_of(r"""
            \b(project|repo(sitory)?|server|basic|initial) (set-?up|scaffold\w*|skeleton|bootstrap)
            \b(environment|infrastructure|dev(elopment)?) (set-?up|scaffold\w*|bootstrap)
            \bset(ting)? up (the )?(project|repo|environment|infrastructure)  \bscaffold
            \bbootstrap\b  ^setup\b  \bsetup infrastructure  фундамент  инициализац
            프로젝트 (설정|셋업)  프로젝트 셋업  项目(初始化|搭建)  мise en place  \bskeleton\b
        """),
    ),
    (
        1,
        any_of(r"""
            \bfoundation  \bdatabase\b  \bschema\b  \bdata (models?|layer|storage)\b
            \binfrastructure\b  \bmigrations?\b  ^config
            \bconfig(uration)? (file|schema|loading|pars\w+|discovery|management|system)\b
            \bcore types\b  \bbase types\b  \bstorage\b  \bevent loop\b  \blogging\b
            баз[аы] данных  схем  数据(库|模型)  数据(收集|获取)  데이터(베이스| 모델)  인프라
            base de données  データベース  디자인 시스템
        """),
    ),
)
FEATURE_LAYER = 2


def layer_of(title: str) -> int:
    """0 scaffolding, 1 foundations, 2 features, 3 polish, 4 tests and documents, 5 delivery."""
    for layer, pattern in _LAYERS:
        if pattern.search(title):
            return layer
    return FEATURE_LAYER
