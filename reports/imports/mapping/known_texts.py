"""People and regions in other people's tables: which of them the tracker knows."""

import re

from django.contrib.auth import get_user_model

from reports.imports.mapping.cells import email_in
from reports.imports.mapping.heads import LEAVE_OUT, own_name

LIST = re.compile("[;,\n]")


def leave_out_unknown(fields, table, plan):
    """Leave out columns of people and regions of which the tracker knows none, unless their heads are ours."""
    for place, name in enumerate(fields):
        if name in ("responsible", "regions") and not own_name(table.heads[place]):
            known = emails() if name == "responsible" else region_names(plan)
            texts = [email_in(part.strip()) for cell in table.columns[place] for part in LIST.split(cell)]
            if not any(text.lower() in known for text in texts):
                fields[place] = LEAVE_OUT


def emails():
    return {email.lower() for email in get_user_model().objects.filter(is_active=True).values_list("email", flat=True)}


def region_names(plan):
    """Return the texts that name a region of the plan in any language, in lower case."""
    names = {text for region in plan.regions for text in (region.slug, region.name)}
    translated = plan.translations.filter(source__in=names).values_list("text", flat=True)
    return {text.lower() for text in (*names, *translated)}
