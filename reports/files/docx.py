"""Write the whole report as a Word document that people can edit: real headings, tables, links and styles."""

import json
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliverables.status import Status
from reports.files.office.fitting import in_language_of, size_for
from reports.files.office.look import (
    NAVY,
    TEXT,
    Piece,
    block_piece,
    status_or_dash,
    status_piece,
    status_rgb,
    title_pieces,
)
from reports.files.office.qr import qr_png
from reports.files.pdf import compile_template, report_context
from reports.files.word.markup import group_row, row
from reports.files.word.report import Report
from reports.files.zip_bytes import with_fixed_times

PPI = 144  # of drawings
WITH_TABLE = "<w:keepNext/>"  # a paragraph that is not alone at the foot of a page, before its table
TITLE_ROOM, TITLE_SIZES = (5.2, 2.2), (30, 24, 18, 14, 11)  # inches, points


def write_docx(summary, publication=None):
    """Return the document as bytes: the same bytes for the same summary."""
    return with_fixed_times(document(report_context(summary, publication)), summary.as_of)


def document(content):
    report = Report(content)
    add_cover(report)
    add_opening(report)
    add_glance(report)
    for line in report.content["lines"]:
        add_line(report, line)
    add_shares(report)
    add_changes(report)
    add_not_attained(report)
    add_goals(report)
    add_lists(report)
    add_method(report)
    return report.as_bytes()


def add_cover(report):
    content = report.content
    if content["lines"]:
        banner = drawing("banner", skyline=content["skyline"], cover=content["palette"]["cover"])
        report.add_picture(banner, 170, f"{content['labels']['skyline']} {content['counts']}")
    name = [
        Piece(content["organisation"], bold=True, colour=NAVY),
        Piece(content["organisation_in_full"], colour="ink-soft"),
    ]
    report.add_paragraph(name)
    size = size_for(content["title"], *TITLE_ROOM, TITLE_SIZES)
    report.add_paragraph([Piece(content["title"], size=size)], "Title")
    report.add_paragraph([Piece(content["subtitle"])], "Subtitle")
    report.add_paragraph([Piece(content["kind"], bold=True), Piece(f"· {content['plan']} · {content['as_of']}")])
    report.add_paragraphs(filter(None, [content["meeting"], *content["cover"]]))
    report.add_paragraph([Piece(content["site"]["url"], link=content["site"]["url"])])
    for part in content["parts"]:
        colour = status_rgb(part["status"])
        share = Piece(part["percent"], size=12, colour="ink-soft", font=TEXT)
        label = [replace(status_piece(part), size=14, font=TEXT), share]
        report.add_paragraph([Piece(str(part["count"]), colour=colour), *label], "Figure")


def drawing(template, **content):
    """Return a drawing that Typst makes of a template, as a PNG: Word has no calls for the shapes that slides have."""
    return compile_template(template, sys_inputs={"content": json.dumps(content)}, format="png", ppi=PPI)


def add_opening(report):
    """Add the foreword, the key results and the decisions asked, as far as somebody has written them."""
    content = report.content
    if content["foreword"]:
        report.add_heading(content["labels"]["foreword"], new_page=True)
        report.add_paragraphs(content["foreword"], "Foreword")
        for line in content["signed_by"]:
            report.add_paragraph([Piece(line, bold=True)])
    for key in ("key_results", "decisions"):
        if content[key]:
            report.add_heading(content["labels"][key])
            report.add_paragraphs(content[key], "List Bullet")


def add_glance(report):
    """Add the figures, and every measure by its name with a block for each of its outcomes."""
    content, labels = report.content, report.content["labels"]
    report.add_heading(labels["glance"], new_page=True)
    report.add_paragraph([Piece(content["headline"]), Piece(content["counts"], bold=True)])
    notes = [content[key] for key in ("rounding", "selection", "unofficial", "fallback", "names")]
    report.add_paragraphs(filter(None, notes), "Caption")
    add_planned(report)
    if not content["lines"] or content["selection"]:
        return

    key = [piece for part in content["parts"] for piece in (block_piece(part), Piece(part["label"]))]
    report.add_paragraph(key)
    rows = []
    for line in content["lines"]:
        rows.append(group_row([Piece(line["title"]), Piece(line["attained"], small=True, colour="ink-soft")], []))
        rows += [glance_row(measure) for measure in line["measures"]]
    report.add_table(
        [(labels["measure"], 0.5), (labels["status"], 0.28), (str(Status.ATTAINED.label), 0.22)], rows, labels["glance"]
    )


