#!/usr/bin/env python3
"""What one org's single messages feel of another org's bulk: from the beginning of the POST to the provider's own log.

fairness.py URL KEY LOG STEADY BULK USERS SECONDS RATE LIMIT LOOP...

STEADY (the program) sends RATE single messages a second for org B (whose API key is KEY): for SECONDS, alone; while LOOP, a command that sends as much to the same
provider and is none of ours, keeps machine and provider busy; and while org_default sends BULK notifications to USERS users in batches of 100, for as long as that
takes to be delivered. LOG is the sink's, a line for each request: its moment and its collapse id.
Exits with 1 when the 99th percentile beside the bulk is more than LIMIT times what it is alone.
"""
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import load


class Singles:
    """A steady stream of single messages, each with a collapse id of its own."""

    def __init__(self, steady, url, key, log, rate):
        self.command, self.log, self.rate = [steady, f"{url}/api/v1/deliveries"], log, rate
        self.header = f"Authorization: Bearer {key}"

    @contextlib.contextmanager
    def under_way(self, name, seconds=600):
        """They come for as long as the body runs, and `seconds` at most. The times are what is given, once the body is over."""
        message = {"to": {"token": "0" * 48 + "#", "platform": "ios"}, "title": "Your code", "body": "1234", "collapse_id": f"{name}-@"}
        times = []
        with tempfile.TemporaryDirectory() as folder:
            began = os.path.join(folder, "began")
            process = subprocess.Popen(
                [*self.command, str(self.rate), str(seconds), "64", self.header, json.dumps(message), "1000000000", began], stdout=subprocess.PIPE, text=True)
            try:
                yield process, times
            finally:
                process.terminate()
                answer = process.communicate()[0]
            if process.returncode != 0 or json.loads(answer)["errors"] > 0:
                raise SystemExit(f"fairness: single messages failed: {answer}")
            with open(began) as file:
                moments = {f"{name}-{number}": float(moment) for number, moment in map(str.split, file)}
        times += self.latencies(moments)

    def latencies(self, began):
        """Waits until the sink has written down all of them."""
        end = time.monotonic() + 30
        while True:
            seen = {}
            with open(self.log) as file:
                for line in file:
                    moment, _, mark = line.rstrip("\n").partition(" ")
                    if mark in began:
                        seen[mark] = float(moment)
            if len(seen) == len(began):
                return sorted((seen[mark] - began[mark]) * 1_000 for mark in began)
            if time.monotonic() > end:
                raise SystemExit(f"fairness: {len(began) - len(seen)} single messages never reached the provider")
            time.sleep(0.2)


def figures(times):
    if len(times) < 500:
        raise SystemExit(f"fairness: {len(times)} messages are too few for a 99th percentile; give a greater BULK, SECONDS_ALONE or RATE")
    return {"messages": len(times), "p50_ms": round(statistics.median(times), 2), "p99_ms": round(times[int(len(times) * 0.99)], 2), "max_ms": round(times[-1], 1)}


def main(url, key, log, steady, bulk, users, seconds, rate, limit, loop):
    singles = Singles(steady, url, key, log, rate)
    load.send_batches(url, 2_000, users)
    with singles.under_way("alone", seconds) as (process, alone):
        process.wait()
    with singles.under_way("floor") as (_, floor):
        subprocess.run(loop, check=True, stdout=subprocess.DEVNULL)
    with singles.under_way("beside") as (_, beside):
        start = time.monotonic()
        load.send_batches(url, bulk, users)
        took = time.monotonic() - start

    alone, floor, beside = figures(alone), figures(floor), figures(beside)
    row = "{:<46} {:>9} {:>8} {:>8} {:>8} {:>12} {:>12}".format
    print(row("one org's single messages", "messages", "p50 ms", "p99 ms", "max ms", "p99 ÷ alone", "p99 ÷ floor"))
    for name, one in (("alone", alone), ("beside a bulk of the bare libcurl loop", floor), (f"beside another org's bulk of {bulk} ({bulk / took:.0f}/s)", beside)):
        print(row(name, *one.values(), f"{one['p99_ms'] / alone['p99_ms']:.2f}", f"{one['p99_ms'] / floor['p99_ms']:.2f}"))
    ratio = beside["p99_ms"] / alone["p99_ms"]
    if ratio > limit:
        raise SystemExit(f"fairness: the 99th percentile is {ratio:.1f} times what it is alone, above {limit:g}")


if __name__ == "__main__":
    if len(sys.argv) < 11:
        raise SystemExit(__doc__)
    main(*sys.argv[1:5], *map(int, sys.argv[5:9]), float(sys.argv[9]), sys.argv[10:])
