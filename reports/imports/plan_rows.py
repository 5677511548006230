"""Import the plan itself: its lines, measures and deliverables, with themes, people and due dates."""

import re
from datetime import date

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deliverables.models import MAX_TITLE, Amendment, Deliverable, continues_error
from deliverables.plan_editing import structure
from deliverables.plan_editing.structure import SavePart
from plans.common.dates import start_error
from plans.common.text import normalise
from plans.models import ActionLine, Measure, Theme
from reports.imports.preview import LABELS, RESPONSIBLE, date_error, day_of, is_withdrawn, parse_date

NEW = {
    ActionLine: gettext_lazy("New action line"),
    Measure: gettext_lazy("New measure"),
    Deliverable: gettext_lazy("New deliverable"),
}


def preview_plan(plan, lines, preview):
    """Add the changes, problems and steps of a table of the plan to the preview. Return its `PlanParts`."""
    parts = PlanParts(plan, preview, day_of(lines))
    for row, line in lines:
        if line["code"] not in parts.deliverables and is_withdrawn(line.get("status", "")):
            continue  # it was withdrawn from the plan that the file is from
        measure = parts.measure(row, line)
        parts.add_name(row, line, measure)
        parts.add_themes(row, line, measure)
        parts.deliverable(row, line, measure)

    promised = ("title", "measure_statement", "action_line_title", "due_on", "target", "target_unit")
    labels = {str(LABELS[name]) for name in promised} | {str(text) for text in NEW.values()}
    preview.needs_decision = plan.is_promised and any(change.column in labels for change in preview.changes)
    return parts


