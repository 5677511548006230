"""In which encoding a text may be, the likeliest first."""

import pytest

from reports.imports.files.encodings import MOST_OFFERED, encodings_of

TEXTS = {
    "Spanish": ("cp1252", "Educación y niñez; acción pública"),
    "Spanish of a Mac": ("mac_roman", "Educación y niñez; acción pública"),
    "Spanish of DOS": ("cp850", "Educación y niñez; acción pública"),
    "French": ("cp1252", "Stratégie d’été « être » – œuvre 20 €"),
    "German": ("cp1252", "Größe; Straße; Übersicht; Maßnahme"),
    "Portuguese": ("cp1252", "Ação; São Paulo; Eleições"),
    "one word": ("cp1252", "Montréal"),
    "Polish": ("cp1250", "Łódź; Zieleń miejska; dostępność"),
    "Czech": ("cp1250", "Příprava plánu; město; žádost; řešení"),
    "Turkish": ("cp1254", "Şehir; İstanbul; geliştirme; yeşil alan"),
    "Greek": ("cp1253", "Στρατηγικός σχεδιασμός; δημόσιες μεταφορές"),
    "Russian": ("cp1251", "Стратегия развития города; транспорт"),
    "Russian in KOI8": ("koi8_r", "Стратегия развития города; транспорт"),
    "Arabic": ("cp1256", "الخطة الاستراتيجية للمدينة; النقل العام"),
    "Hebrew": ("cp1255", "תוכנית אסטרטגית לעיר; תחבורה ציבורית"),
    "Thai": ("cp874", "แผนยุทธศาสตร์เมือง; ระบบขนส่งสาธารณะ"),
    "Chinese": ("gb18030", "城市治理,公共交通"),
    "Chinese of Taiwan": ("big5", "城市治理,公共交通,臺北市政府"),
    "Japanese": ("shift_jis", "都市計画,公共交通の整備"),
    "Korean": ("euc_kr", "서울시 도시계획, 대중교통"),
}


@pytest.mark.parametrize("language", TEXTS)
def test_the_likeliest_encoding_gives_the_text(language):
    encoding, text = TEXTS[language]
    content = text.encode(encoding)
    offered = encodings_of(content)
    assert content.decode(offered[0]) == text
    assert len(offered) <= MOST_OFFERED


def test_encodings_that_read_the_same_text_are_offered_once():
    content = "Montréal".encode("cp1252")
    texts = [content.decode(encoding) for encoding in encodings_of(content)]
    assert len(set(texts)) == len(texts)


def test_a_text_in_two_likely_encodings_offers_both():
    content = "működő; közösségi".encode("cp1250")
    assert {"cp1250", "cp1252"} <= set(encodings_of(content))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x00\x01\x02\x03" * 9, bytes(100)])
def test_what_is_no_text_has_no_encoding(content):
    assert encodings_of(content) == []