def add_planned(report):
    """Add the chart of what was attained beside what was due, where a plan has due dates."""
    planned = report.content["planned"]
    if planned:
        report.add_paragraph([Piece(planned["sentence"])])
        content = drawing("planned", planned=planned, palette=report.content["palette"])
        report.add_picture(content, 170, planned["sentence"])


def glance_row(measure):
    blocks = [block_piece(each) for each in measure["rows"]]
    name = [Piece(measure["cell"]), Piece(measure["code"], small=True, colour="ink-soft")]
    return row([[name], [blocks], [[attained_of(measure["rows"])]]])


def attained_of(rows):
    """Return how many of the rows are attained, as a text."""
    attained = sum(each["status"] == Status.ATTAINED for each in rows)
    text = ngettext("%(attained)d of %(total)d attained", "%(attained)d of %(total)d attained", attained)
    return Piece(text % {"attained": attained, "total": len(rows)})


def add_line(report, line):
    """Add the section of an action line: its comment, and its deliverables below their measures."""
    labels = report.content["labels"]
    report.add_heading(line["title"])
    counts = [Piece(line["name"], bold=True, colour=NAVY), Piece(f"· {line['counts']}", colour="ink-soft")]
    report.add_paragraph(counts, properties=WITH_TABLE)
    report.add_paragraphs([*line["comment"], *line["shared_notes"]], properties=WITH_TABLE)
    if not line["measures"]:
        report.add_paragraph([Piece(labels["none"], colour="ink-soft")])
        return

    cells = {each["code"]: cells_of(each, labels) for measure in line["measures"] for each in measure["rows"]}
    columns = [(labels["deliverable"], 0.39), (labels["status"], 0.22), (_("Evidence and next step"), 0.39)]
    if not any(last for *_others, last in cells.values()):
        columns = [(labels["deliverable"], 0.7), (labels["status"], 0.3)]
    rows = []
    for measure in line["measures"]:
        rows.append(measure_row(measure))
        rows += [row(cells[each["code"]][: len(columns)], breaks=each["breaks"]) for each in measure["rows"]]
    report.add_table(columns, rows, line["title"])


def measure_row(measure):
    code = Piece(measure["code"], small=True, colour="ink-soft")
    if not measure["name"]:
        return group_row([Piece(measure["statement"]), code], [])
    return group_row([Piece(measure["name"]), code], [Piece(measure["statement"], small=True, colour="ink-soft")])


def cells_of(each, labels):
    """Return the cells of a deliverable: what it is, where it stands, and what shows that or comes next."""
    quantity = [[Piece(each["quantity"]["text"], small=True)]] if each["quantity"] else []
    dates = [[Piece(each[name], small=True, colour="ink-soft")] for name in ("since", "due", "reason") if each[name]]
    evidence = [[Piece(piece["text"], link=piece["url"])] for piece in each["evidence"]]
    note = [[Piece(each["note"])]] if each["note"] else []
    step = [[Piece(labels["next_step"], bold=True), Piece(each["next"])]] if each["next"] else []
    return [[title_pieces(each), *quantity], [[status_piece(each)], *dates], [*evidence, *note, *step]]


def add_shares(report):
    """Add the counts of each theme and region."""
    content, labels = report.content, report.content["labels"]
    if content["themes"] or content["regions"]:
        report.add_heading(labels["themes"])
    for key, heading in (("themes", labels["theme"]), ("regions", labels["region"])):
        if content[key]:
            rows = [row([[[Piece(each["name"], bold=True)]], [[Piece(each["counts"])]]]) for each in content[key]]
            report.add_table([(heading, 0.4), (labels["counts"], 0.6)], rows, heading)


