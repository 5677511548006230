"""An uploaded table of the plan itself: its lines, measures and deliverables, with themes, people and due dates."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth import get_user_model
from django.utils.text import slugify
from django.utils.translation import gettext as _

from deliverables.models import Deliverable
from deliverables.plan_editing import structure
from plans.common.dates import date_format
from plans.models import ActionLine, Measure, Theme
from reports.imports.preview import LABELS, RESPONSIBLE, date_error, parse_date
from reports.imports.reading import as_stored


def preview_plan(plan, lines, preview):
    parts = PlanParts(plan, preview)
    for row, line in lines:
        measure = parts.measure(row, line)
        parts.themed(row, line, measure)
        parts.deliverable(row, line, measure)
    worded = {str(LABELS[name]) for name in ("title", "measure_statement", "action_line_title")}
    preview.needs_decision = plan.is_promised and any(change.column in worded for change in preview.changes)


@dataclass
class SavePart:
    """Save a new or changed part of the plan, with the themes of a measure."""

    part: ActionLine | Measure | Deliverable
    fields: tuple[str, ...] = ()
    themes: list[Theme] | None = None

    def apply(self, *, by, at, submission, decision):
        parent = self.part.parent_field
        setattr(self.part, parent, getattr(self.part, parent))  # its key, where it was saved just before
        if self.fields or self.part._state.adding:
            structure.save_part(self.part, by=by, fields=self.fields, decision=decision, at=at)
        if self.themes is not None:
            for theme in self.themes:
                if theme._state.adding:
                    theme.save()
            self.part.themes.set(self.themes)


class PlanParts:
    """The lines and measures of a plan by code, those that are new among them."""

    def __init__(self, plan, preview):
        self.plan, self.preview = plan, preview
        lines = plan.action_lines.prefetch_related("measures__themes")
        self.found = {line.code: line for line in lines}
        self.found |= {measure.code: measure for line in lines for measure in line.measures.all()}
        self.deliverables = {each.code: each for each in self.stored()}
        self.themes = {theme.name.lower(): theme for theme in Theme.objects.all()}
        self.people = {user.email.lower(): user for user in get_user_model().objects.filter(is_active=True)}
        self.translated = {}
        for source, text in plan.translations.values_list("source", "text"):
            self.translated.setdefault(source, []).append(as_stored(text))
            if source.lower() in self.themes:
                self.themes.setdefault(text.lower(), self.themes[source.lower()])
        self.said = {}

    def says(self, before, words):
        """Whether words of a file say what stands there already, in English or as it is translated."""
        texts = [as_stored(before), *self.translated.get(before, ())]
        return any(structure.same_text(text, words) for text in texts)

    def stored(self):
        return Deliverable.objects.of_plan(self.plan.slug).with_update().select_related("responsible")

    def line(self, row, line):
        code = line["code"].in_line
        return self.part(row, line, code, "action_line_title", ActionLine(plan=self.plan, number=code.line))

    def measure(self, row, line):
        code = line["code"].in_measure
        parent = self.line(row, line)
        new = Measure(action_line=parent, number=code.measure)
        return self.part(row, line, code, "measure_statement", new)

    def part(self, row, line, code, column, new):
        """The line or measure, `new` where there was none, in the words of the file; each is worded once."""
        words = " ".join(line.get(column, "").split())
        if code in self.said:
            if column in line and words and words != self.said[code][0]:
                text = _("%(code)s is worded otherwise in row %(row)d. Word it the same in both.")
                self.preview.refuse(row, column, text % {"code": code, "row": self.said[code][1]})
            return self.found.get(code)
        part = self.found.get(code)
        if part is None and not words:
            self.preview.refuse(row, column, _("%s is new: write here what it says.") % code)
            return None
        longest = new._meta.get_field(new.text_field).max_length
        if longest and len(words) > longest:
            self.preview.refuse(row, column, _("This is longer than %d characters.") % longest)
        before = structure.text_of(part) if part else ""
        self.said[code] = (words or before, row)
        if part is None or (words and not self.says(before, words)):
            part = part or new
            setattr(part, part.text_field, words)
            self.found[code] = part
            self.preview.compare(row, code, {column: (before, words)})
            self.preview.steps.append(SavePart(part, (part.text_field,)))
        return part

    def themed(self, row, line, measure):
        """Give a measure the themes that its first line names."""
        code = line["code"].in_measure
        if measure is None or "themes" not in line:
            return
        if ("themes", code) in self.said:
            self.demand_same_themes(row, line, code)
            return
        self.said["themes", code] = (line["themes"], row)
        names = [" ".join(name.split()) for name in line["themes"].split(";") if name.strip()]
        themes = [self.theme(row, name) for name in names]
        before = [] if measure._state.adding else sorted(theme.name for theme in measure.themes.all())
        after = sorted(theme.name for theme in themes if theme)
        if self.preview.compare(row, code, {"themes": ("; ".join(before), "; ".join(after))}):
            self.preview.steps.append(SavePart(measure, themes=themes))

    def demand_same_themes(self, row, line, code):
        said, first = self.said["themes", code]
        if set(said.split(";")) != set(line["themes"].split(";")):
            text = _("%(code)s has other themes in row %(row)d. Write the same in both.")
            self.preview.refuse(row, "themes", text % {"code": code, "row": first})

    def theme(self, row, name):
        if name.lower() not in self.themes:
            slug = slugify(name)[:50]
            if not slug or len(name) > 80 or any(theme.slug == slug for theme in self.themes.values()):
                self.preview.refuse(row, "themes", _("“%s” cannot be the name of a theme.") % name[:80])
                return None
            self.themes[name.lower()] = Theme(name=name, slug=slug)
        return self.themes[name.lower()]

    def deliverable(self, row, line, measure):
        code = line["code"]
        stored = self.deliverables.get(code)
        if stored and stored.withdrawn_on:
            self.preview.unchanged += 1
            return
        values = self.values(row, line, stored)
        if values is None or measure is None:
            return
        if not self.preview.compare(row, code, {name: texts for name, (texts, _value) in values.items()}):
            self.preview.unchanged += 1
            return
        part = stored or Deliverable(measure=measure, number=code.deliverable)
        for name, (_texts, value) in values.items():
            setattr(part, name, value)
        self.preview.steps.append(SavePart(part, tuple(values)))

    def values(self, row, line, stored):
        """What a line says of its deliverable: ((text now, text after), value) by field; None where it cannot be."""
        title = " ".join(line["title"].split())
        if not title or len(title) > 500:
            self.preview.refuse(row, "title", _("The title is missing, or longer than 500 characters."))
            return None
        before = stored.title if stored else ""
        if self.says(before, title):
            title = before
        values = {"title": ((before, title), title)}
        if "due_on" in line:
            text = line["due_on"].strip()
            day = parse_date(text)
            if text and day is None:
                self.preview.refuse(row, "due_on", date_error(text))
                return None
            if day and day < self.plan.starts_on:
                text = _("The plan starts on %s. Enter that day or a later one.")
                self.preview.refuse(row, "due_on", text % date_format(self.plan.starts_on))
                return None
            values["due_on"] = ((text_of(stored and stored.due_on), text_of(day)), day)
        if line.get(RESPONSIBLE, "").strip():
            email = line[RESPONSIBLE].strip().lower()
            if email not in self.people:
                self.preview.refuse(row, RESPONSIBLE, _("Nobody with the address “%s” has an account.") % email[:80])
                return None
            before = stored.responsible.email if stored and stored.responsible else ""
            values[RESPONSIBLE] = ((before, self.people[email].email), self.people[email])
        return values


def text_of(day: date | None):
    return str(day) if day else ""
