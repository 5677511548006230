"""Name the browser and the system of a session in words that its owner recognises."""

# Each with what its `User-Agent` contains. The first that fits counts: most browsers also name those they resemble.
BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS X": "macOS",
    "CrOS": "ChromeOS", "Linux": "Linux",
}  # fmt: skip


def device_name(user_agent):
    """Return a short name such as “Firefox, Windows”, or the whole text of a browser that is not known."""
    browser, system = (
        next((name for sign, name in names.items() if sign in user_agent), "") for names in (BROWSERS, SYSTEMS)
    )
    return ", ".join(filter(None, [browser, system])) or user_agent
