"""The codes of an imported table: those of the file in whatever form, or numbers in the order of the file."""

import re
from collections import Counter, defaultdict

from django.utils.translation import gettext as _

from deliverables.models import Deliverable
from deliverables.models.deliverable_query import NATURAL_ORDER
from plans.codes import Code, numbers_in
from plans.common.text import normalise
from plans.models import Measure

FILE, ORDER = "file", "order"  # where the codes come from
ROMAN = re.compile("[ivx]+(?=[^a-z]|$)", re.IGNORECASE)


def read_codes(texts):
    """Return the numbers in each text of a column of codes, None where it is none. Roman numerals are recognised."""
    firsts = [match and match[0] for match in map(ROMAN.match, filter(None, texts))]
    roman = bool(firsts) and all(firsts) and any(len(first) > 1 for first in firsts)
    return [numbers_in(text, roman=roman) for text in texts]


def code_of(numbers, deepest):
    """Return the `Code` of two or three numbers, `deepest` being the most that any code of the table has.

    Two are a plan without measures: each line then has one. Where others have three, two are a measure's.
    """
    if numbers and len(numbers) == deepest == 2:
        return Code(numbers[0], 1, numbers[1])
    return Code(*numbers) if numbers and len(numbers) == 3 else None


def codes_of(lines):
    """Return the `Code` in each line that its own columns give, None where they give none."""
    whole = read_codes([line.get("code", "") for line in lines])
    parts = [read_codes([line.get(name, "") for line in lines]) for name in ("action_line", "measure")]
    has_parts = any(line.get("action_line") for line in lines)
    found = []
    for numbers, line_numbers, measure_numbers in zip(whole, *parts, strict=True):
        if has_parts and numbers and len(numbers) == 1 and line_numbers:
            measure = measure_numbers[-1] if measure_numbers else 1
            numbers = (line_numbers[0], measure, numbers[0])
        found.append(numbers)
    deepest = max((len(numbers) for numbers in found if numbers), default=0)
    return [code_of(numbers, deepest) for numbers in found]


def contradiction(lines):
    """Return a sentence if the codes of lines cannot be right: given twice, or to parts with different texts."""
    codes = codes_of(lines)
    if not any(codes):
        return _("The file has no codes of three levels, such as L2M10D1.") if has_codes(lines) else ""
    twice = next((code for code, number in Counter(filter(None, codes)).items() if number > 1), None)
    if twice:
        return _("The code %s is there more than once.") % twice

    texts = defaultdict(set)
    for code, line in zip(codes, lines, strict=True):
        for name, part in (("action_line_title", "in_line"), ("measure_statement", "in_measure")):
            if code and (text := line.get(name)):
                texts[getattr(code, part)].add(key(text))
    different = next((code for code, found in texts.items() if len(found) > 1), None)
    return _("Rows with the code %s have different texts.") % different if different else ""


def has_codes(lines):
    """Return whether any line has a code of its own, or one in parts."""
    return any(line.get("code") for line in lines)


def key(text):
    """Return a text as texts of a plan are compared: spaces and case do not matter."""
    return " ".join(normalise(text).split()).casefold()


class Numbering:
    """The numbers of a plan's parts by their texts, in any language. New texts get the next free number."""

    def __init__(self, plan):
        self.translations = defaultdict(list)
        for source, text in plan.translations.values_list("source", "text"):
            self.translations[key(source)].append(key(text))
        self.lines, self.measures, self.deliverables = {}, {}, defaultdict(list)
        self.last, self.stored = Counter(), set()
        self.titles = defaultdict(list)
        self.first = {}  # the text of each line and measure in the file

        for number, title in plan.action_lines.values_list("number", "title"):
            self.add(self.lines, (), title, number)
        measures = Measure.objects.filter(action_line__plan=plan)
        for line, number, text in measures.values_list("action_line__number", "number", "statement"):
            self.add(self.measures, (line,), text, number)
        deliverables = Deliverable.objects.of_plan(plan.slug).order_by(*NATURAL_ORDER)
        for line, measure, number, title in deliverables.values_list(*NATURAL_ORDER, "title"):
            self.last[line, measure] = max(self.last[line, measure], number)
            for text in self.texts(title):
                self.deliverables[line, measure, text].append(number)
                self.titles[text].append(Code(line, measure, number))

    def texts(self, text):
        return [key(text), *self.translations[key(text)]]

    def add(self, known, above, text, number):
        self.stored.add(Code(*above, number))
        self.last[above] = max(self.last[above], number)
        for each in self.texts(text):
            known.setdefault((*above, each), number)

    def has(self, code):
        """Return whether the plan has this line or measure already."""
        return code in self.stored

    def by_title(self, title):
        """Return the code of the only deliverable of the plan with this title, None for none or several."""
        codes = self.titles[key(title)]
        return codes[0] if len(codes) == 1 else None

    def reserve(self, code):
        """Remember that a code of the file is taken."""
        for above, number in (
            ((), code.line),
            ((code.line,), code.measure),
            ((code.line, code.measure), code.deliverable),
        ):
            self.last[above] = max(self.last[above], number)

    def assign(self, line):
        """Return the code for a line of texts: that of the same deliverable in the plan, or the next free one."""
        number = self.number_of(self.lines, (), line, "action_line_title")
        measure = self.number_of(self.measures, (number,), line, "measure_statement")
        same = self.deliverables[number, measure, key(line["title"])]
        if same:
            return Code(number, measure, same.pop(0))
        self.last[number, measure] += 1
        return Code(number, measure, self.last[number, measure])

    def number_of(self, known, above, line, name):
        """Return the number of a line or measure. Its text becomes that of the first row, whatever case others have."""
        text = line[name]
        place = (*above, key(text))
        line[name] = self.first.setdefault(place, text)
        if place not in known:
            self.last[above] += 1
            known[place] = self.last[above]
        return known[place]


