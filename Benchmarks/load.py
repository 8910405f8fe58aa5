#!/usr/bin/env python3
"""Drives a gateway from outside and reports what it cost, from the kernel's own accounting of the gateway's process.

load.py register URL USERS                     register one APNs token for each of USERS users
load.py batch URL PID COUNT USERS [SIZE]       COUNT notifications, SIZE (100) a call, over USERS users; waits until all are settled
"""
import http.client
import json
import os
import sys
import threading
import time
import urllib.parse


def connect(url):
    parts = urllib.parse.urlsplit(url)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)


def call(connection, method, path, body=None, headers=None):
    data = None if body is None else json.dumps(body)
    connection.request(method, path, data, {"content-type": "application/json", **(headers or {})})
    response = connection.getresponse()
    text = response.read()
    return response.status, (json.loads(text) if text else None)


def in_threads(count, work):
    """Runs work(index) on `count` threads; a failure of one is a failure of all."""
    failures = []

    def guarded(index):
        try:
            work(index)
        except Exception as error:  # reported by the caller's thread
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(f"load: {failures[0]!r}")


def token(user):
    return f"{user:064x}"


def register(url, users):
    def work(index, threads=16):
        connection = connect(url)
        for user in range(index, users, threads):
            status, answer = call(connection, "POST", "/api/v1/push-notifications/device-tokens",
                                  {"user_id": f"usr_{user}", "token": token(user), "platform": "ios"})
            if status not in (200, 201):
                raise RuntimeError(f"register answered {status}: {answer}")

    in_threads(16, work)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return 0.0


def open_deliveries(connection):
    left = 0
    for state in ("queued", "sending"):
        _, answer = call(connection, "GET", f"/api/v1/deliveries?state={state}&limit=1")
        left += answer["pagination"]["total"]
    return left


def send_batches(url, count, users, size=100):
    """Posts COUNT notifications, SIZE a call, and waits until all are settled. Gives how many were sent."""
    calls = count // size
    threads = 8
    delivered = [0] * threads

    def target(number):
        return {"user_id": f"usr_{number % users}", "title": "Time to log your run!",
                "body": "You haven't recorded an activity in 3 days. Keep your training on track.",
                "data": {"deep_link": f"eirapp://wizard/activity?scenario=missed_activity_3day&activity_id=act_{number:08x}",
                         "prompt_id": "ph_9c1d4e", "scenario_id": "missed_activity_3day"}}

    def work(index):
        connection = connect(url)
        for n in range(index, calls, threads):
            body = {"targets": [target(n * size + i) for i in range(size)]}
            status, answer = call(connection, "POST", "/api/v1/notifications/batch", body)
            if status != 200:
                raise RuntimeError(f"batch answered {status}: {answer}")
            delivered[index] += sum(1 for result in answer["results"] if result["status"] == "sent")

    in_threads(threads, work)
    connection = connect(url)
    while open_deliveries(connection) > 0:
        time.sleep(0.05)
    return sum(delivered)


def batch(url, pid, count, users, size=100):
    before, start = cpu_seconds(pid), time.monotonic()
    sent = send_batches(url, count, users, size)
    took, used = time.monotonic() - start, cpu_seconds(pid) - before
    posted = count // size * size
    print(json.dumps({"count": posted, "sent": sent, "seconds": round(took, 3), "cpu": round(used, 3),
                      "cpu_per_10000": round(used * 10_000 / posted, 4), "rate": round(posted / took), "peak_mb": round(peak_mb(pid), 1)}))


if __name__ == "__main__":
    if len(sys.argv) >= 4 and sys.argv[1] == "register":
        register(sys.argv[2], int(sys.argv[3]))
    elif len(sys.argv) >= 6 and sys.argv[1] == "batch":
        batch(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), *map(int, sys.argv[6:7]))
    else:
        raise SystemExit(__doc__)
