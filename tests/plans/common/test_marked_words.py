import pytest

from plans.common.marked_words import marked_words


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("Six pilot projects", "Six pilot projects", [("same", "Six pilot projects")]),
        (
            "Six pilot projects led by a member",
            "Four pilot projects led by two members",
            [
                ("removed", "Six "),
                ("added", "Four "),
                ("same", "pilot projects led by "),
                ("removed", "a member"),
                ("added", "two members"),
            ],
        ),
        ("A plan", "A plan and a report", [("same", "A plan "), ("added", "and a report")]),
        ("A plan", "Reports of the cities", [("removed", "A plan"), ("added", "Reports of the cities")]),
        ("A", "", [("removed", "A")]),
        ("", "A", [("added", "A")]),
        ("", "", []),
    ],
)
def test_the_words_that_differ_are_marked(before, after, marked):
    assert [(mark, text.strip()) for mark, text in marked_words(before, after)] == [
        (mark, text.strip()) for mark, text in marked
    ]
