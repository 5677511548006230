"""How dates and numbers are written in Spanish: `31 de diciembre de 2020`, and `31 dic 2020` where space is short."""

DATE_FORMAT = r"j \d\e F \d\e Y"
SHORT_DATE_FORMAT = "j b Y"
DATETIME_FORMAT = r"j \d\e F \d\e Y, H:i"
SHORT_DATETIME_FORMAT = "j b Y, H:i"
DATE_INPUT_FORMATS = ["%Y-%m-%d"]  # what a date field of a browser sends, whatever it shows
