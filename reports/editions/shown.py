"""The editions that the pages of a plan show: remembered, since they change only with the plan's structure."""

from plans.memory import by_structure


@by_structure
def editions_of(plan):
    """Return the editions of a plan, newest first."""
    return tuple(plan.editions.for_list())


@by_structure
def current_edition_of(plan):
    """Return the current edition of a plan with its documents, as `for_panel`; None twice without one."""
    edition = plan.editions.current_of(plan)
    return edition, edition and edition.documents.for_panel()
