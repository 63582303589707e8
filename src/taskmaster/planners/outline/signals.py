"""What the words of a requirements document signal, in the languages documents come in.

Roles of sections, labels inside a requirement, phases, priorities and layers. Everything is a
search of short patterns over one title or one line, never over a whole document.
"""

from __future__ import annotations

import re
from enum import Enum


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


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_DOCUMENT = _any(
    r"product requirements? doc\w*", r"\bprd\b", r"requirements? (doc\w*|specification)\b"
)

# The first pattern that is found decides, so what is narrower stands first.
_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        Role.EXCLUDED,
        _any(
            r"\bout[- ]of[- ]scope",
            r"\bnon[- ]goals?\b",
            r"\bnot in scope",
            r"\bwon'?t have",
            r"\bappendi(x|ces)\b",
            r"\bglossary\b",
            r"\breferences?$",
            r"\btable of contents\b",
            r"^contents$",
            r"\bchange ?log\b",
            r"\brevision history\b",
            r"\bopen (questions|issues)",
            r"\brisks?\b",
            r"\bmitigations?\b",
            r"\bassumptions?\b",
            r"\bfaq\b",
            r"\bcheckpoints?\b",
            r"\bsign[- ]?off\b",
            r"\bdecisions?\b",
            r"\beffort estimation",
            r"\bfor decision\b",
            r"visualization$",
            r"\bparalleli[sz]able\b",
            r"\bcritical path\b",
            r"\bparallel (development|work)\b",
            r"\balternatives\b",
            r"\bgo[- ]to[- ]market",
            r"риск",
            r"приложение[^а-я]*$",
            r"вне рамок",
            r"не входит",
            r"глоссар",
            r"^содержание",
            r"风险",
            r"附录",
            r"范围外",
            r"不在范围",
            r"非目标",
            r"术语",
            r"^目录",
            r"参考资料",
            r"위험",
            r"리스크",
            r"부록",
            r"범위 ?외",
            r"제외",
            r"용어",
            r"가이드$",
            r"\brisques?\b",
            r"\bannexes?\b",
            r"\bhors[- ](périmètre|scope)",
            r"\bglossaire\b",
            r"\brisiken\b",
            r"\banhang\b",
            r"\bnicht im umfang\b",
            r"\bglossar\b",
            r"\briesgos\b",
            r"\bap[ée]ndice\b",
            r"\banexo\b",
            r"fuera de(l)? alcance",
            r"\briscos\b",
            r"fora d[eo] escopo",
            r"リスク",
            r"付録",
            r"対象外",
            r"用語",
        ),
    ),
    (
        Role.QUALITY,
        _any(
            r"\bnon[- ]?functional( requirements?)?",
            r"\bnfrs?\b",
            r"\bquality attributes\b",
            r"нефункциональн\w*( требовани\w*)?",
            r"非功能\w*",
            r"비기능\w*( 요구사항)?",
            r"非機能\w*",
            r"\bnon[- ]fonctionnelle?s?",
            r"\bno funcionales",
            r"\bnicht-?funktional\w*",
            r"\bnão funcionais",
        ),
    ),
    (
        Role.STORY,
        _any(
            r"\buser stor(y|ies)\b( (and|&) acceptance criteria)?",
            r"пользовательски\w+ истори\w*",
            r"用户故事",
            r"(사용자|유저) ?스토리",
            r"ユーザーストーリー",
            r"\bhistoires? utilisateurs?",
            r"\brécits utilisateurs?",
            r"\bhistorias de usuario",
            r"\bbenutzergeschichten",
        ),
    ),
    (
        Role.ORDER,
        _any(
            r"(logical )?dependency (chain|graph|order)",
            r"\b(build|implementation) order\b",
            r"\btopological\b",
            r"порядок (разработки|реализации)",
            r"цепочк\w* зависимост",
            r"依赖(关系|链|图)",
            r"(开发|实施)顺序",
            r"의존성( 체인)?",
            r"(개발|구현) 순서",
            r"chaîne de dépendances",
            r"ordre de (développement|réalisation)",
            r"依存関係",
            r"cadena de dependencias",
            r"abhängigkeiten$",
        ),
    ),
    (
        Role.PHASE,
        _any(
            r"\broad ?map\b",
            r"\bmilestones?\b",
            r"\b(project|integration|delivery) timeline\b",
            r"^timeline$",
            r"\b(implementation|development|delivery|release|project) (plan|phases)\b",
            r"\bphased? ?(plan|rollout|delivery)",
            r"^phases$",
            r"\brollout (plan|strategy)\b",
            r"\bsprint plan",
            r"дорожн\w+ карт",
            r"план (разработки|реализации|работ)",
            r"^этапы",
            r"里程碑",
            r"路线图",
            r"(开发|实施|项目)(计划|阶段)",
            r"로드맵",
            r"마일스톤",
            r"개발 ?(단계|계획|일정)",
            r"feuille de route",
            r"\bjalons\b",
            r"hoja de ruta",
            r"\bmeilensteine?\b",
            r"ロードマップ",
            r"開発計画",
            r"マイルストーン",
            r"\broteiro\b",
            r"\bfahrplan\b",
        ),
    ),
    (
        Role.DESIGN,
        _any(
            r"\b(data|infrastructure|technical|system|hardware) requirements?\b",
            r"数据(需求|要求)",
            r"\barchitecture\b",
            r"\btechnical (considerations|specifications?|details)\b",
            r"\bdata (model|schema)",
            r"\bapi (design|spec)",
            r"\brepository structure\b",
            r"архитектур",
            r"架构",
            r"아키텍처",
            r"アーキテクチャ",
            r"\barchitektur\b",
            r"\barquitectura\b",
            r"структур\w+ (проекта|каталогов)",
            r"프로젝트 구조",
            r"인프라",
            r"инфраструктур",
            r"基础设施",
            r"structural (nodes|decomposition)",
            r"\bmodule definitions\b",
        ),
    ),
    (
        Role.FEATURE,
        _any(
            r"\b(core|key|main|detailed|functional|product)? ?features?\b",
            r"\brequirements?\b",
            r"\bfunctional (decomposition|requirements?|nodes|use cases?|scope)",
            r"\bcapabilit(y|ies)\b",
            r"\buse cases?\b",
            r"^(in )?scope$",
            r"\bdeliverables\b",
            r"\bbacklog\b",
            r"\bepics?\b",
            r"^tasks?( list)?$",
            r"^to-?dos?$",
            r"\bmust[- ]haves?$",
            r"\bfunctionality\b",
            r"\b(основные |ключевые )?функци\w+",
            r"требовани\w+",
            r"^возможности",
            r"^задачи",
            r"功能(需求|要求|模块)?",
            r"需求$",
            r"核心功能",
            r"^任务",
            r"(핵심|주요)? ?기능( 요구사항)?",
            r"요구 ?사항",
            r"機能(要件)?",
            r"要件$",
            r"\bfonctionnalités?\b",
            r"\bexigences?\b",
            r"\bfuncionalidad\w*",
            r"\brequisitos?\b",
            r"\bfunktionen\b",
            r"\b(funktionale )?anforderungen\b",
            r"\bfuncionalidades\b",
        ),
    ),
    (
        Role.TESTING,
        _any(
            r"\btest(ing|s)?( (strategy|plan|approach|pyramid|scenarios))?\b",
            r"\bqa\b",
            r"тестирован\w*",
            r"测试\w*",
            r"테스트( 전략)?",
            r"テスト\w*",
            r"\bplan de tests?\b",
        ),
    ),
    (
        Role.ASIDE,
        _any(
            r"\boverview\b",
            r"\bintroduction\b",
            r"\bbackground\b",
            r"\bsummary\b",
            r"\bvision\b",
            r"\bmission\b",
            r"\bproblems?\b",
            r"\bgoals?\b",
            r"\bobjectives?\b",
            r"\boutcomes?\b",
            r"\bpersonas?\b",
            r"\buser (experience|flows?|journeys?)\b",
            r"\bui/ux\b",
            r"\bux\b",
            r"\bmetrics\b",
            r"\bkpis?\b",
            r"\bstakeholders?\b",
            r"\btarget (users?|audience|market)",
            r"\bvalue propositions?\b",
            r"\bbusiness\b",
            r"\bpricing\b",
            r"\bcompetit",
            r"\bbudget\b",
            r"\bconstraints?\b",
            r"\b(technology|tech) stack\b",
            r"\bprinciples\b",
            r"\bnotes?\b",
            r"\bdevelopment (process|environment)",
            r"\bcontext\b",
            r"\bexamples?\b",
            r"\bpurpose\b",
            r"\bedges\b",
            r"^timeline",
            r"\bwhy\b",
            r"\bimpact\b",
            r"\bevidence\b",
            r"\btips\b",
            r"обзор",
            r"введение",
            r"цел[ьи]\b",
            r"персон",
            r"видение",
            r"проблем",
            r"метрик",
            r"опыт пользовател",
            r"ограничени",
            r"стек технологий",
            r"контекст",
            r"目标",
            r"概述",
            r"背景",
            r"简介",
            r"愿景",
            r"用户画像",
            r"技术栈",
            r"指标",
            r"约束",
            r"개요",
            r"목표",
            r"배경",
            r"비전",
            r"페르소나",
            r"기술 ?스택",
            r"사용자 (경험|플로우)",
            r"지표$",
            r"\baperçu\b",
            r"\bobjectifs?\b",
            r"\bcontexte\b",
            r"\bexpérience utilisateur",
            r"\bprésentation\b",
            r"\bresumen\b",
            r"\bobjetivos?\b",
            r"\bcontexto\b",
            r"\bvisión\b",
            r"\bvisão\b",
            r"\büberblick\b",
            r"\bziele?\b",
            r"\beinleitung\b",
            r"概要",
            r"目的",
            r"背景",
        ),
    ),
    (
        Role.DESIGN,
        _any(
            r"\btechnical\b",
            r"\bcomponents?\b",
            r"\bapis?\b",
            r"\binfrastructure\b",
            r"\bdatabase\b",
            r"\bdata\b",
            r"\bintegrations?\b",
            r"\bstructure\b",
            r"\bschema\b",
            r"\bmigration\b",
            r"\bdesign\b",
            r"\bconfiguration\b",
            r"компонент",
            r"инфраструктур",
            r"데이터",
        ),
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
        _any(
            r"acceptance( criteria| tests?)?",
            r"success criteria",
            r"(exit |completion )?criteria",
            r"(exact )?conditions for success.*",
            r"definition of done",
            r"done when",
            r"\buac\b",
            r"validation( checkpoint| criteria)?",
            r"exit( criteria)?",
            r"критери\w+( при[её]мки| успеха| готовности)?",
            r"验收(标准|条件)",
            r"완료 조건",
            r"(인수|수용|성공) (조건|기준)",
            r"受け入れ(条件|基準)",
            r"crit[èe]res? (de succès|d.acceptation)",
            r"criterios? de (aceptación|éxito)",
            r"akzeptanzkriterien",
            r"critérios de aceitação",
        ),
    ),
    (
        Label.STEPS,
        _any(
            r"(sub)?tasks?( breakdown( hints?)?)?",
            r"steps",
            r"deliverables?",
            r"(potential )?scope( of .*)?",
            r"sub-?features?",
            r"work items?",
            r"implementation( steps)?",
            r"includes?",
            r"features",
            r"этапы",
            r"задачи",
            r"состав",
            r"任务",
            r"步骤",
            r"작업",
            r"범위",
            r"단계",
            r"タスク",
            r"手順",
            r"tâches",
            r"livrables",
            r"périmètre",
            r"tareas",
            r"entregables",
            r"aufgaben",
            r"schritte",
        ),
    ),
    (
        Label.REQUIRED_BY,
        _any(r"required by", r"needed by", r"blocks", r"unblocks", r"блокирует", r"被依赖"),
    ),
    (
        Label.DEPENDS,
        _any(
            r"depend(s|encies|ency|ent)?( on)?",
            r"prerequisites?",
            r"requires?",
            r"blocked by",
            r"builds? (up)?on",
            r"after",
            r"зависит( от)?",
            r"зависимости",
            r"依赖(于)?",
            r"前置(条件|任务)?",
            r"의존(성)?",
            r"선행( 작업)?",
            r"dépend(ances?)?( de)?",
            r"prérequis",
            r"depende de",
            r"dependencias",
            r"abhängig(keiten)?( von)?",
            r"voraussetzung(en)?",
            r"依存(関係)?",
            r"entry( criteria)?",
        ),
    ),
    (
        Label.PRIORITY,
        _any(
            r"priority",
            r"importance level",
            r"приоритет",
            r"优先级",
            r"우선순위",
            r"優先度",
            r"priorité",
            r"prioridade?",
            r"priorität",
            r"moscow",
            r"severity",
        ),
    ),
    (
        Label.TESTS,
        _any(
            r"test(s|ing)?( strategy| plan| cases| scenarios)?",
            r"verification",
            r"how to (test|verify)",
            r"тесты?",
            r"测试",
            r"테스트",
            r"テスト",
            r"pruebas",
        ),
    ),
    (
        Label.WHAT,
        _any(
            r"what( it does)?",
            r"description",
            r"summary",
            r"goal",
            r"objective",
            r"responsibility",
            r"purpose",
            r"user story",
            r"что( это)?",
            r"описание",
            r"цель",
            r"描述",
            r"说明",
            r"설명",
            r"목표",
            r"説明",
            r"fonction",
            r"description",
            r"objectif",
            r"descripción",
            r"objetivo",
            r"beschreibung",
            r"ziel",
            r"descrição",
        ),
    ),
    (
        Label.DETAIL,
        _any(
            r"why.*",
            r"how( it works)?",
            r"inputs?",
            r"outputs?",
            r"behaviou?r",
            r"rationale",
            r"reason",
            r"owner",
            r"complexity",
            r"effort",
            r"estimate[ds]?( effort)?",
            r"total effort",
            r"duration",
            r"timeline",
            r"delivers",
            r"deliverable",
            r"notes?",
            r"trade-?offs",
            r"exports?",
            r"file structure",
            r"maps to.*",
            r"reference[s]?",
            r"technical spec\w+",
            r"user sees",
            r"data/input.*",
            r"example[s]?",
            r"impact",
            r"likelihood",
            r"mitigation",
            r"зачем",
            r"как",
            r"почему",
            r"为什么",
            r"如何",
            r"왜",
            r"방법",
            r"importance",
            r"fonctionnement",
            r"pourquoi",
            r"comment",
            r"durée",
            r"responsable",
            r"warum",
            r"wie",
            r"por qué",
            r"cómo",
            r"status",
            r"size",
            r"value",
            r"actors?",
        ),
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


_PHASE = re.compile(
    r"(?:\b(?:phase|stage|milestone|sprint|iteration|release|wave|étape|etapa|fase|этап|фаза|спринт)"
    r"[ \t]*(?P<a>\d{1,3})"
    r"|第[ ]?(?P<b>[\d一二三四五六七八九十]{1,3})[ ]?(?:阶段|期|フェーズ)"
    r"|(?P<c>\d{1,3})[ ]?(?:단계|차)|(?:阶段|フェーズ)[ ]?(?P<d>\d{1,3})|\bM(?P<e>\d{1,3})\b|\bv(?P<f>\d)\b)",
    re.IGNORECASE,
)
_PHASE_WORD = _any(
    r"\bmvp\b",
    r"\bphase\b",
    r"\bfuture\b",
    r"\blater\b",
    r"\bfoundation",
    r"\blayer\b",
    r"\blaunch\b",
    r"\balpha\b",
    r"\bbeta\b",
    r"\bv\d",
    r"этап",
    r"фундамент",
    r"阶段",
    r"단계",
    r"\bfondation",
    r"\bnow\b",
    r"\bnext\b",
)
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
        _any(
            r"\bp[2345]\b",
            r"\blow( priority)?$",
            r"\bnice[- ]to[- ]have",
            r"\bcould\b",
            r"\boptional(ly)?\b",
            r"\bfuture\b",
            r"\blater\b",
            r"\bstretch\b",
            r"\bwon'?t\b",
            r"желательн",
            r"опциональн",
            r"низк",
            r"можно",
            r"可选",
            r"^低$",
            r"低优先",
            r"선택",
            r"낮음",
            r"선택적",
            r"\bfacultatif",
            r"\boptionnel",
            r"\bfaible\b",
            r"^baja$",
            r"\bopcional",
            r"^niedrig$",
            r"\bkann\b",
            r"^baixa$",
            r"任意",
        ),
    ),
    (
        "high",
        _any(
            r"\bp0\b",
            r"\bmust([- ]haves?)?\b",
            r"\bcritical\b",
            r"\bhigh( priority)?$",
            r"\bhighest\b",
            r"\bessential\b",
            r"\burgent\b",
            r"\bblocker\b",
            r"\bmvp\b",
            r"обязательн",
            r"критич",
            r"высок",
            r"должн",
            r"必须",
            r"关键",
            r"^高$",
            r"高优先",
            r"필수",
            r"높음",
            r"중요",
            r"\bindispensable",
            r"\bcritique\b",
            r"\bhaute?\b",
            r"\bélevée?\b",
            r"\bcrítico",
            r"^alta$",
            r"\bdebe\b",
            r"^hoch$",
            r"\bmuss\b",
            r"必須",
            r"\bobrigatóri",
        ),
    ),
    (
        "medium",
        _any(
            r"\bp1\b",
            r"\bshould([- ]haves?)?\b",
            r"\bmedium\b",
            r"\bnormal\b",
            r"\bimportant\b",
            r"средн",
            r"следует",
            r"^中$",
            r"应该",
            r"보통",
            r"중간",
            r"\bmoyenne?\b",
            r"^media$",
            r"^mittel$",
            r"\bsoll\b",
            r"^média$",
        ),
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
        _any(
            r"\bdeploy",
            r"\brollout\b",
            r"\blaunch\b",
            r"\brelease\b",
            r"\bpackag",
            r"\bbeta users\b",
            r"развёртыван",
            r"деплой",
            r"пакетинг",
            r"部署",
            r"上线",
            r"배포",
            r"déploiement",
            r"despliegue",
            r"デプロイ",
        ),
    ),
    (
        4,
        _any(
            r"\b(unit|integration|e2e|end-to-end|regression|load|stress|acceptance|\w+ and) tests?\b",
            r"\btesting\b",
            r"\b(add|write|run)\b.{0,30}\btests?\b",
            r"^tests\b",
            r"\btests$",
            r"\bdocumentation\b(?! (generation|validation))",
            r"\bqa\b",
            r"\bbug ?fix",
            r"тест",
            r"документац",
            r"测试",
            r"文档",
            r"테스트",
            r"문서",
            r"テスト",
            r"\bpruebas\b",
        ),
    ),
    (
        3,
        _any(
            r"\bpolish",
            r"\boptimi[sz]ation",
            r"\boptimi[sz]e",
            r"\bperformance\b",
            r"\bhardening\b",
            r"\brefine",
            r"\baccessib",
            r"\bnon-functional",
            r"оптимизац",
            r"优化",
            r"최적화",
            r"고도화",
            r"optimisation",
            r"最適化",
        ),
    ),
    (
        0,
        _any(
            r"\b(project|repo(sitory)?|server|basic|initial|environment|infrastructure|dev(elopment)?) (set-?up|scaffold\w*|skeleton|bootstrap)",
            r"\bset(ting)? up (the )?(project|repo|environment|infrastructure)",
            r"\bscaffold",
            r"\bbootstrap\b",
            r"^setup\b",
            r"\bsetup infrastructure",
            r"фундамент",
            r"инициализац",
            r"프로젝트 (설정|셋업)",
            r"프로젝트 셋업",
            r"项目(初始化|搭建)",
            r"мise en place",
            r"\bskeleton\b",
        ),
    ),
    (
        1,
        _any(
            r"\bfoundation",
            r"\bdatabase\b",
            r"\bschema\b",
            r"\bdata (models?|layer|storage)\b",
            r"\binfrastructure\b",
            r"\bmigrations?\b",
            r"^config",
            r"\bconfig(uration)? (file|schema|loading|pars\w+|discovery|management|system)\b",
            r"\bcore types\b",
            r"\bbase types\b",
            r"\bstorage\b",
            r"\bevent loop\b",
            r"\blogging\b",
            r"баз[аы] данных",
            r"схем",
            r"数据(库|模型)",
            r"数据(收集|获取)",
            r"데이터(베이스| 모델)",
            r"인프라",
            r"base de données",
            r"データベース",
            r"디자인 시스템",
        ),
    ),
)
FEATURE_LAYER = 2


def layer_of(title: str) -> int:
    """0 scaffolding, 1 foundations, 2 features, 3 polish, 4 tests and documents, 5 delivery."""
    for layer, pattern in _LAYERS:
        if pattern.search(title):
            return layer
    return FEATURE_LAYER
