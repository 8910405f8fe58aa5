#!/usr/bin/env python3
"""Fills a gateway's queue while nothing can be sent, and watches it being emptied.

queued.py fill URL PID COUNT USERS    COUNT notifications, 100 a call, over USERS users: how fast the first and the last tenth were taken, and the memory
queued.py idle PID                    CPU of ten seconds in which nothing happens
queued.py drain URL PID COUNT         waits until nothing is queued any more: how fast the first and the last tenths went out, and the memory
queued.py report DIR                  the table of these, and the limits
"""
import json
import os
import sys
import threading
import time

from load import call, connect, cpu_seconds, in_threads, open_deliveries, peak_mb

MEMORY_LIMIT = float(os.environ.get("MEMORY_LIMIT", 150))
READY_LIMIT = float(os.environ.get("READY_LIMIT", 2))
IDLE_LIMIT = float(os.environ.get("IDLE_LIMIT", 1))
SLOWDOWN_LIMIT = float(os.environ.get("SLOWDOWN_LIMIT", 1.5))


def fill(url, pid, count, users, size=100, threads=8):
    calls, taken, marks, lock = count // size, [0], [(0, time.monotonic())], threading.Lock()

    def work(index):
        connection = connect(url)
        for n in range(index, calls, threads):
            targets = [{"user_id": f"usr_{(n * size + i) % users}", "title": "Time to log your run!",
                        "body": "You haven't recorded an activity in 3 days. Keep your training on track.",
                        "data": {"activity_id": f"act_{n * size + i:08x}", "scenario_id": "missed_activity_3day"}} for i in range(size)]
            status, answer = call(connection, "POST", "/api/v1/notifications/batch", {"targets": targets})
            if status != 200:
                raise RuntimeError(f"batch answered {status}: {answer}")
            with lock:
                taken[0] += size
                if taken[0] * 10 // count > marks[-1][0]:
                    marks.append((taken[0] * 10 // count, time.monotonic()))

    in_threads(threads, work)
    tenths = [later[1] - earlier[1] for earlier, later in zip(marks, marks[1:])]
    waiting = open_deliveries(connect(url))
    if waiting != calls * size:
        raise SystemExit(f"queued: {calls * size} were taken, {waiting} are waiting")
    print(json.dumps({"count": calls * size, "first": calls * size / 10 / tenths[0], "last": calls * size / 10 / tenths[-1], "peak_mb": peak_mb(pid)}))


def idle(pid, seconds=10):
    before = cpu_seconds(pid)
    time.sleep(seconds)
    print(json.dumps({"percent": (cpu_seconds(pid) - before) / seconds * 100}))


def drain(url, pid, count):
    """Rates between a tenth and two, and between eight and nine: the first requests open the connection, the last ones are few."""
    connection, marks = connect(url), {}
    before, start = cpu_seconds(pid), time.monotonic()
    while (left := open_deliveries(connection)) > 0:
        marks.setdefault((count - left) * 10 // count, (count - left, time.monotonic()))
        time.sleep(0.1)

    def rate(a, b):
        return (marks[b][0] - marks[a][0]) / (marks[b][1] - marks[a][1])

    print(json.dumps({"first": rate(1, 2), "last": rate(8, 9), "seconds": time.monotonic() - start, "peak_mb": peak_mb(pid),
                      "cpu_per_10000": (cpu_seconds(pid) - before) * 10_000 / count}))


def report(directory):
    filled, waiting, ready, sent = (json.load(open(f"{directory}/{name}.json")) for name in ("fill", "idle", "ready", "drain"))
    print(f"{filled['count']} taken while the provider is down: {filled['first']:.0f}/s at first, {filled['last']:.0f}/s at last, peak {filled['peak_mb']:.0f} MB")
    print(f"waiting: {waiting['percent']:.1f} % of a core (limit {IDLE_LIMIT:g}); restarted and ready after {ready['ready']:.2f} s (limit {READY_LIMIT:g})")
    print(f"sent when it is back: {sent['first']:.0f}/s at first, {sent['last']:.0f}/s at last, {sent['cpu_per_10000']:.2f} CPU s per 10,000, "
          f"peak {sent['peak_mb']:.0f} MB (limit {MEMORY_LIMIT:g})")
    faults = []
    if max(filled["peak_mb"], sent["peak_mb"]) > MEMORY_LIMIT:
        faults.append("it takes more memory than the limit")
    if ready["ready"] > READY_LIMIT:
        faults.append("it takes longer than the limit until it is ready")
    if waiting["percent"] > IDLE_LIMIT:
        faults.append("it is not idle while nothing can be sent")
    for what, run in (("taken", filled), ("sent", sent)):
        if run["first"] > run["last"] * SLOWDOWN_LIMIT:
            faults.append(f"the last are {what} {run['first'] / run['last']:.1f} times slower than the first")
    for fault in faults:
        print("queued.sh:", fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    command, arguments = sys.argv[1], sys.argv[2:]
    if command == "fill":
        fill(arguments[0], *map(int, arguments[1:4]))
    elif command == "idle":
        idle(int(arguments[0]))
    elif command == "drain":
        drain(arguments[0], *map(int, arguments[1:3]))
    elif command == "report":
        report(arguments[0])
    else:
        raise SystemExit(__doc__)
