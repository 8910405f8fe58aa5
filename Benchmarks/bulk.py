#!/usr/bin/env python3
"""Fills a directory, runs a bulk of certification reminders, and reports what it cost the gateway's process.

bulk.py seed DATABASE USERS                 USERS users of org_default, each with a certification that expires within 30 days
bulk.py run URL PID USERS                   one bulk for all of them, the same call again, and the wait until all mails are out
bulk.py report GROWTH RATE RESULT…          the table of these runs, and the limits
"""
import json
import sqlite3
import sys
import time

from load import call, connect, cpu_seconds, open_deliveries, peak_mb

PATH = "/api/v1/admin/notifications/bulk-certification-reminders"


def seed(path, users):
    now = int(time.time())
    with sqlite3.connect(path) as database:
        database.executemany(
            "INSERT INTO users (id, org_id, full_name, email, email_verified, locale) VALUES (?, 'org_default', ?, ?, 1, ?)",
            ((f"usr_{n:06d}", f"Ada Lovelace {n}", f"ada{n}@example.org", ("en", "nb")[n % 2]) for n in range(users)))
        database.executemany(
            "INSERT INTO certifications (user_id, id, name, expires_at) VALUES (?, 'cert', 'Peer mentor', ?)",
            ((f"usr_{n:06d}", (now + (1 + n % 29) * 86_400) * 1_000_000) for n in range(users)))


def bulk(connection):
    """The answer, and the seconds until its first and last byte."""
    start = time.monotonic()
    body = json.dumps({"org_id": "org_default", "days_threshold": 30, "include_sub_orgs": True})
    connection.request("POST", PATH, body, {"content-type": "application/json", "idempotency-key": "bench"})
    response = connection.getresponse()
    first = time.monotonic() - start
    text = response.read()
    if response.status != 200:
        raise SystemExit(f"bulk: answered {response.status}: {text[:500]}")
    return text, response.headers, first, time.monotonic() - start


def run(url, pid, users):
    connection = connect(url)
    connection.timeout = 3_600
    cpu, start = cpu_seconds(pid), time.monotonic()
    text, _, first, took = bulk(connection)
    # Before anything else is read: the log's pages in the cache of the database are not the bulk's.
    used, peak = cpu_seconds(pid) - cpu, peak_mb(pid)
    data = json.loads(text)["data"]
    again, headers, _, replay = bulk(connection)
    while open_deliveries(connection) > 0:
        time.sleep(0.5)
    total = time.monotonic() - start
    _, delivered = call(connection, "GET", "/api/v1/admin/notifications?status=delivered&limit=1")
    print(json.dumps({
        "users": users, "dispatched": data["dispatched"], "ids": len(set(data["dispatch_ids"])), "bytes": len(text),
        "delivered": delivered["pagination"]["total"], "same": again == text and headers["idempotency-replayed"] == "true",
        "seconds": took, "first": first, "replay": replay, "cpu": used, "out": total, "peak_mb": peak}))


def report(growth_limit, rate_limit, results):
    runs = [json.load(open(path)) for path in results]
    row = "{:>8} {:>9} {:>9} {:>10} {:>11} {:>9} {:>7} {:>14} {:>8}".format
    print(row("users", "seconds", "users/s", "answer MB", "first byte", "replay s", "CPU s", "all mails out", "peak MB"))
    for r in runs:
        print(row(r["users"], f'{r["seconds"]:.2f}', round(r["users"] / r["seconds"]), f'{r["bytes"] / 1e6:.2f}', f'{r["first"]:.2f}',
                  f'{r["replay"]:.2f}', f'{r["cpu"]:.1f}', f'{r["out"]:.1f} s', f'{r["peak_mb"]:.0f}'))
    few, many = runs[-2:]
    growth = many["peak_mb"] / few["peak_mb"]
    print(f"peak memory at {many['users']} / at {few['users']} users: {growth:.2f} (limit {growth_limit:g})")
    faults = []
    for r in runs:
        if not r["users"] == r["dispatched"] == r["ids"] == r["delivered"]: faults.append(f"not everybody of {r['users']} was reminded once")
        if not r["same"]: faults.append(f"the repeat for {r['users']} users was answered otherwise")
    if growth > growth_limit: faults.append(f"memory grows with the org: {growth:.2f}")
    rate = many["users"] / many["seconds"]
    if rate < rate_limit: faults.append(f"{rate:.0f} users a second are below {rate_limit:g}")
    for fault in faults:
        print("bulk.sh:", fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if len(arguments) == 3 and arguments[0] == "seed":
        seed(arguments[1], int(arguments[2]))
    elif len(arguments) == 4 and arguments[0] == "run":
        run(arguments[1], int(arguments[2]), int(arguments[3]))
    elif len(arguments) >= 5 and arguments[0] == "report":
        report(float(arguments[1]), float(arguments[2]), arguments[3:])
    else:
        raise SystemExit(__doc__)
