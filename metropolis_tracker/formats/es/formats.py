"""Set the date formats of Spanish: `31 de diciembre de 2020`, or `31 dic 2020` where space is short."""

DATE_FORMAT = r"j \d\e F \d\e Y"
SHORT_DATE_FORMAT = "j b Y"
DATETIME_FORMAT = r"j \d\e F \d\e Y, H:i"
SHORT_DATETIME_FORMAT = "j b Y, H:i"
DATE_INPUT_FORMATS = ["%Y-%m-%d"]  # what the browser's date field sends, whatever it shows
