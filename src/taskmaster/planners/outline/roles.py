"""What the sections of a requirements document are for, told by their headings.

The patterns search one heading at a time, in the languages documents come in.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from taskmaster.planners.outline.signals import any_of

if TYPE_CHECKING:
    import re


class Role(Enum):
    """What a section is for. NONE and DESIGN are context unless a document has nothing else."""

    NONE = "none"
    ASIDE = "aside"  # an introduction: what stands inside may still be work
    EXCLUDED = "excluded"  # never work, whatever stands inside
    FEATURE = "feature"
    STORY = "story"
    PHASE = "phase"
    ORDER = "order"
    QUALITY = "quality"
    TESTING = "testing"
    DESIGN = "design"


WORK = frozenset({Role.FEATURE, Role.STORY, Role.PHASE, Role.ORDER, Role.QUALITY, Role.TESTING})


_DOCUMENT = any_of(r"""
    product requirements? doc\w*  \bprd\b  requirements? (doc\w*|specification)\b
""")

# The first pattern that is found decides, so what is narrower stands first.
_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        Role.EXCLUDED,
        any_of(r"""
            \bout[- ]of[- ]scope  \bnon[- ]goals?\b  \bnot in scope  \bwon'?t have
            \bappendi(x|ces)\b  \bglossary\b  \breferences?$  \btable of contents\b  ^contents$
            \bchange ?log\b  \brevision history\b  \bopen (questions|issues)  \brisks?\b
            \bmitigations?\b  \bassumptions?\b  \bfaq\b  \bcheckpoints?\b  \bsign[- ]?off\b
            \bdecisions?\b  \beffort estimation  \bfor decision\b  visualization$
            \bparalleli[sz]able\b  \bcritical path\b  \bparallel (development|work)\b
            \balternatives\b  \bgo[- ]to[- ]market  риск  приложение\W*$  вне рамок  не входит
            глоссар  ^содержание  风险  附录  范围外  不在范围  非目标  术语  ^目录  参考资料
            위험  리스크  부록  범위 ?외  제외  용어  가이드$  \brisques?\b  \bannexes?\b
            \bhors[- ](périmètre|scope)  \bglossaire\b  \brisiken\b  \banhang\b
            \bnicht im umfang\b  \bglossar\b  \briesgos\b  \bap[ée]ndice\b  \banexo\b
            fuera de(l)? alcance  \briscos\b  fora d[eo] escopo  リスク  付録  対象外  用語
        """),
    ),
    (
        Role.QUALITY,
        any_of(r"""
            \bnon[- ]?functional( requirements?)?  \bnfrs?\b  \bquality attributes\b
            нефункциональн\w*( требовани\w*)?  非功能\w*  비기능\w*( 요구사항)?  非機能\w*
            \bnon[- ]fonctionnelle?s?  \bno funcionales  \bnicht-?funktional\w*  \bnão funcionais
        """),
    ),
    (
        Role.STORY,
        any_of(r"""
            \buser stor(y|ies)\b( (and|&) acceptance criteria)?  пользовательски\w+ истори\w*
            用户故事  (사용자|유저) ?스토리  ユーザーストーリー  \bhistoires? utilisateurs?
            \brécits utilisateurs?  \bhistorias de usuario  \bbenutzergeschichten
        """),
    ),
    (
        Role.ORDER,
        any_of(r"""
            (logical )?dependency (chain|graph|order)  \b(build|implementation) order\b
            \btopological\b  порядок (разработки|реализации)  цепочк\w* зависимост
            依赖(关系|链|图)  (开发|实施)顺序  의존성( 체인)?  (개발|구현) 순서
            chaîne de dépendances  ordre de (développement|réalisation)  依存関係
            cadena de dependencias  abhängigkeiten$
        """),
    ),
    (
        Role.PHASE,
        any_of(r"""
            \broad ?map\b  \bmilestones?\b  \b(project|integration|delivery) timeline\b
            ^timeline$  \b(implementation|development|delivery|release|project) (plan|phases)\b
            \bphased? ?(plan|rollout|delivery)  ^phases$  \brollout (plan|strategy)\b
            \bsprint plan  дорожн\w+ карт  план (разработки|реализации|работ)  ^этапы  里程碑
            路线图  (开发|实施|项目)(计划|阶段)  로드맵  마일스톤  개발 ?(단계|계획|일정)
            feuille de route  \bjalons\b  hoja de ruta  \bmeilensteine?\b  ロードマップ  開発計画
            マイルストーン  \broteiro\b  \bfahrplan\b
        """),
    ),
    (
        Role.DESIGN,
        any_of(r"""
            \b(data|infrastructure|technical|system|hardware) requirements?\b  数据(需求|要求)
            \barchitecture\b  \btechnical (considerations|specifications?|details)\b
            \bdata (model|schema)  \bapi (design|spec)  \brepository structure\b  архитектур  架构
            아키텍처  アーキテクチャ  \barchitektur\b  \barquitectura\b
            структур\w+ (проекта|каталогов)  프로젝트 구조  인프라  инфраструктур  基础设施
            structural (nodes|decomposition)  \bmodule definitions\b
        """),
    ),
    (
        Role.FEATURE,
        any_of(r"""
            \b(core|key|main|detailed|functional|product)? ?features?\b  \brequirements?\b
            \bfunctional (decomposition|requirements?|nodes|use cases?|scope)
            \bcapabilit(y|ies)\b  \buse cases?\b  ^(in )?scope$  \bdeliverables\b  \bbacklog\b
            \bepics?\b  ^tasks?( list)?$  ^to-?dos?$  \bmust[- ]haves?$  \bfunctionality\b
            \b(основные |ключевые )?функци\w+  требовани\w+  ^возможности  ^задачи
            功能(需求|要求|模块)?  需求$  核心功能  ^任务  (핵심|주요)? ?기능( 요구사항)?
            요구 ?사항  機能(要件)?  要件$  \bfonctionnalités?\b  \bexigences?\b
            \bfuncionalidad\w*  \brequisitos?\b  \bfunktionen\b  \b(funktionale )?anforderungen\b
            \bfuncionalidades\b
        """),
    ),
    (
        Role.TESTING,
        any_of(r"""
            \btest(ing|s)?( (strategy|plan|approach|pyramid|scenarios))?\b  \bqa\b  тестирован\w*
            测试\w*  테스트( 전략)?  テスト\w*  \bplan de tests?\b
        """),
    ),
    (
        Role.ASIDE,
        any_of(r"""
            \boverview\b  \bintroduction\b  \bbackground\b  \bsummary\b  \bvision\b  \bmission\b
            \bproblems?\b  \bgoals?\b  \bobjectives?\b  \boutcomes?\b  \bpersonas?\b
            \buser (experience|flows?|journeys?)\b  \bui/ux\b  \bux\b  \bmetrics\b  \bkpis?\b
            \bstakeholders?\b  \btarget (users?|audience|market)  \bvalue propositions?\b
            \bbusiness\b  \bpricing\b  \bcompetit  \bbudget\b  \bconstraints?\b
            \b(technology|tech) stack\b  \bprinciples\b  \bnotes?\b
            \bdevelopment (process|environment)  \bcontext\b  \bexamples?\b  \bpurpose\b
            \bedges\b  ^timeline  \bwhy\b  \bimpact\b  \bevidence\b  \btips\b  обзор  введение
            цел[ьи]\b  персон  видение  проблем  метрик  опыт пользовател  ограничени
            стек технологий  контекст  目标  概述  背景  简介  愿景  用户画像  技术栈  指标  约束
            개요  목표  배경  비전  페르소나  기술 ?스택  사용자 (경험|플로우)  지표$  \baperçu\b
            \bobjectifs?\b  \bcontexte\b  \bexpérience utilisateur  \bprésentation\b  \bresumen\b
            \bobjetivos?\b  \bcontexto\b  \bvisión\b  \bvisão\b  \büberblick\b  \bziele?\b
            \beinleitung\b  概要  目的  背景
        """),
    ),
    (
        Role.DESIGN,
        any_of(r"""
            \btechnical\b  \bcomponents?\b  \bapis?\b  \binfrastructure\b  \bdatabase\b  \bdata\b
            \bintegrations?\b  \bstructure\b  \bschema\b  \bmigration\b  \bdesign\b
            \bconfiguration\b  компонент  инфраструктур  데이터
        """),
    ),
)

# Inside work a title only changes the role when most of it says so: "Social Features" in a
# roadmap is a phase, "Functional Requirements" in "Requirements" is a group.
_MOSTLY = 0.6
_OVERRIDES = {
    Role.FEATURE: frozenset(Role) - {Role.FEATURE, Role.NONE, Role.DESIGN},
    Role.STORY: frozenset({Role.EXCLUDED}),
    Role.PHASE: frozenset({Role.EXCLUDED, Role.ORDER, Role.ASIDE}),
    Role.ORDER: frozenset({Role.EXCLUDED}),
    Role.QUALITY: frozenset({Role.EXCLUDED}),
    Role.TESTING: frozenset({Role.EXCLUDED}),
}

_STRICT = WORK | {Role.DESIGN}


def is_document_title(title: str) -> bool:
    """Whether the title only says that this is a requirements document."""
    return bool(_DOCUMENT.search(title))


def role_of(title: str, parent: Role) -> Role:
    """The role of a section called ``title`` inside a section of role ``parent``."""
    if parent is Role.EXCLUDED or is_document_title(title):
        return parent
    for role, pattern in _ROLES:
        if not pattern.search(title):
            continue
        if parent in WORK and role not in _OVERRIDES[parent]:
            continue
        if (parent in _STRICT or role is Role.TESTING) and not _covers(pattern, title):
            continue
        return role
    return parent


def _covers(pattern: re.Pattern[str], title: str) -> bool:
    letters = sum(char.isalpha() for char in title)
    found = sum(sum(c.isalpha() for c in match[0]) for match in pattern.finditer(title))
    return found >= letters * _MOSTLY
