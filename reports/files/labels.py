"""The headings and labels of the documents."""

from django.utils.translation import gettext as _


def labels():
    """Return the headings and labels of the templates by name, in the active language."""
    return {
        "contents": _("Contents"),
        "foreword": _("Foreword"),
        "key_results": _("Key results"),
        "decisions": _("Decisions asked for"),
        "glance": _("The whole plan at a glance"),
        "legend": _(
            "Each block is one deliverable. Full: attained. Half: in progress. Empty: not developed."
            " Pale: no status yet."
        ),
        "skyline": _(
            "Each column is one measure, each block one deliverable. Full blocks are attained, half blocks in progress,"
            " crossed blocks not developed."
        ),
        "planned": _("Attained and planned"),
        "measure": _("Measure"),
        "deliverable": _("Deliverable"),
        "evidence": _("Evidence:"),
        "next_step": _("Next:"),
        "deliverables": _("Outcomes and deliverables"),
        "status": _("Status"),
        "theme": _("Theme"),
        "counts": _("Deliverables by status"),
        "themes": _("Across the plan"),
        "regions": _("By region"),
        "region": _("Region"),
        "date": _("Date"),
        "goals": _("Sustainable Development Goals served"),
        "next": _("Next steps"),
        "withdrawn": _("Withdrawn, not included in the totals"),
        "missing": _("Missing information"),
        "evidence_files": _("Files of evidence"),
        "sha256": _("Size and SHA-256"),
        "before": _("Before"),
        "now": _("Now"),
        "page": _("Page"),
        "of": _("of"),
        "about": _("About this report"),
        "method": _("How we count"),
        "method_text": _(
            "A deliverable is attained when it exists and can be checked, in progress when work on it has begun, and"
            " not developed when nothing has come of it so far."
        ),
        "this_edition": _("This document"),
        "check": _("Check that this report is genuine"),
        "check_text": _(
            "Scan the code or open the address. The page says which edition this is and whether there is a newer one."
        ),
        "verify": _("Check that this file is the published one:"),
        "none": _("No deliverables to show."),
    }
