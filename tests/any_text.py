"""Texts that people may enter, for property tests: any text, and what our own formats could take for something else."""

from hypothesis import strategies as st

BLANKS = " \t\n\r\x0b\x0c\x1f\x85\u00a0\u1680\u2003\u2028\u2029\u202f\u3000\u2800\u200b\u200e\u2060\ufeff"
FORMULA_SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"

PIECES = [
    *BLANKS, *FORMULA_SIGNS, "'", '"', '""', "\\", "\\n", "\\u0041", ",", ";", "; ", "\r\n", "\n\n", "  ", "{total}",
    "{}", "%s", "%(code)s", "{{ code }}", "{% now %}", "<r>", "</r>", "<t>", "</t>", "&amp;", "&#10;", "]]>", "<!--",
    "<br>", "</script>", "_x0041_", "x005F_", "_x000D_", "#", "$x$", "/*", "//", "*b*", "_i_", "@a", "`", "[x]", "~",
    "e\u0301", "\u0301", "\u200d", "\u200c", "\u200e", "\u202e", "\u2066", "م", "שלום", "می\u200cخواهم", "東京", "😀",
    "👩\u200d💻", "𝔘", "\U0010fffd", "\ufdd0", "\ufffd", "\0", "\x07", "\x7f", "İ", "ß", "ﬁ", "Å", "n\u0303", "a", "Z", "0",
]  # fmt: skip
WHOLE = [
    "", " ", "null", "None", "true", "FALSE", "NaN", "-inf", "0", "007", "1e5", "-1", "1,5", "2021-01-14", "2021-01-14 00:00:00",
    "14/01/2021", "12:00", "=1+1", "'=1+1", "''", '=HYPERLINK("https://evil.example")', "\t=1", " ＝1", "[]", "{}",
    '{"title": "x"}', '"', '["a", null]', "<r><t>x</t></r>", "<r></b></r>", "_x0041_x0042_", "_x005F_x0041_", "{total}",
    "{total} {total}", "#N/A", "#REF!", "code", "Code", "withdrawn", "attained", "no_status", "en", "L1M1D1", "5",
    "a\u2028b", "one\r\ntwo\rthree", "e\u200b\u0301", "\u202eabc", "<b>&lt;</b>", "{{7*7}}", "- one\n- two", "\ufeffx",
]  # fmt: skip

any_text = st.one_of(
    st.sampled_from(WHOLE), st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.text(max_size=12)
)
