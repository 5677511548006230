"""Measure the requests a second of a page on the production server, relative to pages that do less work.

wrk requests all of them in turn, so that other load on the machine affects all equally. Run by `make bench`.
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
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    assert errors is None, output
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])


def measure_alternately(targets):
    """Return the median requests a second of each target, measured in rounds."""
    samples = {name: [] for name in targets}
    for _ in range(ROUNDS):
        for name, arguments in targets.items():
            samples[name].append(requests_a_second(*arguments))
    return {name: statistics.median(rates) for name, rates in samples.items()}


def test_pages(tmp_path):
    environment = fresh_environment(tmp_path)
    prepare(environment)
    with serving(environment, "tests.benchmarks.served:application") as address:
        targets = {"plain": [f"{address}/plain/"]}
        for page, path in PAGES.items():
            etag = urllib.request.urlopen(address + path).headers["ETag"]
            targets |= {
                f"{page} cached": [address + path],
                f"{page} constant": [f"{address}/constant/{page}"],
                f"{page} bare": [f"{address}/bare/{page}"],
                f"{page} uncached": [f"{address}/uncached{path}"],
                f"{page} 304": [address + path, f"If-None-Match: {etag}"],
            }
        for each in targets.values():
            requests_a_second(*each)
        rates = measure_alternately(targets)
    print()
    for name, rate in rates.items():
        print(f"{name}: {rate:.0f} requests a second")
    for page in PAGES:
        rate = {kind: rates[f"{page} {kind}"] for kind in ("cached", "304", "constant", "bare", "uncached")}
        shares = {
            "cached / constant": (rate["cached"] / rate["constant"], 0.9),
            "cached / bare": (rate["cached"] / rate["bare"], 0.4),
            "304 / constant": (rate["304"] / rate["constant"], 0.9),
            "uncached / plain": (rate["uncached"] / rates["plain"], 1.0),
        }
        print(
            f"{page}: "
            + ", ".join(f"{name} {share:.2f} (target: {target})" for name, (share, target) in shares.items())
        )
