#!/usr/bin/env python3
"""What one org's single messages feel of another org's bulk: from the beginning of the POST to the provider's own log.

fairness.py URL KEY LOG BULK USERS SECONDS RATE LIMIT

Sends RATE single messages a second for org B (whose API key is KEY) for SECONDS, alone; then again while org_default sends BULK notifications to USERS users in
batches of 100, for as long as that takes to be delivered. LOG is the sink's, a line for each request: its moment and its collapse id.
Exits with 1 when the 99th percentile is more than LIMIT times what it is alone.
"""
import json
import statistics
import sys
import threading
import time

import load


def singles(url, key, name, rate, until):
    """Sends at a steady rate whatever the answers take, over a few connections. Gives the moment of each POST by its collapse id."""
    began, lock, number = {}, threading.Lock(), [0]
    start = time.monotonic()

    def work(index):
        connection = load.connect(url)
        while True:
            with lock:
                mine = number[0]
                number[0] += 1
            moment = start + mine / rate
            if until(moment - start):
                return
            pause = moment - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            mark = f"{name}-{mine}"
            began[mark] = time.time()
            status, answer = load.call(connection, "POST", "/api/v1/deliveries",
                                       {"to": {"token": f"{mine:064x}", "platform": "ios"}, "title": "Your code", "body": "1234", "collapse_id": mark},
                                       {"authorization": f"Bearer {key}"})
            if status != 201:
                raise RuntimeError(f"a single message was answered {status}: {answer}")

    load.in_threads(8, work)
    return began


def latencies(log, began):
    """Waits until the sink has written down all of them."""
    end = time.monotonic() + 30
    while True:
        seen = {}
        with open(log) as file:
            for line in file:
                moment, _, mark = line.rstrip("\n").partition(" ")
                if mark in began:
                    seen[mark] = float(moment)
        if len(seen) == len(began):
            return sorted((seen[mark] - began[mark]) * 1_000 for mark in began)
        if time.monotonic() > end:
            raise SystemExit(f"fairness: {len(began) - len(seen)} single messages never reached the provider")
        time.sleep(0.2)


def main(url, key, log, bulk, users, seconds, rate, limit):
    alone = latencies(log, singles(url, key, "alone", rate, lambda at: at > seconds))
    state = {}

    def work(index):
        if index == 0:
            start = time.monotonic()
            load.send_batches(url, bulk, users)
            state["took"] = time.monotonic() - start
        else:
            state["began"] = singles(url, key, "beside", rate, lambda at: "took" in state)

    load.in_threads(2, work)
    beside = latencies(log, state["began"])

    def figures(times):
        return {"messages": len(times), "p50_ms": round(statistics.median(times), 1), "p99_ms": round(times[int(len(times) * 0.99)], 1)}

    alone, beside = figures(alone), figures(beside)
    ratio = beside["p99_ms"] / alone["p99_ms"]
    print(json.dumps({"alone": alone, "beside": beside, "bulk": bulk, "bulk_seconds": round(state["took"], 1), "ratio": round(ratio, 2)}))
    if ratio > limit:
        raise SystemExit(f"fairness: the 99th percentile is {ratio:.1f} times what it is alone, above {limit:g}")


if __name__ == "__main__":
    if len(sys.argv) != 9:
        raise SystemExit(__doc__)
    main(*sys.argv[1:4], *map(int, sys.argv[4:8]), float(sys.argv[8]))
