"""Set the date formats of French: `31 décembre 2020`, or `31 déc. 2020` where space is short."""

DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j N Y"
DATETIME_FORMAT = "j F Y, H:i"
SHORT_DATETIME_FORMAT = "j N Y, H:i"
DATE_INPUT_FORMATS = ["%Y-%m-%d"]  # what the browser's date field sends, whatever it shows
