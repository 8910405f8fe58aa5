#!/usr/bin/env python3
"""COUNT pushes through aioapns, IN_FLIGHT at a time over one connection.

aioapns-client.py URL COUNT IN_FLIGHT CA_FILE KEY_FILE
"""
import asyncio
import logging
import ssl
import sys
import urllib.parse

from aioapns import APNs, NotificationRequest, PushType
from aioapns.connection import APNsProductionClientProtocol

url, count, in_flight, ca, key = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
parts = urllib.parse.urlsplit(url)
APNsProductionClientProtocol.APNS_SERVER = parts.hostname
APNsProductionClientProtocol.APNS_PORT = parts.port
logging.getLogger("aioapns").setLevel(logging.CRITICAL)


async def main():
    context = ssl.create_default_context(cafile=ca)
    context.set_alpn_protocols(["h2"])
    client = APNs(key=open(key).read(), key_id="KEY1234567", team_id="TEAM123456", topic="com.example.app", ssl_context=context, max_connections=1)
    left = iter(range(count))
    message = {"aps": {"alert": {"title": "Time to log your run!", "body": "x" * 230}}}

    async def sender():
        sent = 0
        for number in left:
            result = await client.send_notification(NotificationRequest(f"{number:064x}", message, push_type=PushType.ALERT, priority=10))
            sent += result.is_successful
        return sent

    sent = sum(await asyncio.gather(*(sender() for _ in range(in_flight))))
    client.pool.close()
    if sent != count:
        raise SystemExit(f"{sent} of {count} were answered")


asyncio.run(main())
