"""Office files whose bytes do not depend on the clock. They are ZIP files, and a chart in one holds another."""

import io
import re
import zipfile
from datetime import date

TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
FIRST_DAY, LAST_DAY = date(1980, 1, 1), date(2107, 12, 31)  # a ZIP file can hold no others


def with_fixed_times(content, day):
    """Return an office file with all its times set to the start of `day`: the same content gives the same bytes."""
    day, file = min(max(day, FIRST_DAY), LAST_DAY), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, part_with_fixed_times(name, source.read(name), day))
    return file.getvalue()


def part_with_fixed_times(name, part, day):
    if name.endswith(".xlsx"):
        return with_fixed_times(part, day)
    if name == "docProps/core.xml":
        return TIMES.sub(rb"\g<1>" + f"{day}T00:00:00Z".encode(), part)
    return part
