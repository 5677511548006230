"""The grid of a bulk update, as a browser opens it, fills it in and sends it."""

import re

from lxml import html

from deliverables.models import StatusUpdate

LIST = "/plans/2018-2020/deliverables/"
BULK = LIST + "bulk/"
RECORD = BULK + "record/"
CODES = ["L1M1D1", "L1M1D2", "L2M5D1"]  # attained, not developed, in progress
MINUTES = "https://example.org/minutes"


def text_of(response):
    return " ".join(html.fromstring(response.content).text_content().split())


def open_grid(client, codes=CODES):
    return client.get(BULK + "?" + "&".join(f"row={code}" for code in codes))


def sent(page, entered=None):
    """What a browser sends of a page with the grid, after somebody has entered values, by the names of fields."""
    [form] = [each for each in html.fromstring(page.content).forms if (each.action or "").endswith("/bulk/record/")]
    values = {name: (value or "").strip() for name, value in form.fields.items() if name != "csrfmiddlewaretoken"}
    return values | (entered or {})


def record(client, entered, codes=CODES):
    return client.post(RECORD, sent(open_grid(client, codes), entered))


def correct(client, recorded, entered):
    """Open the corrections of what was recorded, and record them with other values."""
    return client.post(RECORD, sent(correction_page(client, recorded), entered))


def correction_page(client, recorded):
    link = re.search(r'href="([^"]*\?correct=[^"]*)"', client.get(recorded.url).content.decode())
    return client.get(html.fromstring(f'<a href="{link[1]}">').get("href"))


def by_person(person):
    """What a person has recorded: code, status, day and note, in the order of recording."""
    updates = StatusUpdate.objects.filter(recorded_by=person).order_by("sequence")
    return [(str(each.deliverable.code), each.status.value, str(each.effective_on), each.note) for each in updates]


def errors_in(response):
    """The errors beside the fields of rows, by the name of the field."""
    return {
        field.html_name: [str(error) for error in field.errors]
        for form in response.context["grid"].forms
        for field in form
        if field.errors
    }
