#!/usr/bin/env python3
"""A gateway's lists at size: fills a database, and measures the lists over REST.

lists.py seed FILE COUNT          COUNT notifications with a delivery each, and COUNT notification records, into a migrated database
lists.py measure FILE URL KEY…    measures every list as the caller of each KEY, given as NAME=hk_…; exits with 1 where one misses the limit
"""
import http.client
import json
import math
import os
import random
import sqlite3
import sys
import time
import urllib.parse

ORGS = ["org_default"] + [f"org_{n:02d}" for n in range(50)]
SCENARIOS = [f"scenario_{n:02d}" for n in range(20)]
TYPES = ["mentor_status_change", "mentor_assigned", "certification_expired", "report_due", "message"]
REMINDERS = ["certification_reminder", "certification_expired", "welcome"]
EVENTS = ["pause_activated", "pause_deactivated", "pause_extended", "handover"]
USERS = 50_000
DAY = 86_400_000_000
LIMIT_MS = float(os.environ.get("LIMIT_MS", "50"))
REQUESTS = int(os.environ.get("REQUESTS", "200"))
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def identifier(microseconds, draw):
    """A UUID version 7 in 22 characters of base 62, as the gateway makes them."""
    value = (microseconds // 1000) << 80 | 7 << 76 | draw.getrandbits(12) << 64 | 2 << 62 | draw.getrandbits(62)
    text = ""
    for _ in range(22):
        value, digit = divmod(value, 62)
        text = DIGITS[digit] + text
    return text


def moments(count, end, draw):
    """Ninety days, of which one minute holds a fifth of all, and the last second some more."""
    burst, last = count // 5, count // 200
    times = [end - draw.randrange(90 * DAY) for _ in range(count - burst - last)]
    times += [end - 10 * DAY + draw.randrange(60_000_000) for _ in range(burst)]
    times += [end - draw.randrange(1_000_000) for _ in range(last)]
    # A key is a moment that is counted up where it is taken.
    taken, keys = -1, []
    for moment in sorted(times):
        taken = max(moment, taken + 1)
        keys.append((taken, moment))
    return keys


def seed(path, count):
    draw = random.Random(1)
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = OFF", "cache_size = -400000", "temp_store = MEMORY"):
        database.execute(f"PRAGMA {pragma}")
    end = time.time_ns() // 1000
    database.execute("BEGIN")
    notifications, deliveries, records = [], [], []

    def write():
        database.executemany(
            "INSERT OR FAIL INTO notifications (sort_key, id, org_id, contract, user_id, status, targeted, reached, failed, cancelled, created_at,"
            " stated_status, batch_id, category, prompt_id, error, priority, title, body, data, attributes)"
            " VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)", notifications)
        database.executemany(
            "INSERT OR FAIL INTO deliveries (id, notification_id, org_id, user_id, lane, provider, address, platform, state, attempts, held_attempts,"
            " next_attempt_at, created_at, priority, settled_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0, ?, ?, 0, ?)", deliveries)
        database.executemany(
            "INSERT INTO notification_records (id, sent_at, org_id, mentor_id, coordinator_id, event_type, channels)"
            " VALUES (?, ?, ?, ?, ?, ?, 'push,in_app')",
            records)
        for rows in (notifications, deliveries, records):
            rows.clear()

    for key, moment in moments(count, end, draw):
        # A few orgs have most of all.
        org = ORGS[min(int(draw.expovariate(0.08)), 50)]
        user = f"usr_{int(USERS * draw.random() ** 2)}"
        contract = draw.choices(["push-dispatcher", "push-service", "coordinator-notifications", "admin-notifications"], [40, 25, 20, 15])[0]
        state = draw.choices(["delivered", "failed", "queued", "cancelled", "sent"], [80, 10, 5, 3, 2])[0]
        status = {"delivered": "reached", "sent": "reached"}.get(state, state)
        name, category, prompt, stated, provider = f"notif_{identifier(moment, draw)}", None, None, None, draw.choice(["expo", "apns", "fcm"])
        if contract == "push-dispatcher":
            category, prompt = draw.choice(SCENARIOS), f"ph_{draw.randrange(5000)}"
            stated = "retried" if draw.random() < 0.02 else None
        elif contract == "push-service":
            stated = "opened" if status == "reached" and draw.random() < 0.3 else None
        elif contract == "coordinator-notifications":
            category = draw.choice(TYPES)
            stated = "read" if draw.random() < 0.6 else None
        else:
            category, provider, name = draw.choice(REMINDERS), "smtp", name.replace("notif_", "dsp_")
        title, body = "Time to log your run!", "You haven't recorded an activity in 3 days. Keep your training on track."
        notifications.append((
            key, name, org, contract, user, f"stated:{stated}" if stated else status, int(status == "reached"), int(status == "failed"),
            int(status == "cancelled"), moment, stated, name if contract == "coordinator-notifications" else None, category, prompt,
            "BadDeviceToken" if status == "failed" else None, title, body, json.dumps({"deep_link": f"app://activity/{key}"}),
            json.dumps({"prompt_id": prompt}) if prompt else None))
        delivery = identifier(moment, draw)
        deliveries.append((
            delivery, name, org, user, f"{org}/{provider}/main", provider, f"{draw.getrandbits(128):032x}", "ios", state, moment + 4_000_000_000_000, moment,
            None if state in ("queued", "sent") else moment + 1_000_000))
        records.append((identifier(moment, draw), moment // 1000 * 1000, org, f"pm_{draw.randrange(2000)}", f"coord_{draw.randrange(500)}", draw.choice(EVENTS)))
        if len(notifications) == 10_000:
            write()
    write()
    # The gateway's statements count what they insert; nobody counts these rows but we.
    for rows in (
        "contract, org_id, coalesce(category, ''), sort_key / 4000, NULL, status, sort_key - created_at, 1 FROM notifications ORDER BY sort_key",
        "'deliveries', org_id, provider, created_at / 4000, NULL, CASE WHEN state IN ('queued', 'sending') THEN 'waiting' ELSE state END, 0, 1"
        " FROM deliveries ORDER BY created_at",
    ):
        database.execute(f"INSERT INTO list_changes (list, org_id, category, slot, left_status, entered_status, ahead, count) SELECT {rows}")
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def lists(path):
    """Each list with its filters, and the ids of entries far inside as cursors."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    newest, = database.execute("SELECT max(created_at) FROM notifications").fetchone()
    burst = newest - 10 * DAY + 30_000_000
    middle, = database.execute("SELECT sort_key FROM notifications WHERE sort_key <= ? ORDER BY sort_key DESC LIMIT 1", (newest - 45 * DAY,)).fetchone()

    def text(moment):
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment // 1_000_000)) + f".{moment % 1_000_000:06d}Z"

    spans = {
        "from the last second": {"from": text(newest - 1_000_000)},
        "from within a burst": {"from": text(burst)},
        "to within a burst": {"to": text(burst)},
        "20 s of a burst": {"from": text(burst - 10_000_000), "to": text(burst + 10_000_001)},
        "a month": {"from": text(newest - 60 * DAY + 123_456), "to": text(newest - 30 * DAY + 654_321)},
    }

    def deep(contract):
        return database.execute(
            "SELECT id FROM notifications WHERE contract = ? AND sort_key < ? ORDER BY sort_key DESC LIMIT 1", (contract, middle)).fetchone()[0]

    user, = database.execute("SELECT user_id FROM notifications WHERE contract = 'push-dispatcher' AND org_id = 'org_07' LIMIT 1").fetchone()

    def paged(name, url, filters, cursor):
        """The list, its last page by number, far inside by cursor, with each filter, with each span, and with some of both."""
        yield name, url, {}
        yield f"{name} far inside", url, {"cursor": cursor, "page": "5000"}
        for label, query in filters.items():
            yield f"{name} {label}", url, query
            yield f"{name} {label} far inside", url, {**query, "cursor": cursor, "page": "5000"}
        for label, query in spans.items():
            yield f"{name} {label}", url, query
        for label, query in list(filters.items())[:3]:
            yield f"{name} {label}, 20 s of a burst", url, {**query, **spans["20 s of a burst"]}
            yield f"{name} {label}, a month", url, {**query, **spans["a month"]}

    yield from paged("A", "/api/v1/admin/notifications", {
        "type": {"type": REMINDERS[0]}, "status=delivered": {"status": "delivered"}, "org_id": {"org_id": "org_07"},
        "status=cancelled": {"status": "cancelled"}, "recipient_user_id": {"recipient_user_id": user},
        "org_id+type+status": {"org_id": "org_07", "type": REMINDERS[1], "status": "failed"},
        "nothing": {"org_id": "org_07", "type": SCENARIOS[0]}}, deep("admin-notifications"))
    notifications = "/api/v1/notifications"
    yield from paged("B and C", notifications, {}, deep("push-dispatcher"))
    b = {"contract": "push-dispatcher"}
    yield from paged("B", notifications, {
        "alone": b, "status=sent": {**b, "status": "sent"}, "scenario_id": {"scenario_id": SCENARIOS[3]}, "status=retried": {"status": "retried"},
        "user_id": {**b, "user_id": user}, "prompt_id": {"prompt_id": "ph_77"},
        "scenario_id+status": {"scenario_id": SCENARIOS[4], "status": "cancelled"}}, deep("push-dispatcher"))
    c = {"contract": "coordinator-notifications"}
    yield from paged("C", notifications, {
        "alone": c, "read=true": {"read": "true"}, "read=false": {"read": "false"}, "type": {"type": TYPES[0]},
        "recipient_id": {"recipient_id": user}, "type+read": {"type": TYPES[1], "read": "false"}}, deep("coordinator-notifications"))
    yield from paged("E", "/api/v1/push-notifications", {
        "status=delivered": {"status": "delivered"}, "status=opened": {"status": "opened"}, "status=failed": {"status": "failed"},
        "user_id": {"user_id": user}}, deep("push-service"))
    delivery, = database.execute("SELECT id FROM deliveries WHERE notification_id = ?", (deep("push-dispatcher"),)).fetchone()
    states = {f"state={state}": {"state": state} for state in ("queued", "delivered", "failed", "cancelled", "sent", "sending")}
    yield from paged("deliveries", "/api/v1/deliveries", {
        "org_id": {"org_id": "org_40"}, "provider": {"provider": "smtp"}, **states,
        "org_id+provider+state": {"org_id": "org_40", "provider": "smtp", "state": "cancelled"}, "user_id": {"user_id": user}}, f"dlv_{delivery}")
    record, = database.execute("SELECT id FROM notification_records ORDER BY id DESC LIMIT 1 OFFSET 400000").fetchone()
    yield from paged("D", "/api/v1/notification-records", {
        "event_type": {"event_type": EVENTS[0]}, "peer_mentor_id": {"peer_mentor_id": "pm_7"}, "coordinator_id": {"coordinator_id": "coord_7"}},
        f"nr_{record}")
    database.close()


def measure(path, url, keys):
    parts = urllib.parse.urlsplit(url)
    misses, lines = 0, 0
    print(f"{'list':<58} {'caller':<8} {'total':>9} {'p50 ms':>8} {'p99 ms':>8}")
    for name, place, query in list(lists(path)):
        for caller, key in keys:
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
            target = f"{place}?{urllib.parse.urlencode(query)}"

            def once():
                start = time.perf_counter()
                connection.request("GET", target, headers={"authorization": f"Bearer {key}"})
                response = connection.getresponse()
                body = response.read()
                if response.status != 200:
                    raise SystemExit(f"lists: {target} answered {response.status}: {body[:300].decode()}")
                return (time.perf_counter() - start) * 1000, json.loads(body)["pagination"]["total"]

            def sample():
                total = once()[1]
                took = sorted(once()[0] for _ in range(REQUESTS))
                return took[len(took) // 2], took[math.ceil(len(took) * 0.99) - 1], total

            p50, p99, total = sample()
            if p99 >= LIMIT_MS:
                # Something else on the machine may have been measured: what is slow is slow again.
                p50, p99, total = sample()
            connection.close()
            lines += 1
            verdict = "" if p99 < LIMIT_MS else f"  misses {LIMIT_MS:g} ms"
            misses += bool(verdict)
            print(f"{name:<58} {caller:<8} {total:>9} {p50:>8.1f} {p99:>8.1f}{verdict}", flush=True)
    print(f"{lines - misses} of {lines} lists answer within {LIMIT_MS:g} ms at the 99th percentile of {REQUESTS}")
    sys.exit(1 if misses else 0)


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] == "seed":
        seed(sys.argv[2], int(sys.argv[3]))
    elif len(sys.argv) > 4 and sys.argv[1] == "measure":
        measure(sys.argv[2], sys.argv[3], [key.split("=", 1) for key in sys.argv[4:]])
    else:
        raise SystemExit(__doc__)
