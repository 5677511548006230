"""What a page costs under the production server, as shares of the requests a second of pages that do less.

All are asked in turn by wrk, so that whatever else the machine does falls on all. Run it with `make bench`.
"""

import re
import statistics
import subprocess
import urllib.request

from tests.server import fresh_environment, prepare, serving

PAGES = {"overview": "/plans/2018-2020/", "list": "/plans/2018-2020/deliverables/"}
ROUNDS, SECONDS = 3, 1


def requests_a_second(address, *headers):
    options = [option for header in headers for option in ("-H", header)]
    command = ["wrk", "-t1", "-c4", f"-d{SECONDS}s", *options, address]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    assert wrong is None, told
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])


def in_turn(targets):
    """The median of each target's requests a second, in rounds."""
    found = {name: [] for name in targets}
    for _ in range(ROUNDS):
        for name, asked in targets.items():
            found[name].append(requests_a_second(*asked))
    return {name: statistics.median(rates) for name, rates in found.items()}


def test_pages(tmp_path):
    environment = fresh_environment(tmp_path)
    prepare(environment)
    with serving(environment, "tests.benchmarks.served:application") as address:
        targets = {"plain": [f"{address}/plain/"]}
        for page, path in PAGES.items():
            etag = urllib.request.urlopen(address + path).headers["ETag"]
            targets |= {
                f"{page} kept": [address + path],
                f"{page} constant": [f"{address}/constant/{page}"],
                f"{page} bare": [f"{address}/bare/{page}"],
                f"{page} anew": [f"{address}/anew{path}"],
                f"{page} 304": [address + path, f"If-None-Match: {etag}"],
            }
        for each in targets.values():
            requests_a_second(*each)
        rates = in_turn(targets)
    print()
    for name, rate in rates.items():
        print(f"{name}: {rate:.0f} requests a second")
    for page in PAGES:
        rate = {kind: rates[f"{page} {kind}"] for kind in ("kept", "304", "constant", "bare", "anew")}
        shares = {
            "kept / constant": (rate["kept"] / rate["constant"], 0.8),
            "kept / bare": (rate["kept"] / rate["bare"], 0.4),
            "304 / constant": (rate["304"] / rate["constant"], 0.9),
            "anew / plain": (rate["anew"] / rates["plain"], 1.0),
        }
        print(
            f"{page}: " + ", ".join(f"{name} {found:.2f} ({wanted} wanted)" for name, (found, wanted) in shares.items())
        )
