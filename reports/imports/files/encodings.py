"""Tell in which encoding the text of a CSV is, or in which it may be, the likeliest first.

UTF-8 and UTF-16 are known by their bytes. Of the others each can be read as several, and a short text does not decide:
they are ordered by how much the text looks like one of a language, and a person chooses.
"""

import codecs
import re
import unicodedata

from django.utils.translation import gettext_lazy as _

MARKS = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]
# In the order of how often a file is in one: it decides between equals.
OTHERS = [
    "cp1252", "mac_roman", "cp1250", "cp1251", "gb18030", "big5", "shift_jis", "euc_kr", "cp1256", "cp1253", "cp1254",
    "cp1255", "cp874", "cp1257", "koi8_r", "mac_cyrillic", "cp850", "cp866",
]  # fmt: skip
ENCODING_NAMES = {
    "cp1252": _("Western European, Windows"),
    "mac_roman": _("Western European, Mac"),
    "cp850": _("Western European, DOS"),
    "cp1250": _("Central European"),
    "cp1257": _("Baltic"),
    "cp1251": _("Cyrillic, Windows"),
    "koi8_r": _("Cyrillic, KOI8"),
    "mac_cyrillic": _("Cyrillic, Mac"),
    "cp866": _("Cyrillic, DOS"),
    "cp1253": _("Greek"),
    "cp1254": _("Turkish"),
    "cp1255": _("Hebrew"),
    "cp1256": _("Arabic"),
    "cp874": _("Thai"),
    "gb18030": _("Chinese, simplified"),
    "big5": _("Chinese, traditional"),
    "shift_jis": _("Japanese"),
    "euc_kr": _("Korean"),
}
UTF_8, UTF_16 = "utf-8", ("utf-16-le", "utf-16-be")
MOST_OFFERED, LEAST_SCORE, SAMPLE = 8, -1, 4000  # encodings; see `score_at`; bytes that are not ASCII

# The letters that texts in a script have most, of those that are not in ASCII.
FREQUENT = frozenset(
    """
    éèêàáâäãçíîñóôöõúûüßåæøœłąęćśżźőűčšžřěýů
    оеаинтсрвлкмдпуяыьгзбчй
    ابتدرسعلمنهويةأ
    αειηνοπρστυκλάέίόύςδμγφωήβζχθ
    אבגדהוזחטיךכלםמןנסעףפץצקרשת
    กงจดตทนบปมยรลวสหอะัาิีืุู่้เแ
    ıİşğ
    """
)
IN_WORDS = "’·-'\u0640"  # signs that stand between letters
SIGNS = frozenset("“”‘’–—…«»°€£©®§ªº¿¡•·№。、，（）《》「」：；！？\xa0")
ASCII_ONLY = re.compile(r"[ -~]\s|\d|[,;\t|]")  # something of a table
NOT_ASCII = bytes(range(0x80, 0x100))
WIDE = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")


def encodings_of(content):
    """Return the encodings that the bytes may be in: one, if they say it themselves, and none for what is no text."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return [encoding] if decodes(content, encoding) else []
    if b"\0" in content:
        return utf_16_of(content)
    if decodes(content, UTF_8):
        return [UTF_8]

    sample = sample_of(content)
    scores = {name: plausibility(sample, name) for name in OTHERS if decodes(content, name)}
    likely = sorted((name for name, score in scores.items() if score > LEAST_SCORE), key=lambda name: -scores[name])
    return without_equals(content, likely)[:MOST_OFFERED]


def without_equals(content, encodings):
    """Return the encodings without those in which the text is the same as in an earlier one."""
    texts = {}
    for name in encodings:
        texts.setdefault(hash(content.decode(name)), name)
    return list(texts.values())


def decodes(content, encoding):
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def utf_16_of(content):
    """Return the byte order in which more of a text without a mark is ASCII, since every table has delimiters."""
    best = max(UTF_16, key=lambda name: sum(ch < "\x80" for ch in content[:20_000].decode(name, "replace")))
    return [best] if decodes(content, best) and ASCII_ONLY.search(content[:20_000].decode(best, "ignore")) else []


def sample_of(content):
    """Return lines with characters that are not ASCII, until there are enough of these."""
    lines, found = [], 0
    for match in re.finditer(rb"[^\r\n]+", content):
        line = match[0]
        if others := len(line) - len(line.translate(None, NOT_ASCII)):
            lines.append(line[:SAMPLE])
            found += others
        if found > SAMPLE:
            break
    return b"\n".join(lines)


def plausibility(sample, encoding):
    """Return how much a text looks like one of a language in this encoding, from -2 to 2."""
    text = sample.decode(encoding, "replace")
    places = [place for place, ch in enumerate(text) if ch >= "\x80"]
    scores = [score_at(text, place, encoding) for place in places]
    if any(unicodedata.category(text[place]) in ("Cc", "Cn", "Co") for place in places):
        return LEAST_SCORE
    return sum(scores) / len(scores)


def score_at(text, place, encoding):
    """Return a number from -2 to 2 for a character that is not ASCII, by what stands beside it."""
    before, ch, after = text[place - 1 : place], text[place], text[place + 1 : place + 2]
    if not (ch.isalpha() or unicodedata.combining(ch)):
        inside = before.isalpha() and after.isalpha() and ch not in IN_WORDS
        return 0.5 if ch in SIGNS and not inside else -2 if inside else -1

    script = script_of(ch)
    if script in WIDE:
        return 1.6 if script == "HANGUL" else 1.5 if is_common(ch, script) and encoding != "euc_kr" else -0.5
    beside = [script_of(other) for other in (before, after) if other.isalpha()]
    if any(other != script for other in beside):
        return -2
    if ch.isupper() and before.islower() or ch.islower() and before.isupper() and after.isupper():
        return -1.5
    if script == "LATIN" and len(beside) == 2 and min(before, after) >= "\x80":
        return -0.5  # such letters stand alone between plain ones
    return 1.5 if ch in FREQUENT or ch.lower() in FREQUENT else 0.5


def script_of(ch):
    return unicodedata.name(ch, "").split(" ")[0].split("-")[0]


def is_common(ch, script):
    """Return whether a character of East Asia is in everyday use: it is, if a small character set begins with it."""
    if script != "CJK":
        return True
    for charset, first, last in [("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6), ("shift_jis", 0x88, 0x97)]:
        encoded = ch.encode(charset, "ignore")
        if encoded and first <= encoded[0] <= last:
            return True
    return False
