"""Write the report as slides for a meeting: eight to ten, with native charts and tables, and notes for the speaker."""

from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from deliverables.status import Status
from reports.figures.progress import progress_of
from reports.figures.skyline import Skyline
from reports.files.context import document_context
from reports.files.office.fitting import shorten
from reports.files.office.look import (
    HEADINGS,
    NAVY,
    Piece,
    number_of,
    status_or_dash,
    status_piece,
    title_pieces,
    total_of,
)
from reports.files.pdf import planned_context
from reports.files.slides.about import add_last
from reports.files.slides.charts import MOST_BARS, add_bars, add_progress, bars_of_plan
from reports.files.slides.cover import add_cover
from reports.files.slides.deck import ROOM, Box, Deck, add_heading, add_list, add_text, and_more
from reports.files.slides.glance import add_glance, fits_glance
from reports.files.slides.tables import SIZES, add_table, fitting
from reports.files.zip_bytes import with_fixed_times

MOST_SLIDES = 10
LEFT = Box(ROOM.left, ROOM.top, 6.3, ROOM.height)
RIGHT = Box(ROOM.left + 6.7, ROOM.top, ROOM.width - 6.7, ROOM.height)
THEMES = {"themes": gettext_lazy("By theme"), "regions": gettext_lazy("By region")}
FEW_LINES = 6  # leave room on their slide for the chart of what was planned
SIZE_BY_DIGITS = {1: 54, 2: 54, 3: 44, 4: 34}  # points of the largest number
IN_NOTES = 20  # sentences of a list: more would not be told


def write_pptx(summary, publication=None):
    """Return the presentation as bytes: the same bytes for the same summary."""
    return with_fixed_times(presentation(slides_context(summary, publication)), summary.as_of)


def slides_context(summary, publication):
    """Return the content of the slides: that of all documents, and the objects that their drawings are made from."""
    progress = progress_of(summary.plan, summary.as_of)
    drawings = {"skyline": Skyline.of(summary), "progress": progress, "planned": planned_context(progress)}
    return document_context(summary, publication) | drawings


def presentation(content):
    """Return the presentation of a content as bytes."""
    deck = Deck(content)
    for add_slide in slides_of(content):
        add_slide(deck)
    return deck.as_bytes()


def slides_of(content):
    """Return the functions that add the slides. A plan without something needs no slide for it."""
    opening = [add_cover]
    if content["foreword"] or content["key_results"]:
        opening.append(add_in_short)
    opening.append(add_figures)
    if fits_glance(content["lines"]) and not content["selection"]:
        opening.append(add_glance)

    closing = []
    if content["changes"] and content["changes"]["moves"]:
        closing.append(add_changes)
    first, *second = parts_of(content["ahead"]) or [[]]
    if first:
        closing.append(partial(add_not_attained, rows=first))
    closing.append(add_last)

    room = MOST_SLIDES - len(opening) - len(closing)
    lines = [partial(add_line, line=line) for line in content["lines"]]
    if len(lines) > room:
        lines = [partial(add_lines, lines=part) for part in parts_by_slide(content["lines"], room)]
    room -= len(lines)
    if room and second:
        closing.insert(-1, partial(add_not_attained, rows=second[0]))
        room -= 1
    if room and (content["themes"] or content["regions"]):
        lines.append(add_themes)
    return [*opening, *lines, *closing]


def add_in_short(deck):
    """Add the foreword, as far as it fits, and the key results."""
    foreword, results, labels = (deck.content[name] for name in ("foreword", "key_results", "labels"))
    slide = deck.add_slide(labels["key_results"] if results else labels["foreword"], [*foreword, *results])
    sizes = (20, 18, 16, 14, 12)
    if foreword:
        left = Box(ROOM.left, ROOM.top + 0.1, 5.2 if results else 9.5, 4.3)
        bottom = left.top + add_list(slide, left, foreword, sizes=sizes, font=HEADINGS)
        signed = [shorten(Piece(line).plain, left.width, 13) for line in deck.content["signed_by"][:2]]
        place = Box(left.left, bottom + 0.15, left.width, 0.6)
        add_text(slide, place, [[Piece(line, bold=True, colour="ink-soft")] for line in signed], size=13)
    if results:
        width, left = (6.1, ROOM.left + 5.8) if foreword else (ROOM.width, ROOM.left)
        add_list(slide, Box(left, ROOM.top + 0.1, width, 4.9), results, sizes=sizes, numbered=True)


