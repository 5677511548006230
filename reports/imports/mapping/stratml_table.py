"""A StratML plan as a table: its goals become action lines, its objectives measures or deliverables."""

from dataclasses import replace

MEASURES, DELIVERABLES = "measures", "deliverables"
GOAL, OBJECTIVE, DESCRIPTION, INDICATOR = 1, 4, 5, 6  # places of columns that the reader gives


def guess_objectives(source):
    """Return what objectives probably are: measures where most have indicators, which become the deliverables."""
    rows = source.sheets[0].rows[1:]
    with_indicator = sum(1 for _row, cells in rows if cells[INDICATOR])
    return MEASURES if 2 * with_indicator > len(rows) else DELIVERABLES


def arranged(source, objectives):
    """Return the source as it is to be read: where a row has no text for the lowest level, that of the level above."""
    sheet = source.sheets[0]
    head, *rows = sheet.rows
    change = as_measures if objectives == MEASURES else as_deliverables
    return replace(source, sheets=[replace(sheet, rows=[head, *change(rows)])])


def as_measures(rows):
    """Return rows in which each indicator is a deliverable, and so is an objective or goal without any."""
    for row, cells in rows:
        cells = list(cells)
        cells[OBJECTIVE] = cells[OBJECTIVE] or cells[GOAL]
        cells[INDICATOR] = cells[INDICATOR] or cells[OBJECTIVE]
        yield row, cells


def as_deliverables(rows):
    """Return a row for each objective: the objective is the deliverable, its first indicator gives the target.

    The measure is made from the line, and further indicators are added to the description.
    """
    by_objective = {}
    for row, cells in rows:
        place = cells[GOAL], cells[OBJECTIVE] or cells[GOAL]
        if place in by_objective:
            first = by_objective[place][1]
            first[DESCRIPTION] = "\n".join(filter(None, [first[DESCRIPTION], cells[INDICATOR]]))
            continue
        cells = list(cells)
        cells[INDICATOR], cells[OBJECTIVE] = place[1], ""
        by_objective[place] = row, cells
    return by_objective.values()
