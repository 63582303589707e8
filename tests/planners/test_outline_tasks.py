"""What a plan made from the structure of a document looks like."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from taskmaster.domain.plan import Document, Draft, Plan
from taskmaster.errors import Invalid
from taskmaster.planners.documents import read_document
from taskmaster.planners.outline.planner import OutlinePlanner

EXAMPLE = Path(__file__).parents[2] / "examples" / "prd.md"


def plan_of(text: str, num_tasks: int = 0) -> Plan:
    return OutlinePlanner().propose(Document("prd.md", dedent(text)), num_tasks=num_tasks)


def titled(plan: Plan, part: str) -> Draft:
    [found] = [draft for draft in plan.drafts if part.lower() in draft.title.lower()]
    return found


def names_before(plan: Plan, draft: Draft) -> set[str]:
    return {plan.drafts[number - 1].title for number in draft.after}


TEA_SHOP = """
    # Tea shop

    ## Overview
    We sell tea and want to sell more of it.

    ## Features

    ### FR-1: Product List
    Shows every tea with its price.
    - Load the teas
    - Sort the teas by name

    ### FR-2: Shopping Basket
    Priority: P0

    Collects teas. Depends on FR-1.

    **Acceptance criteria:**
    - A tea can be added twice
    - The basket survives a restart

    ### FR-3: Gift Wrapping (nice to have)
    Wraps what FR-2 holds.

    ## Out of scope
    - Coffee