def add_changes(report):
    """Add what changed since the edition or meeting before."""
    changes, labels = report.content["changes"], report.content["labels"]
    if not changes:
        return
    report.add_heading(changes["title"])
    report.add_paragraph([Piece(changes["sentence"])])
    if changes["moves"]:
        columns = [(labels["deliverable"], 0.56), (labels["before"], 0.22), (labels["now"], 0.22)]
        report.add_table(columns, [move_row(move) for move in changes["moves"]], changes["title"])


def move_row(move):
    why = [[Piece(move["why"], small=True, colour="ink-soft")]] if move["why"] else []
    return row([[title_pieces(move), *why], [[status_or_dash(move["before"])]], [[status_or_dash(move["after"])]]])


def add_not_attained(report):
    """Add what was not attained, with its reason and, where any is known, the next step."""
    content, labels = report.content, report.content["labels"]
    if not content["ahead"]:
        return
    report.add_heading(content["ahead_title"])
    columns = [(labels["deliverable"], 0.4), (labels["status"], 0.2), (labels["next"], 0.4)]
    if not content["has_next_steps"]:
        columns = [(labels["deliverable"], 0.7), (labels["status"], 0.3)]
    rows = [row(outlook_cells(each)[: len(columns)], breaks=each["breaks"]) for each in content["ahead"]]
    report.add_table(columns, rows, content["ahead_title"])


def outlook_cells(each):
    """Return the cells of a row that is not attained. Its note is in the section of its action line."""
    reason = [[Piece(each["reason"], small=True, colour="ink-soft")]] if each["reason"] else []
    return [[title_pieces(each)], [[status_piece(each)], *reason], [[Piece(each["next"])]]]


def add_goals(report):
    content = report.content
    if content["goals"]:
        report.add_heading(content["labels"]["goals"])
        report.add_paragraphs(filter(None, [content["goals_introduction"]]))
        for goal in content["goals"]:
            report.add_paragraph([Piece(f"{goal['number']}.", bold=True, colour=NAVY), Piece(goal["title"])])


def add_lists(report):
    """Add what was withdrawn, what is missing, and the files of evidence with the hashes that identify them."""
    content, labels = report.content, report.content["labels"]
    for key in ("withdrawn", "missing"):
        if content[key]:
            report.add_heading(labels[key])
            report.add_paragraphs(content[key], "List Bullet")
    if content["evidence_files"]:
        report.add_heading(labels["evidence_files"])
        rows = [
            row(
                [
                    [[Piece(file["title"], link=file["url"]), Piece(file["code"], small=True, colour="ink-soft")]],
                    [[Piece(file["size"])], [Piece(file["sha256"], small=True, colour="ink-soft")]],
                ]
            )
            for file in content["evidence_files"]
        ]
        report.add_table([(labels["evidence_files"], 0.5), (labels["sha256"], 0.5)], rows, labels["evidence_files"])


def add_method(report):
    """Add where the figures come from and how to check the file."""
    content, labels, site = report.content, report.content["labels"], report.content["site"]
    report.add_heading(labels["about"])
    report.add_paragraph([Piece(labels["method_text"])])
    report.add_heading(labels["check"], level=2)
    report.add_paragraph([Piece(labels["check_text"])])
    report.add_picture(qr_png(site["url"]), 28, f"{labels['check']} {site['url']}")
    report.add_paragraph([Piece(site["url"], link=site["url"])])
    report.add_paragraph([Piece(labels["verify"]), Piece(site["verify_url"], link=site["verify_url"])])
    report.add_paragraph([Piece(content["history"], small=True, colour="ink-soft")])
    report.add_paragraphs(filter(None, [content["acknowledgement"]]))
    report.add_paragraph([Piece(content["organisation"], bold=True), Piece(content["organisation_in_full"])])
    address = " · ".join(content["address"])
    report.add_paragraph([Piece(in_language_of((content["address"] or [""])[0], address), colour="ink-soft")])