def add_figures(deck):
    """Add the figures: each status in large, a chart of the action lines, and one of what was planned."""
    content, planned = deck.content, deck.content["planned"]
    rows, name = bars_of_plan(content)
    notes = [content["headline"], content["counts"], content["rounding"], planned["sentence"] if planned else ""]
    notes += [content["changes"]["sentence"]] if content["changes"] else []
    notes += [f"{Piece(line['title']).plain}: {line['counts']}." for line in content["lines"][:IN_NOTES]]
    slide = deck.add_slide(figures_title(content["parts"]), notes)

    size = SIZE_BY_DIGITS.get(max(len(str(part["count"])) for part in content["parts"]), 28)
    for number, part in enumerate(content["parts"]):
        top = ROOM.top + 0.1 + number * 1.22
        count = [Piece(str(part["count"]), bold=True, colour=status_piece(part).colour)]
        place = Box(ROOM.left, top, 1.45, 0.95)
        add_text(slide, place, [count], size=size, font=HEADINGS, to_right=True)
        share = [Piece(part["percent"], colour="ink-soft")]
        add_text(slide, Box(ROOM.left + 1.7, top + 0.3, 2.6, 0.7), [[status_piece(part)], share], size=16)
    chart = Box(ROOM.left + 4.4, ROOM.top, ROOM.width - 4.4, ROOM.height - 0.1)
    if planned and len(rows) <= FEW_LINES:
        chart = chart._replace(height=chart.height / 2 - 0.1)
        below = chart._replace(top=chart.top + chart.height + 0.2)
        add_progress(slide, below, content["progress"], content["labels"]["planned"], planned["sentence"])
    if any(total_of(parts) for _name, _counts, parts in rows):
        add_bars(slide, chart._replace(height=min(chart.height, 1.5 + len(rows))), rows, statuses_of(content), name)


def add_more_bars(slide, chart, rows):
    """Say below a chart how many of the rows have no bar in it."""
    if len(rows) > MOST_BARS:
        place = Box(chart.left, chart.top + chart.height - 0.05, chart.width, 0.3)
        add_text(slide, place, [[Piece(and_more(len(rows) - MOST_BARS), colour="ink-soft")]], size=11)


def figures_title(parts):
    """Return what the figures say, in a sentence."""
    attained, total = number_of(parts, Status.ATTAINED), total_of(parts)
    if not total:
        return _("Status by action line")
    text = ngettext(
        "%(attained)d of %(total)d outcomes is attained", "%(attained)d of %(total)d outcomes are attained", attained
    )
    return text % {"attained": attained, "total": total}


def statuses_of(content):
    """Return the statuses that the charts have: the same in all of them."""
    return [Status(part["status"]) for part in content["parts"]]


def add_line(deck, line):
    """Add the slide of an action line: its comment, a chart of its measures, and what is not attained."""
    content = deck.content
    rows = [row for measure in line["measures"] for row in measure["rows"]]
    open_rows = [row for row in rows if row["status"] != Status.ATTAINED]
    comment = line["comment"]
    notes = [f"{line['name']}: {line['counts']}.", *comment, *(open_sentence(row) for row in open_rows[:IN_NOTES])]
    slide = deck.add_slide(line["title"], notes)
    counts = [Piece(line["name"], bold=True, colour=NAVY), Piece(f"· {line['counts']}", colour="ink-soft")]
    add_text(slide, Box(ROOM.left, ROOM.top - 0.12, ROOM.width, 0.3), [counts], size=14)

    measures = line["measures"][:MOST_BARS]
    bars = [(m["cell"], "", bar_of(m["rows"])) for m in measures]
    area = Box(LEFT.left, LEFT.top + 0.3, LEFT.width, LEFT.height - 0.4)
    if bars:
        add_bars(slide, area, bars, statuses_of(content), _("Status by measure"))
    add_more_bars(slide, area, line["measures"])

    top = RIGHT.top + 0.35
    if comment:
        top += add_list(slide, Box(RIGHT.left, top, RIGHT.width, 1.75), comment, sizes=(16, 14, 12)) + 0.15
    if open_rows:
        columns = [(_("Not attained"), 0.6), (content["labels"]["status"], 0.4)]
        table = Box(RIGHT.left, top, RIGHT.width, ROOM.top + ROOM.height - top)
        cells = [[title_pieces(row)[:1], [status_piece(row)]] for row in open_rows]
        add_table(slide, table, columns, cells, _("Not attained"))
    elif rows:
        add_text(
            slide, Box(RIGHT.left, top, RIGHT.width, 0.6), [[Piece(_("All attained: nothing was left open."))]], size=16
        )


def bar_of(rows):
    """Return the rows of a measure as the parts of its bar."""
    return [{"status": row["status"], "count": 1} for row in rows]


def open_sentence(row):
    """Return what to tell of a row that is not attained."""
    sentence = f"{Piece(row['title']).plain} ({row['code']}): {row['label'].lower()}."
    return " ".join(filter(None, [sentence, row.get("reason"), row.get("note"), row.get("next")]))


def parts_by_slide(lines, room):
    """Return the lines of each slide, as many as it has room for. The last of `room` slides gets all that are left."""
    most = fitting(ROOM, *SIZES[-1])
    starts = range(0, len(lines), most)[: max(room, 1)]
    return [lines[start : start + most] for start in starts[:-1]] + [lines[starts[-1] :]]


