"""Delimiters, line ends and encodings of a CSV."""

import pytest

from reports.imports.files.csv_text import delimiter_of, samples
from reports.imports.files.reading import Refused, read_source

ROWS = [(1, ["code", "title"]), (2, ["L1M1D1", "Dos, tres"])]


def rows_of(content, **options):
    return read_source(content, **options).sheets[0].rows


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_delimiter_and_line_end_is_read(delimiter, end):
    text = f'code{delimiter}title{end}L1M1D1{delimiter}"Dos, tres"{end}'
    assert rows_of(text.encode()) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_known_by_its_bytes(encoding):
    source = read_source("code,title\nL1,Montréal 計画\n".encode(encoding))
    assert (source.sheets[0].rows[1], source.encodings) == ((2, ["L1", "Montréal 計画"]), [])


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "\ufeffsep=;"])
def test_a_line_that_names_the_delimiter_is_no_row_but_is_counted(line):
    assert rows_of(f"{line}\r\ncode;a, b, c\r\nL1;x\r\n".encode()) == [(2, ["code", "a, b, c"]), (3, ["L1", "x"])]


def test_a_title_with_commas_above_does_not_decide_the_delimiter():
    assert delimiter_of("Plan, first, second, third edition\ncode;title;due\nL1;x, y;2026\n") == ";"


def test_decimal_commas_do_not_decide_the_delimiter():
    assert delimiter_of("a;b;c\n1,5;2,5;3,5\n1,5;2,5;3,5\n") == ";"


def test_a_single_column_is_read():
    assert rows_of(b"title\nNew park\n") == [(1, ["title"]), (2, ["New park"])]


def test_rows_of_delimiters_alone_at_the_end_are_passed_over():
    assert rows_of(b"code;title\nL1;x\n" + b";\n" * 1_000_000) == [(1, ["code", "title"]), (2, ["L1", "x"])]


def test_a_cell_of_several_lines_is_one():
    assert rows_of(b'code;title\nL1;"one\r\ntwo"\nL2;x\n')[1:] == [(2, ["L1", "one\ntwo"]), (3, ["L2", "x"])]


def test_the_encoding_that_a_person_chose_is_used():
    content = "code;title\nL1;Montréal\n".encode("cp1252")
    assert read_source(content).encoding == "cp1252"
    chosen = read_source(content, encoding="mac_roman")
    assert (chosen.encoding, chosen.sheets[0].rows[1]) == ("mac_roman", (2, ["L1", "MontrÈal"]))


def test_an_encoding_that_was_not_offered_is_not_used():
    assert read_source(b"code;title\n", encoding="rot13").encoding == "utf-8"


def test_a_chosen_encoding_that_cannot_read_the_file_is_refused():
    with pytest.raises(Refused, match="Choose another"):
        read_source("code;title\nL1;Montréal".encode("cp1252"), encoding="utf-8")


def test_samples_show_rows_that_are_not_plain():
    content = "code;title\nL1;plain\nL2;Montréal\nL3;Île\nL4;À\nL5;É\n".encode("cp1252")
    shown = samples(content, ["cp1252", "shift_jis", "utf-8"])
    assert shown["cp1252"] == [["L2", "Montréal"], ["L3", "Île"], ["L4", "À"]]
    assert shown["utf-8"] == []
