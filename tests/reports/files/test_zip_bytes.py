import io
import zipfile
from datetime import date

import pytest

from reports.files.zip_bytes import with_fixed_times

CORE = '<p><dcterms:created xsi:type="x">{0}</dcterms:created><dcterms:modified>{0}</dcterms:modified></p>'


def archive(parts, moment):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for name, content in parts.items():
            target.writestr(zipfile.ZipInfo(name, moment), content)
    return file.getvalue()


def office_file(moment, text):
    core = {"docProps/core.xml": CORE.format(text)}
    return archive(core | {"ppt/embeddings/sheet.xlsx": archive(core, moment), "text": "created"}, moment)


def test_files_written_at_two_times_become_the_same():
    first, second = (
        office_file((2020, 1, 1, 10, 0, 0), "2020-01-01T10:00:00Z"),
        office_file((2021, 5, 6, 7, 8, 10), "2021-05-06T07:08:10Z"),
    )
    assert first != second
    assert with_fixed_times(first, date(2020, 12, 31)) == with_fixed_times(second, date(2020, 12, 31))


def test_the_day_is_in_the_properties_and_at_each_part():
    content = with_fixed_times(office_file((2021, 5, 6, 7, 8, 10), "2021-05-06T07:08:10Z"), date(2020, 12, 31))
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert {entry.date_time for entry in file.infolist()} == {(2020, 12, 31, 0, 0, 0)}
        assert file.read("docProps/core.xml").decode() == CORE.format("2020-12-31T00:00:00Z")
        assert file.read("text") == b"created"


@pytest.mark.parametrize(("day", "year"), [(date(1900, 1, 1), 1980), (date(2200, 1, 1), 2107)])
def test_a_day_that_a_zip_cannot_hold_becomes_the_nearest(day, year):
    content = with_fixed_times(archive({"text": "x"}, (2021, 5, 6, 7, 8, 10)), day)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.infolist()[0].date_time[0] == year