def add_lines(deck, lines):
    """Add a table of action lines, for a plan that has too many for a slide each."""
    labels = deck.content["labels"]
    slide = deck.add_slide(
        _("Status by action line"), [f"{Piece(x['title']).plain}: {x['counts']}." for x in lines[:IN_NOTES]]
    )
    columns = [(_("Action line"), 0.58), (labels["status"], 0.42)]
    rows = [[[Piece(line["title"])], [Piece(line["counts"])]] for line in lines]
    add_table(slide, ROOM, columns, rows, _("Status by action line"))


def add_themes(deck):
    """Add the charts of themes and regions, and the goals that the plan serves."""
    content, labels = deck.content, deck.content["labels"]
    charts = [(heading, content[key]) for key, heading in THEMES.items() if content[key]]
    goals = [f"{goal['number']}. {goal['title']}" for goal in content["goals"]]
    notes = [f"{Piece(each['name']).plain}: {each['counts']}." for _heading, group in charts for each in group]
    slide = deck.add_slide(labels["themes"], [*notes[:IN_NOTES], *goals])

    columns = len(charts) + bool(goals)
    width = (ROOM.width - 0.6 * (columns - 1)) / columns
    boxes = [Box(ROOM.left + number * (width + 0.6), ROOM.top, width, ROOM.height - 0.1) for number in range(columns)]
    for box, (heading, group) in zip(boxes, charts, strict=False):
        rows = [(each["name"], each["counts"], each["parts"]) for each in group[:MOST_BARS]]
        add_heading(slide, box, heading)
        place = below_heading(box, 0.2 + 0.8 * len(rows))
        add_bars(slide, place, rows, statuses_of(content), str(heading), has_legend=False)
        add_more_bars(slide, place, group)
    key = [status_piece({"status": part["status"], "label": part["label"]}) for part in content["parts"]]
    add_text(slide, Box(ROOM.left, 6.5, ROOM.width, 0.3), [key], size=12)
    if goals:
        add_heading(slide, boxes[-1], labels["goals"])
        add_list(slide, below_heading(boxes[-1]), goals, sizes=(16, 14, 12, 11))


def below_heading(box, height=9):
    """Return the box below a heading, of this height if it has the room."""
    return box._replace(top=box.top + 0.5, height=min(height, box.height - 0.9))


def add_changes(deck):
    """Add what changed since the edition or meeting before."""
    changes, labels = deck.content["changes"], deck.content["labels"]
    moves = changes["moves"]
    slide = deck.add_slide(changes["title"], [changes["sentence"], *map(move_sentence, moves[:IN_NOTES])])
    sentence = shorten(Piece(changes["sentence"]).plain, ROOM.width, 16)
    add_text(slide, Box(ROOM.left, ROOM.top - 0.1, ROOM.width, 0.4), [[Piece(sentence)]], size=16)

    columns = [(labels["deliverable"], 0.38), (labels["before"], 0.15), (labels["now"], 0.15), (_("Note"), 0.32)]
    rows = [
        [title_pieces(move), *([status_or_dash(move[side])] for side in ("before", "after")), [Piece(move["why"])]]
        for move in moves
    ]
    if not any(move["why"] for move in moves):
        columns, rows = [(labels["deliverable"], 0.7), *columns[1:3]], [cells[:3] for cells in rows]
    add_table(slide, Box(ROOM.left, ROOM.top + 0.4, ROOM.width, ROOM.height - 0.4), columns, rows, changes["title"])


def move_sentence(move):
    """Return what to tell of a deliverable that moved."""
    before, after = (status_or_dash(move[side]).text for side in ("before", "after"))
    return f"{Piece(move['title']).plain}: {before} → {after} {move['why']}".strip()


def parts_of(rows):
    """Return the rows of two slides, or of one if they fit on one. The second one counts what neither shows."""
    most = fitting(ROOM, *SIZES[-1])
    return [part for part in (rows[:most], rows[most:]) if part]


def add_not_attained(deck, rows):
    """Add what was not attained, with the reasons and, where any is known, the next steps."""
    content, labels = deck.content, deck.content["labels"]
    notes = [open_sentence(row) for row in rows[:IN_NOTES]]
    notes += [and_more(len(rows) - IN_NOTES)] if len(rows) > IN_NOTES else []
    slide = deck.add_slide(content["ahead_title"], notes)
    with_next = content["has_next_steps"]
    widths = (0.4, 0.17, 0.43) if with_next else (0.6, 0.16, 0.24)
    last = labels["next"] if with_next else _("Reason")
    cells = [[title_pieces(row), [status_piece(row)], [Piece(what_next(row, with_next))]] for row in rows]
    columns = zip([labels["deliverable"], labels["status"], last], widths, strict=True)
    add_table(slide, ROOM, list(columns), cells, content["ahead_title"])


def what_next(row, with_next):
    """Return the reason of a row that is not attained and, if the table has next steps, its own."""
    step = row["next"] if with_next and row["next"] != "–" else ""
    return ". ".join(filter(None, [row["reason"], step])) or "–"