class PlanParts:
    """The parts of a plan by code while a table is read: those stored, and new ones that earlier rows introduced."""

    def __init__(self, plan, preview, day):
        """`day` is the date of the file, if it is one of ours: its texts are those of that day."""
        self.plan, self.preview = plan, preview
        self.wording = Amendment.objects.wording_on(plan, day)
        lines = plan.action_lines.prefetch_related("measures__themes")
        self.parts = {line.code: line for line in lines}
        self.parts |= {measure.code: measure for line in lines for measure in line.measures.all()}
        deliverables = Deliverable.objects.of_plan(plan.slug).with_update().with_promises(day)
        deliverables = deliverables.select_related(
            "responsible", "continues__measure__action_line__plan"
        ).prefetch_related("regions")
        self.deliverables = {deliverable.code: deliverable for deliverable in deliverables}
        self.themes = themes_by_name(Theme.objects.all())
        self.theme_slugs = {theme.slug for theme in self.themes.values()}
        self.people = {user.email.lower(): user for user in get_user_model().objects.filter(is_active=True)}
        self.new = {}  # deliverables by code
        self.of_other_plans = {}  # the deliverables by code, by the address of the plan
        self.first_rows = {}  # by code: the text, and the row that gave it first

        self.translations = {}
        for source, text in plan.translations.values_list("source", "text"):
            self.translations.setdefault(source, []).append(normalise(text))
            if theme := self.find_theme(one_line(source)):
                self.themes.setdefault(one_line(text).lower(), theme)
        self.regions = self.regions_by_name()

    def is_unchanged(self, code, stored, text):
        """Return whether a text of the file is the stored one, in English or translated, now or on the day of the file.

        Exports in other languages, or as of an earlier day, hold other texts: importing them must not change the plan.
        """
        sources = [stored, self.wording.get(code, stored)]
        return any(self.is_text(source, text) for source in sources)

    def is_text(self, source, text):
        """Return whether a text of the file is this English text, or a translation of it."""
        return any(structure.same_text(each, text) for each in [source, *self.translations.get(source, ())])

    def line(self, row, line):
        code = line["code"].in_line
        return self.line_or_measure(row, line, ActionLine(plan=self.plan, number=code.line))

    def measure(self, row, line):
        code = line["code"].in_measure
        parent = self.line(row, line)
        new = Measure(action_line=parent, number=code.measure)
        return self.line_or_measure(row, line, new)

    def line_or_measure(self, row, line, new):
        """Return the line or measure of a row with the text of the file: the stored one, or `new` if there is none.

        Tables repeat lines and measures in every row. The first row decides; another text in a later row is a problem.
        """
        is_line = isinstance(new, ActionLine)
        column = "action_line_title" if is_line else "measure_statement"
        code = line["code"].in_line if is_line else line["code"].in_measure
        text = one_line(line.get(column, ""))

        if code in self.first_rows:
            first_text, first_row = self.first_rows[code]
            if column in line and text and text != first_text:
                error = _("%(code)s has a different text in row %(row)s. Use the same text in both rows.")
                self.preview.refuse(row, column, error % {"code": code, "row": first_row})
            return self.parts.get(code)

        part = self.parts.get(code)
        if part is None and not text:
            self.preview.refuse(row, column, _("%s is new. Enter its text here.") % code)
            return None

        before = structure.text_of(part) if part else ""
        self.first_rows[code] = (text or before, row)
        if part is None or (text and not self.is_unchanged(code, before, text)):
            max_length = new._meta.get_field(new.text_field).max_length
            if max_length and len(text) > max_length:
                error = _("This text is longer than %d characters. Shorten it.")
                self.preview.refuse(row, column, error % max_length)
            part = part or new
            setattr(part, part.text_field, text)
            self.parts[code] = part
            if before:
                self.preview.compare(row, code, before, {column: (before, text)})
            else:
                self.preview.add(row, code, text, NEW[type(new)], {})
            self.preview.steps.append(SavePart(part, (part.text_field,)))
        return part

    def add_name(self, row, line, measure):
        """Give a measure the short name of its first row that has one. Empty cells change nothing."""
        code, name = line["code"].in_measure, one_line(line.get("measure_name", ""))
        if measure is None or not name:
            return
        if ("name", code) in self.first_rows:
            first_name, first_row = self.first_rows["name", code]
            if name != first_name:
                error = _("%(code)s has a different text in row %(row)s. Use the same text in both rows.")
                self.preview.refuse(row, "measure_name", error % {"code": code, "row": first_row})
            return

        self.first_rows["name", code] = (name, row)
        before, max_length = measure.short_name, Measure._meta.get_field("short_name").max_length
        if self.is_unchanged(None, before, name):
            return
        if len(name) > max_length:
            error = _("This text is longer than %d characters. Shorten it.")
            self.preview.refuse(row, "measure_name", error % max_length)
        measure.short_name = name
        self.preview.compare(row, code, measure.statement, {"measure_name": (before, name)})
        self.preview.steps.append(SavePart(measure, ("short_name",)))

    def add_themes(self, row, line, measure):
        """Give a measure the themes that its first row names."""
        code = line["code"].in_measure
        if measure is None or "themes" not in line:
            return
        if ("themes", code) in self.first_rows:
            self.check_same_themes(row, line, code)
            return

        self.first_rows["themes", code] = (line["themes"], row)
        names = names_in(line["themes"], self.find_theme)
        themes = [self.theme(row, name) for name in names]
        before = [] if measure._state.adding else sorted(one_line(theme.name) for theme in measure.themes.all())
        after = sorted(one_line(theme.name) for theme in themes if theme)
        if self.preview.compare(row, code, measure.statement, {"themes": ("; ".join(before), "; ".join(after))}):
            self.preview.steps.append(SavePart(measure, themes=themes))

    def check_same_themes(self, row, line, code):
        first_themes, first_row = self.first_rows["themes", code]
        if set(first_themes.split(";")) != set(line["themes"].split(";")):
            error = _("%(code)s has different themes in row %(row)s. Use the same themes in both rows.")
            self.preview.refuse(row, "themes", error % {"code": code, "row": first_row})

    def theme(self, row, name):
        """Return the theme with this name in any language, or a new one; None, with a problem, if it cannot be one."""
        if theme := self.find_theme(name):
            return theme

        slug = Theme.slug_of(name)
        if not slug or len(name) > 80 or slug in self.theme_slugs:
            error = _("“%s” cannot be the name of a theme. Choose another name, of at most 80 characters.")
            self.preview.refuse(row, "themes", error % name[:80])
            return None
        self.theme_slugs.add(slug)
        self.themes[name.lower()] = Theme(name=name, slug=slug)
        return self.themes[name.lower()]

    def find_theme(self, name):
        """Return the theme with this name, or else one whose name differs in case only; None without any."""
        return self.themes.get(name) or self.themes.get(name.lower())

    def deliverable(self, row, line, measure):
        """Add the step that saves the deliverable of a row, if it is new or changed. Withdrawn ones never change."""
        code = line["code"]
        stored = self.deliverables.get(code)
        if stored and stored.withdrawn_on:
            return

        values = self.values(row, line, stored)
        if values is None or measure is None:
            return
        regions = self.add_regions(row, line, stored)
        texts = {name: texts for name, (texts, _value) in values.items()}
        texts |= {"regions": regions[0]} if regions else {}
        if stored is None:
            after = {name: after for name, (_before, after) in texts.items()}
            self.preview.add(row, code, after["title"], NEW[Deliverable], after)
            self.preview.added.add(code)
        elif not self.preview.compare(row, code, stored.title, texts):
            return

        part = stored or Deliverable(measure=measure, number=code.deliverable)
        if not stored:
            self.new[code] = part
        for name, (_texts, value) in values.items():
            setattr(part, name, value)
        has_other_regions = regions and regions[0][0] != regions[0][1]
        self.preview.steps.append(SavePart(part, tuple(values), regions=regions[1] if has_other_regions else None))

    def regions_by_name(self):
        """Return the regions of the organisation by each text that names one: short name, or name in any language."""
        regions = {}
        for region in self.plan.regions:
            for text in [region.slug, region.name, *self.translations.get(region.name, ())]:
                regions.setdefault(one_line(text).lower(), region)
        return regions

    def add_regions(self, row, line, stored):
        """Return the regions of a row, with their names before; None where it leaves them as they are or is invalid."""
        if "regions" not in line:
            return None
        names = names_in(line["regions"], lambda name: name.lower() in self.regions)
        unknown = [name for name in names if name.lower() not in self.regions]
        if unknown:
            known = "; ".join(region.name for region in self.plan.regions) or "–"
            error = _("There is no region “%(given)s”. Write one or more of: %(known)s.")
            self.preview.refuse(row, "regions", error % {"given": unknown[0][:80], "known": known})
            return None
        regions = {self.regions[name.lower()].pk: self.regions[name.lower()] for name in names}
        before = sorted(region.name for region in stored.regions.all()) if stored else []
        after = sorted(region.name for region in regions.values())
        return ("; ".join(before), "; ".join(after)), list(regions.values())

    def add_target(self, row, line, stored, values):
        """Add the target of a row and its unit to `values`. Return False, and add a problem, if it is invalid."""
        number, unit = line["target"].strip(), one_line(line.get("target_unit", ""))
        then = stored and stored.target_as_of
        if stored and number == text_of(then and then.number) and (not then or self.is_text(then.unit, unit)):
            number, unit = text_of(stored.target), stored.target_unit  # as it was on the day of the file
        if number and not re.fullmatch("[1-9][0-9]{0,8}", number):
            self.preview.refuse(row, "target", _("“%s” is not a whole number, such as 6.") % number[:40])
            return False
        before = stored.target_unit if stored else ""
        if unit and before and self.is_text(before, unit):
            unit = before
        if bool(number) != bool(unit) or len(unit) > 80:
            error = _("A target is a number and what is counted, in at most 80 characters. Enter both or none.")
            self.preview.refuse(row, "target_unit", error)
            return False
        values["target"] = ((text_of(stored and stored.target), number), int(number) if number else None)
        values["target_unit"] = ((before, unit), unit)
        return True

    def add_continued(self, row, text, stored, values):
        """Add the deliverable that a row continues to `values`. Return False, and add a problem, if there is none.

        An empty cell leaves it: exports do not name a deliverable of a plan that not every reader may read.
        """
        before = stored.continues.reference if stored and stored.continues_id else ""
        found = stored.continues if text == before else self.find_continued(text)
        if found is None:
            error = _("There is no deliverable “%s”. Enter a plan's address and a code, such as 2018-2020 L2M1D2.")
            self.preview.refuse(row, "continues", error % text[:80])
            return False
        if text != before and (error := continues_error(self.plan, found.plan)):
            self.preview.refuse(row, "continues", error)
            return False
        values["continues"] = ((before, text), found)
        return True

    def find_continued(self, reference):
        """Return the deliverable of any plan that a `reference` names, None if there is none. A query for each plan."""
        slug, _space, code = reference.rpartition(" ")
        if slug not in self.of_other_plans:
            others = Deliverable.objects.of_plan(slug.strip()).select_related("measure__action_line__plan")
            self.of_other_plans[slug] = {str(deliverable.code): deliverable for deliverable in others}
        return self.of_other_plans[slug].get(code.upper())

    def values(self, row, line, stored):
        """Return ((text before, text after), value) by field. Return None, and add a problem, if one is invalid."""
        before = stored.title if stored else ""
        title = one_line(line.get("title", "")) or before
        if self.is_unchanged(line["code"], before, title):
            title = before
        if not title or len(title) > MAX_TITLE:
            self.preview.refuse(row, "title", _("Enter a title of at most 1,000 characters."))
            return None
        values = {"title": ((before, title), title)}

        if "due_on" in line:
            text = line["due_on"].strip()
            day = parse_date(text)
            if text and day is None:
                self.preview.refuse(row, "due_on", date_error(text))
                return None
            if day and (error := start_error(day, self.plan)):
                self.preview.refuse(row, "due_on", error)
                return None
            if stored and day == stored.due_as_of:
                day = stored.due_on  # as it was on the day of the file
            values["due_on"] = ((text_of(stored and stored.due_on), text_of(day)), day)

        if "target" in line and not self.add_target(row, line, stored, values):
            return None

        if (text := one_line(line.get("continues", ""))) and not self.add_continued(row, text, stored, values):
            return None

        if line.get(RESPONSIBLE, "").strip():
            email = line[RESPONSIBLE].strip().lower()
            if email not in self.people:
                error = _("There is no active account with the e-mail “%s”. Correct it, or leave the cell empty.")
                self.preview.refuse(row, RESPONSIBLE, error % email[:80])
                return None
            before = stored.responsible.email if stored and stored.responsible else ""
            values[RESPONSIBLE] = ((before, self.people[email].email), self.people[email])

        return values


def themes_by_name(themes):
    """Return themes by name and by name in lower case. Of names that differ in case only, each finds its own theme."""
    themes = list(themes)
    return {one_line(theme.name).lower(): theme for theme in themes} | {one_line(each.name): each for each in themes}


def names_in(text, is_known):
    """Return the names in a cell, which semicolons separate, or line ends where the whole is no known name."""
    names = [one_line(name) for name in text.split(";") if name.strip()]
    if len(names) == 1 and not is_known(names[0]):
        names = [one_line(name) for name in re.split(r"[\n|•]", text) if name.strip()]
    return names


def one_line(text):
    """Return a text with single spaces for any white space: a table may break its lines elsewhere."""
    return " ".join(text.split())


def text_of(value: date | int | None):
    return str(value) if value else ""
