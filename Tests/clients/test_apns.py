"""aioapns: HTTP/2 by hyper-h2, provider tokens by PyJWT. Changed in nothing but host, port and CA."""

import asyncio
import logging
import ssl
import time
import unittest
import uuid

import jwt
from aioapns import APNs, NotificationRequest, PushType
from aioapns.connection import APNsProductionClientProtocol

from support import CA, PORTS, WORK, MockCase, key_file, messages, control

APNsProductionClientProtocol.APNS_SERVER = "localhost"
APNsProductionClientProtocol.APNS_PORT = PORTS["tls"]
logging.getLogger("aioapns").setLevel(logging.CRITICAL)

TOKEN = "c0ffee00" * 8


def magic(words):
    return words.encode().hex().ljust(64, "0")


def tls():
    context = ssl.create_default_context(cafile=CA)
    context.set_alpn_protocols(["h2"])
    return context


class WithKey(MockCase):
    def client(self, **changes):
        own = key_file("apns.json")
        settings = {
            "key": (WORK / f"AuthKey_{own['key_id']}.p8").read_text(), "key_id": own["key_id"], "team_id": own["team_id"],
            "topic": own["topic"], "ssl_context": tls(), "max_connections": 1, "max_connection_attempts": 3,
        }
        return APNs(**(settings | changes))

    def push(self, *requests, **changes):
        """Sends one after the other, over one connection."""

        async def run():
            client = self.client(**changes)
            try:
                return [await asyncio.wait_for(client.send_notification(request), 20) for request in requests]
            finally:
                client.pool.close()

        return asyncio.run(run())

    @staticmethod
    def request(token=TOKEN, **more):
        return NotificationRequest(token, {"aps": {"alert": {"title": "Hello", "body": "World"}}}, push_type=PushType.ALERT, **more)

    def test_a_push_is_accepted_and_seen(self):
        request = self.request(collapse_key="news", priority=10, time_to_live=60)
        (result,) = self.push(request)
        self.assertTrue(result.is_successful)
        (seen,) = messages("?wait=5s")
        self.assertEqual((seen["to"], seen["id"], seen["title"]), (TOKEN, request.notification_id, "Hello"))
        self.assertIn(["apns-collapse-id", "news"], seen["headers"])

    def test_hundreds_share_one_connection_after_the_first(self):
        async def run():
            client = self.client()
            try:
                first = await client.send_notification(self.request())
                # The settings that lift the limit are on their way with the first answer.
                rest = await asyncio.gather(*(client.send_notification(self.request()) for _ in range(300)))
                return [first, *rest]
            finally:
                client.pool.close()

        results = asyncio.run(run())
        self.assertTrue(all(result.is_successful for result in results))
        self.assertEqual(len({message["connection"] for message in messages()}), 1)

    def test_every_reason_of_apples_table_comes_through(self):
        reasons = {
            "BadCollapseId": 400, "BadDeviceToken": 400, "BadExpirationDate": 400, "BadMessageId": 400, "BadPriority": 400, "BadTopic": 400,
            "DeviceTokenNotForTopic": 400, "DuplicateHeaders": 400, "IdleTimeout": 400, "InvalidPushType": 400, "MissingDeviceToken": 400,
            "MissingTopic": 400, "PayloadEmpty": 400, "TopicDisallowed": 400, "BadCertificate": 403, "BadCertificateEnvironment": 403,
            "ExpiredProviderToken": 403, "Forbidden": 403, "InvalidProviderToken": 403, "MissingProviderToken": 403, "BadPath": 404,
            "MethodNotAllowed": 405, "ExpiredToken": 410, "Unregistered": 410, "PayloadTooLarge": 413, "TooManyProviderTokenUpdates": 429,
            "TooManyRequests": 429, "InternalServerError": 500, "ServiceUnavailable": 503, "Shutdown": 503,
        }
        results = self.push(*(self.request(magic(reason)) for reason in reasons))
        self.assertEqual({result.description: int(result.status) for result in results}, reasons)
        gone = results[list(reasons).index("Unregistered")]
        self.assertAlmostEqual(gone.timestamp / 1000, time.time(), delta=30)

    def test_the_providers_own_rules_are_kept(self):
        big = NotificationRequest(TOKEN, {"aps": {"alert": "x" * 5000}}, push_type=PushType.ALERT)
        voip = NotificationRequest(TOKEN, {"aps": {}}, push_type=PushType.VOIP)
        background = NotificationRequest(TOKEN, {"aps": {"content-available": 1}}, push_type=PushType.BACKGROUND, priority=10)
        other = self.request(apns_topic="com.example.other")
        short = self.request("abcd")
        long_id = self.request(collapse_key="x" * 65)
        results = self.push(big, voip, background, other, short, long_id)
        self.assertEqual(
            [result.description for result in results],
            ["PayloadTooLarge", "InvalidPushType", "BadPriority", "TopicDisallowed", "BadDeviceToken", "BadCollapseId"])

    def test_a_foreign_key_an_old_token_and_no_token_are_refused(self):
        own = key_file("apns.json")
        (foreign,) = self.push(self.request(), key_id="OTHERKEY01")
        self.assertEqual((foreign.status, foreign.description), ("403", "InvalidProviderToken"))
        (team,) = self.push(self.request(), team_id="OTHERTEAM1")
        self.assertEqual(team.description, "InvalidProviderToken")
        control("POST", "clock", {"advance": "2h"})
        (old,) = self.push(self.request())
        self.assertEqual(old.description, "ExpiredProviderToken")
        # PyJWT's tokens carry typ=JWT, which Apple takes too.
        header = jwt.get_unverified_header(jwt.encode({"iss": own["team_id"]}, "x" * 32, algorithm="HS256"))
        self.assertEqual(header["typ"], "JWT")

    def test_a_revoked_key_is_refused_and_a_restored_one_taken(self):
        control("POST", "credentials/revoke", {"provider": "apns"})
        self.addCleanup(control, "POST", "credentials/restore", {"provider": "apns"})
        (revoked,) = self.push(self.request("0" * 64))
        self.assertEqual(revoked.description, "InvalidProviderToken")
        control("POST", "credentials/restore", {"provider": "apns"})
        nobody, somebody = self.push(self.request("0" * 64), self.request())
        self.assertEqual((nobody.description, somebody.is_successful), ("BadDeviceToken", True))

    def test_going_away_makes_the_client_send_again(self):
        self.script({"provider": "apns"}, times=1, fault="goaway")
        (result,) = self.push(self.request())
        self.assertTrue(result.is_successful)
        self.assertEqual([message["accepted"] for message in messages()], [False, True])

    def test_a_lost_answer_makes_a_duplicate_that_is_counted(self):
        self.script({"provider": "apns"}, times=1, fault="close_after_body")
        request = self.request(notification_id=str(uuid.uuid4()))
        (result,) = self.push(request)
        self.assertTrue(result.is_successful)
        self.assertEqual(control("GET", "duplicates")["duplicates"][0]["identity"], request.notification_id)


class WithCertificate(MockCase):
    def test_a_certificate_opens_its_topic_without_a_token(self):
        async def run():
            client = APNs(client_cert=str(WORK / "apns-client.pem"), ssl_context=tls(), max_connections=1)
            try:
                good = await client.send_notification(WithKey.request())
                other = await client.send_notification(WithKey.request(apns_topic="com.example.other"))
                return good, other, client.pool.apns_topic
            finally:
                client.pool.close()

        good, other, topic = asyncio.run(run())
        # aioapns takes the topic from the subject's UID, as Apple's certificates have it.
        self.assertEqual(topic, key_file("apns.json")["topic"])
        self.assertTrue(good.is_successful)
        self.assertEqual(other.description, "TopicDisallowed")


if __name__ == "__main__":
    unittest.main()
