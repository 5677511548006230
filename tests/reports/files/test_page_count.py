import pytest

from reports.figures.summary import summarise
from reports.files.formats import FORMATS
from reports.files.page_count import page_count
from tests.builders import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(plan):
    return lambda extension: FORMATS[extension][1](summarise(plan, today=TODAY))


def test_pages_and_slides_are_counted(document):
    assert 9 <= page_count("pdf", document("pdf")) <= 14
    assert 8 <= page_count("pptx", document("pptx")) <= 10


@pytest.mark.parametrize("extension", ["docx", "xlsx", "csv"])
def test_other_formats_have_no_pages(document, extension):
    assert page_count(extension, document(extension)) is None