"""


def test_a_noun_becomes_a_title_that_reads_like_a_task() -> None:
    assert [draft.title for draft in plan_of(TEA_SHOP).drafts] == [
        "Implement product list",
        "Implement shopping basket",
        "Implement gift wrapping (nice to have)",
    ]


def test_a_title_that_opens_with_a_verb_is_kept() -> None:
    plan = plan_of("# Features\n- Add new teas to the list\n- Sort teas by name\n")
    assert [draft.title for draft in plan.drafts] == [
        "Add new teas to the list",
        "Sort teas by name",
    ]


def test_names_keep_their_capitals_inside_a_title() -> None:
    plan = plan_of("# Features\n## Mollie Payment Handling\nIt is paid with Mollie for the tea.\n")
    assert plan.drafts[0].title == "Implement Mollie payment handling"


def test_a_requirement_id_becomes_an_explicit_dependency() -> None:
    plan = plan_of(TEA_SHOP)
    assert names_before(plan, titled(plan, "basket")) == {titled(plan, "product list").title}


def test_a_mention_of_an_earlier_requirement_is_a_dependency_too() -> None:
    plan = plan_of(TEA_SHOP)
    assert names_before(plan, titled(plan, "gift")) == {titled(plan, "basket").title}


def test_a_dependency_that_follows_from_another_is_left_out() -> None:
    plan = plan_of("""
        # Requirements
        ## FR-1: Alpha parser
        ## FR-2: Beta printer
        Depends on FR-1.
        ## FR-3: Gamma viewer
        Depends on FR-1 and FR-2.
    """)
    assert plan.drafts[2].after == (2,)


def test_dependencies_that_run_in_a_circle_are_left_out_and_noted() -> None:
    plan = plan_of("""
        # Requirements
        ## FR-1: Alpha parser
        Depends on FR-2.
        ## FR-2: Beta printer
        Depends on FR-1.
    """)
    assert sum(len(draft.after) for draft in plan.drafts) == 1
    assert "circle" in plan.notes[0]


def test_bullets_become_subtasks() -> None:
    steps = titled(plan_of(TEA_SHOP), "product list").steps
    assert [step.title for step in steps] == ["Load the teas", "Sort the teas by name"]


def test_acceptance_criteria_are_kept_apart_from_subtasks() -> None:
    basket = titled(plan_of(TEA_SHOP), "basket")
    assert basket.acceptance == ("A tea can be added twice", "The basket survives a restart")
    assert basket.steps == ()


@pytest.mark.parametrize(
    ("words", "priority"),
    [
        ("P0", "high"),
        ("must", "high"),
        ("Critical", "high"),
        ("should", "medium"),
        ("P1", "medium"),
        ("could", "low"),
        ("nice to have", "low"),
        ("высокий", "high"),
        ("低", "low"),
        ("필수", "high"),
        ("élevée", "high"),
        ("niedrig", "low"),
        ("media", "medium"),
    ],
)
def test_priorities_come_from_the_words_of_the_document(words: str, priority: str) -> None:
    plan = plan_of(f"# Features\n## Tea cupboard\nPriority: {words}\n\nHolds tea.\n")
    assert plan.drafts[0].priority == priority


def test_a_group_called_must_have_gives_its_priority_to_what_it_holds() -> None:
    plan = plan_of("""
        # Requirements
        ## Must have (P0)
        - FR-1: Kettle control
        - FR-2: Water sensor
        ## Nice to have (P2)
        - FR-3: Whistle
    """)
    assert [draft.priority for draft in plan.drafts] == ["high", "high", "low"]


def test_what_is_out_of_scope_is_no_task() -> None:
    assert not [draft for draft in plan_of(TEA_SHOP).drafts if "coffee" in draft.title.lower()]


def test_risks_and_metrics_are_no_tasks() -> None:
    plan = plan_of("""
        # Features
        - Serve tea on time
        # Success metrics
        - 100 cups a day
        # Risks and mitigations
        - Burnt fingers: wear gloves
    """)
    assert [draft.title for draft in plan.drafts] == ["Serve tea on time"]


def test_code_and_tables_of_data_are_no_tasks() -> None:
    plan = plan_of("""
        # Requirements
        ## FR-1: Storage
        ```
        # Not a heading
        - not a task
        ```
        | Field | Type |
        |---|---|
        | name | text |
    """)
    assert [draft.covers for draft in plan.drafts] == [("FR-1",)]
    assert plan.drafts[0].steps == ()


def test_a_table_of_requirements_gives_a_task_per_row() -> None:
    plan = plan_of("""
        # Requirements

        | ID | Requirement | Priority | Depends on |
        |----|-------------|----------|------------|
        | R-1 | Serve green tea | Must | - |
        | R-2 | Serve black tea | Could | R-1 |
    """)
    assert [(d.title, d.priority, d.after) for d in plan.drafts] == [
        ("Serve green tea", "high", ()),
        ("Serve black tea", "low", (1,)),
    ]


def test_a_user_story_is_told_of_its_user() -> None:
    plan = plan_of("""
        # User stories
        - As a guest, I want to order my tea from the table so that I need not stand up.
        - As an owner, I want a list of my guests.
    """)
    assert [draft.title for draft in plan.drafts] == [
        "Let a guest order their tea from the table",
        "Give an owner a list of their guests",
    ]


def test_a_story_about_a_feature_is_part_of_that_feature() -> None:
    plan = plan_of("""
        # Features
        ## Table reservation
        Keeps tables free.
        ## Tea menu
        Lists the teas.
        # User stories
        As a guest, I want to make a reservation for a table, so that I can sit.
    """)
    assert len(plan.drafts) == 2
    assert "As a guest" in titled(plan, "reservation").acceptance[0]


def test_a_roadmap_gives_features_their_phase_instead_of_doubling_them() -> None:
    plan = plan_of("""
        # Features
        ## Loyalty Cards
        ## Tea Ordering
        # Roadmap
        ## Phase 1: Start
        - Tea ordering
        ## Phase 2: Growth
        - Loyalty cards
        - Newsletter signup
    """)
    assert [draft.priority for draft in plan.drafts] == ["high", "medium", "medium"]
    assert "ordering" in plan.drafts[0].title.lower()
    assert titled(plan, "loyalty").after == (1,)


def test_tasks_of_one_phase_run_side_by_side() -> None:
    plan = plan_of("""
        # Roadmap
        ## Phase 1: Base
        - Alpha parser
        - Beta printer
        - Gamma viewer
    """)
    assert [draft.after for draft in plan.drafts] == [(), (), ()]


def test_foundations_come_before_features_and_tests_last() -> None:
    plan = plan_of("""
        # Tasks
        - Write the tests
        - Build the tea timer
        - Project setup
    """)
    assert [draft.title for draft in plan.drafts] == [
        "Set up project",
        "Build the tea timer",
        "Write the tests",
    ]
    assert [draft.after for draft in plan.drafts] == [(), (1,), (2,)]


def test_an_explicit_task_list_keeps_its_dependencies_inside_a_phase() -> None:
    plan = plan_of("""
        # Implementation roadmap
        ## Phase 0: Foundation
        **Tasks**:
        - [ ] Create kettle types (depends on: none)
          - Acceptance criteria: types compile
        - [ ] Build steam valve (depends on: [kettle types])
    """)
    assert plan.drafts[1].title == "Build steam valve"
    assert plan.drafts[1].after == (1,)
    assert plan.drafts[0].acceptance == ("types compile",)


def test_a_capability_holds_its_features_as_subtasks() -> None:
    plan = plan_of("""
        <functional-decomposition>
        ## Capability Tree
        ### Capability: Brewing
        #### Feature: Heating
        - **Description**: Heats the water
        #### Feature: Pouring
        - **Description**: Pours the water
        ### Capability: Serving
        #### Feature: Tray
        - **Description**: Carries the cups
        </functional-decomposition>
    """)
    assert [len(draft.steps) for draft in plan.drafts] == [2, 1]
    assert plan.drafts[0].steps[0].description == "Heats the water"


@pytest.mark.parametrize(
    ("heading", "title", "sentence"),
    [
        ("Функции", "Каталог чая", "Показывает каждый сорт чая, чтобы гости могли выбрать."),
        ("핵심 기능", "차 목록 관리", "모든 차와 가격을 보여준다. 손님이 고를 수 있다."),
        ("功能需求", "茶叶目录管理", "显示每一种茶叶及其价格，供客人选择。"),
        ("Fonctionnalités", "Catalogue des thés", "Il montre tous les thés avec leur prix."),
        ("Funktionen", "Liste der Tees", "Sie zeigt alle Tees und ihre Preise."),
    ],
)
def test_other_languages_keep_the_words_of_the_document(
    heading: str, title: str, sentence: str
) -> None:
    plan = plan_of(f"# {heading}\n\n## {title}\n\n{sentence}\n")
    assert [(draft.title, draft.description) for draft in plan.drafts] == [(title, sentence)]


def test_passages_say_which_lines_a_task_came_from() -> None:
    plan = plan_of("# Features\n\n## Tea list\nLists teas.\n\n## Tea search\nFinds teas.\n")
    assert [(p.first, p.last) for draft in plan.drafts for p in draft.passages] == [(3, 5), (6, 7)]


def test_a_document_of_one_line_gives_one_task() -> None:
    plan = plan_of("Create a timer for tea")
    assert [draft.title for draft in plan.drafts] == ["Create a timer for tea"]


def test_a_document_without_headings_is_read_by_its_numbers() -> None:
    plan = plan_of("""\
        1. Summary
        A tea timer.
        2. Features
        2.1. Countdown display
        * Shows minutes
        2.2. Alarm sound
        * Rings loudly
    """)
    assert len(plan.drafts) == 2
    assert plan.drafts[1].steps[0].title == "Rings loudly"


@pytest.mark.parametrize("text", ["", "  \n\t\n", "\ufeff", "---\n***\n"])
def test_a_document_with_nothing_in_it_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        plan_of(text)
    assert refusal.value.code == "empty-document"
    assert refusal.value.hint


def test_a_template_that_is_not_filled_in_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        plan_of("""
            # Features
            [Describe the features of your product]
            ### Capability: [Name]
            - **Inputs**: [What it needs]
            # Roadmap
            [Describe the phases of your project]
            - [ ] [Task name] (depends on: [none or list])
            # Risks
            [Describe what can go wrong]
        """)
    assert refusal.value.code == "empty-document"
    assert "template" in refusal.value.message


def test_binary_data_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        plan_of("PK\x03\x04\x00")
    assert refusal.value.code == "unreadable-document"


@pytest.mark.parametrize("wanted", [1, 4, 8])
def test_a_smaller_number_of_tasks_still_covers_every_requirement(wanted: int) -> None:
    document = read_document(str(EXAMPLE))
    plan = OutlinePlanner().propose(document, num_tasks=wanted)
    covered = {key for draft in plan.drafts for key in draft.covers}
    assert len(plan.drafts) == wanted
    assert covered == {requirement.key for requirement in plan.requirements}
    assert any("Merged" in note for note in plan.notes)


def test_a_larger_number_of_tasks_invents_nothing() -> None:
    plan = plan_of(TEA_SHOP, num_tasks=30)
    assert len(plan.drafts) == 3
    assert "nothing was invented" in plan.notes[-1]


def test_a_long_plain_list_is_gathered_to_an_overseeable_size() -> None:
    lines = "\n".join(f"- Brew tea number {n} for guest {n * 7}" for n in range(300))
    plan = plan_of(f"# Features\n{lines}\n")
    assert len(plan.drafts) <= 40
    assert {key for draft in plan.drafts for key in draft.covers} == {
        requirement.key for requirement in plan.requirements
    }


def test_the_same_document_gives_the_same_plan() -> None:
    document = read_document(str(EXAMPLE))
    assert OutlinePlanner().propose(document) == OutlinePlanner().propose(document)


def test_the_example_gives_a_graph_that_is_no_chain() -> None:
    plan = OutlinePlanner().propose(read_document(str(EXAMPLE)))
    catalogue, loans = titled(plan, "tool catalogue"), titled(plan, "check-out and return")
    assert 10 <= len(plan.drafts) <= 16
    assert {draft.priority for draft in plan.drafts} == {"high", "medium", "low"}
    assert catalogue.title in names_before(plan, loans)
    assert sum(1 for draft in plan.drafts if catalogue.title in names_before(plan, draft)) >= 3
    assert loans.steps
    assert loans.acceptance


def test_a_dependency_named_above_a_list_is_one_and_the_list_is_not() -> None:
    text = "# Shop\n\n## Requirements\n\n### Store notes\n- Save a note\n\n"
    text += (
        "### Search\nDepends on: Store notes\n- Find notes by word\n\n### Export\n- Write a file\n"
    )
    plan = OutlinePlanner().propose(Document("prd.md", text))
    assert [draft.title for draft in plan.drafts] == [
        "Implement store notes", "Implement search", "Implement export",
    ]  # fmt: skip
    assert plan.drafts[1].after == (1,)
