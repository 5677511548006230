"""Set the date formats of English: `31 December 2020`, or `31 Dec 2020` where space is short."""

DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j F Y, H:i"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
DATE_INPUT_FORMATS = ["%Y-%m-%d"]  # 3/4/2020 is a different day on either side of the Atlantic