def number(rows, plan, *, has_codes, only_statuses):
    """Give each line of texts its `Code`. A text stays where the file has one that is none.

    With `has_codes`, those of the file are used, with `only_statuses` no new ones are given. Return the rows whose line
    or measure was filled down, the problems of codes with the title of another deliverable, as (row, column, text), and
    the rows with a title that the plan does not have.
    """
    parts, texts = Numbering(plan), [line for _row, line in rows]
    before = [dict(line) for line in texts]
    wrong, unknown = [], []
    if has_codes:
        for line, code in zip(texts, codes_of(texts), strict=True):
            line["code"] = code or line.get("code", "")
            if code:
                parts.reserve(code)
        fill_down_by_code(texts, parts)
        missing = [line for line in texts if line["code"] == ""]
    else:
        missing = texts
        fill_down(texts)
    filled = [row for (row, line), old in zip(rows, before, strict=True) if is_filled(line, old)]
    if has_codes and only_statuses:
        wrong, unknown = check_titles(rows, parts)
    for line in missing:
        line["code"] = code_without(line, parts, plan, only_statuses=only_statuses)
    return filled, wrong, unknown


def is_filled(line, old):
    """Return whether an empty line or measure has got a text from above."""
    return any(line.get(name) and not old.get(name) for name in ("action_line_title", "measure_statement"))


def check_titles(rows, parts):
    """Return the problems of rows with the code of one deliverable and the title of another, and unknown titles."""
    wrong, unknown = [], []
    text = _("The plan has this title at %(other)s, not at %(code)s. Correct one of them, or leave the titles out.")
    for row, line in rows:
        code, title = line["code"], line.get("title")
        if not title or not isinstance(code, Code):
            continue
        others = parts.titles.get(key(title))
        if others and code not in others:
            wrong.append((row, "code", text % {"code": code, "other": others[0]}))
        elif not others:
            unknown.append(row)
    return wrong, unknown


def code_without(line, parts, plan, *, only_statuses):
    """Return the code of a line that has none: the deliverable of that title, else the next number; "" for neither."""
    title = line.get("title", "")
    if (only_statuses or not line.get("action_line_title")) and (code := parts.by_title(title)):
        return code
    if only_statuses:
        return ""
    # A letter or number in a column of its own may be all that names a line or measure.
    line["action_line_title"] = line.get("action_line_title") or line.get("action_line") or plan.name
    line["measure_statement"] = line.get("measure_statement") or line.get("measure") or line["action_line_title"]
    return parts.assign(line)


def fill_down(texts):
    """Give empty cells of lines and measures the text above them: of measures, in the same line."""
    above = {}
    for line in texts:
        if key(line.get("action_line_title", "")) not in ("", key(above.get("action_line_title", ""))):
            above.pop("measure_statement", None)
        for name in ("action_line_title", "measure_statement"):
            if line.get(name):
                above[name] = line[name]
            elif name in line or name in above:
                line[name] = above.get(name, "")


def fill_down_by_code(texts, parts):
    """Give new measures that no row names the text above, or that of their line.

    Those of the plan, and those that another row of the file names, need none.
    """
    named = {}
    for line in texts:
        if isinstance(line["code"], Code):
            for name, code in levels(line["code"]):
                if line.get(name):
                    named.setdefault(code, line[name])
    above = ""
    for line in texts:
        above = line.get("measure_statement") or above
        code = isinstance(line["code"], Code) and line["code"].in_measure
        if code and not line.get("measure_statement") and code not in named and not parts.has(code):
            named[code] = above or line.get("action_line_title") or named.get(code.in_line, "")
            line["measure_statement"] = named[code]


def levels(code):
    return ("action_line_title", code.in_line), ("measure_statement", code.in_measure)
