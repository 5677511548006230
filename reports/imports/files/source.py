"""What was read from an uploaded file: sheets of texts, and what a person must know about how they were read."""

from dataclasses import asdict, dataclass, field


@dataclass
class Sheet:
    """A sheet of a file: the rows that hold something, each with its number in the file and a text for each cell.

    Cells that are dates are ISO 8601, with the time if there is one; whole numbers have no decimal point. Cells are
    named as in a spreadsheet, such as `D16`; columns by their place, from 0.
    """

    name: str
    rows: list[tuple[int, list[str]]]
    is_hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)  # left out of `rows`
    hidden_columns: list[int] = field(default_factory=list)  # in `rows`
    merged: list[str] = field(default_factory=list)  # ranges that were filled down
    formulas: list[str] = field(default_factory=list)  # cells read as the value that the file stores
    unknown: list[str] = field(default_factory=list)  # cells with a formula whose value the file does not store
    errors: list[str] = field(default_factory=list)  # cells that hold an error, such as #N/A


@dataclass
class Source:
    """An uploaded file as it was read.

    `kind` is `csv`, `workbook`, `stratml`, or `ours` for a StratML report of this tracker. `encodings` are those in
    which a CSV can be read, the likeliest first, where it does not say itself which is its own; `encoding` is the one
    that was used.
    """

    kind: str
    sheets: list[Sheet]
    encoding: str = ""
    encodings: list[str] = field(default_factory=list)

    def as_json(self):
        return asdict(self)

    @classmethod
    def from_json(cls, stored):
        sheets = [
            Sheet(**sheet | {"rows": [(row, cells) for row, cells in sheet["rows"]]}) for sheet in stored["sheets"]
        ]
        return cls(**stored | {"sheets": sheets})
