"""firebase-admin: grants by google-auth, sending on requests and on httpx. Changed in nothing but the base URL; the CA comes by environment."""

import asyncio
import os
import unittest
import warnings

import firebase_admin
from firebase_admin import credentials, exceptions, messaging

from support import PORTS, WORK, MockCase, control, messages

messaging._MessagingService.FCM_URL = f"https://localhost:{PORTS['tls']}/v1/projects/{{0}}/messages:send"

TOKEN = "dQw4w9WgXcQ:APA91b" + "Ab3_" * 33


def token(words):
    return f"{words}:{TOKEN}"


class FCM(MockCase):
    def setUp(self):
        super().setUp()
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        self.loop = asyncio.new_event_loop()
        self.app = firebase_admin.initialize_app(credentials.Certificate(str(WORK / "service-account.json")), {"httpTimeout": 10})

    def tearDown(self):
        firebase_admin.delete_app(self.app)
        # The app closes its asynchronous connections above, which belong to this loop.
        self.loop.close()

    def send(self, to=TOKEN, dry_run=False, **more):
        fields = {"notification": messaging.Notification(title="Hello", body="World")} | more
        return messaging.send(messaging.Message(token=to, **fields), dry_run=dry_run)

    def test_a_push_with_everything_is_accepted_and_seen(self):
        name = self.send(
            data={"id": "n-1"},
            android=messaging.AndroidConfig(
                collapse_key="news", priority="high", ttl=3600,
                notification=messaging.AndroidNotification(
                    icon="i", color="#112233", sound="s", tag="t", channel_id="c", sticky=True, priority="high", vibrate_timings_millis=[100, 50],
                    light_settings=messaging.LightSettings(color="#aabbcc", light_on_duration_millis=200, light_off_duration_millis=300),
                    notification_count=3, visibility="public", default_sound=True)),
            apns=messaging.APNSConfig(
                headers={"apns-priority": "10"},
                payload=messaging.APNSPayload(messaging.Aps(alert=messaging.ApsAlert(title="T", body="B"), badge=1, sound="default"))),
            webpush=messaging.WebpushConfig(
                notification=messaging.WebpushNotification(title="W", body="B"), fcm_options=messaging.WebpushFCMOptions(link="https://example.org")),
            fcm_options=messaging.FCMOptions(analytics_label="label"))
        self.assertRegex(name, "^projects/mock-project/messages/")
        (seen,) = messages("?wait=5s")
        self.assertEqual((seen["id"], seen["to"], seen["identity"]), (name, TOKEN, "n-1"))

    def test_dry_runs_show_what_would_be_and_send_nothing(self):
        self.assertRegex(self.send(dry_run=True), "fake_message_id")
        with self.assertRaises(messaging.UnregisteredError):
            self.send(token("UNREGISTERED"), dry_run=True)
        self.assertEqual(messages("?accepted=true"), [])

    def test_a_message_to_a_topic_or_condition_reaches_its_subscribers(self):
        # Its address is built into the service, other than that of the messages.
        service = messaging._get_messaging_service(self.app)
        service._fcm_topic_url = f"https://localhost:{PORTS['tls']}/v1/projects/mock-project/registrations"
        tokens = [token("anna"), token("bob")]
        self.assertEqual(messaging.subscribe_to_topic([*tokens, token("UNREGISTERED"), "x"], "news").success_count, 2)
        self.assertEqual(messaging.subscribe_to_topic(tokens, "news").failure_count, 0, "once more is no fault")
        self.assertEqual([error.reason for error in messaging.subscribe_to_topic([token("UNREGISTERED"), "x"], "news").errors],
                         ["UNREGISTERED", "INVALID_ARGUMENT"])
        self.loop.run_until_complete(messaging.subscribe_to_topic_async(tokens[:1], "oslo"))
        for target, reached in (({"topic": "news"}, tokens), ({"condition": "'news' in topics && 'oslo' in topics"}, tokens[:1])):
            messaging.send(messaging.Message(notification=messaging.Notification(title="x"), **target))
            self.assertEqual(messages()[-1]["reached"], reached)
        self.assertEqual(messaging.unsubscribe_from_topic(tokens, "news").success_count, 2)
        self.assertEqual(control("GET", "fcm/topics"), {"oslo": tokens[:1]})

    def test_the_older_way_to_topics(self):
        messaging._MessagingService.IID_URL = f"https://localhost:{PORTS['tls']}"
        answer = messaging.subscribe_to_topic_legacy([token("anna"), token("UNREGISTERED")], "news")
        self.assertEqual((answer.success_count, [error.reason for error in answer.errors]), (1, ["NOT_FOUND"]))
        self.assertEqual(messaging.unsubscribe_from_topic_legacy([token("anna")], "news").success_count, 1)
        self.assertEqual(control("GET", "fcm/topics"), {})

    def test_a_key_that_is_revoked_earns_no_token_until_it_is_restored(self):
        control("POST", "credentials/revoke", {"provider": "fcm", "access_tokens": True})
        self.addCleanup(control, "POST", "credentials/restore", {"provider": "fcm"})
        with self.assertRaisesRegex(Exception, "invalid_grant"):
            self.send()
        control("POST", "credentials/restore", {"provider": "fcm"})
        self.fresh()
        self.send()

    def test_one_grant_serves_many_pushes_over_both_transports(self):
        many = [messaging.Message(token=TOKEN, data={"id": str(number)}) for number in range(20)]
        self.send()
        self.assertEqual(messaging.send_each(many).success_count, 20)
        response = self.loop.run_until_complete(messaging.send_each_async(many, dry_run=False))
        self.assertEqual(response.success_count, 20, [r.exception for r in response.responses if r.exception])
        self.assertEqual(control("GET", "stats")["providers"]["fcm"]["accepted"], 41)

    def test_each_error_has_its_exception(self):
        for words, expected in (
            ("UNREGISTERED", messaging.UnregisteredError), ("SENDER_ID_MISMATCH", messaging.SenderIdMismatchError),
            ("QUOTA_EXCEEDED", messaging.QuotaExceededError), ("THIRD_PARTY_AUTH_ERROR", messaging.ThirdPartyAuthError),
            ("INVALID_ARGUMENT", exceptions.InvalidArgumentError), ("INVALID_TOKEN", exceptions.InvalidArgumentError),
            ("MESSAGE_TOO_BIG", exceptions.InvalidArgumentError), ("APNS_UNREGISTERED", exceptions.InvalidArgumentError),
            ("PERMISSION_DENIED", exceptions.PermissionDeniedError), ("SERVICE_DISABLED", exceptions.PermissionDeniedError),
        ):
            with self.subTest(words), self.assertRaises(exceptions.FirebaseError) as raised:
                self.send(token(words))
            self.assertIs(type(raised.exception), expected)

    def test_the_servers_own_faults_are_tried_again_and_then_told(self):
        self.script({"provider": "fcm"}, times=1, reason="UNAVAILABLE")
        self.send()
        self.script({"provider": "fcm"}, times=1, reason="INTERNAL")
        self.send()
        self.script({"provider": "fcm"}, times=1, reason="UNAVAILABLE", retry_after_date=1)
        self.send()
        self.assertEqual(control("GET", "stats")["providers"]["fcm"]["accepted"], 3)
        with self.assertRaises(exceptions.FirebaseError) as raised:
            self.send(token("BAD_GATEWAY"))
        self.assertEqual(raised.exception.http_response.status_code, 502)

    def test_an_expired_access_token_is_renewed_once(self):
        self.send()
        control("POST", "fcm/revoke")
        self.send()
        self.assertEqual(control("GET", "stats")["grants"], 2)

    def test_faulty_messages_are_refused_by_field(self):
        with self.assertRaisesRegex(exceptions.InvalidArgumentError, "Invalid data payload key"):
            self.send(data={"google.x": "1"})
        with self.assertRaisesRegex(exceptions.InvalidArgumentError, "too big"):
            self.send(data={"x": "y" * 5000})
        with self.assertRaisesRegex(exceptions.InvalidArgumentError, "not a valid FCM registration token"):
            self.send("c0ffee00" * 8)

    def test_a_wrong_project_and_a_refused_grant(self):
        other = firebase_admin.initialize_app(
            credentials.Certificate(str(WORK / "service-account.json")), {"projectId": "somebody-elses"}, name="other")
        try:
            with self.assertRaises(exceptions.PermissionDeniedError):
                messaging.send(messaging.Message(token=TOKEN), app=other)
        finally:
            firebase_admin.delete_app(other)
        self.script({"provider": "fcm", "stage": "grant"}, status=400, reason="invalid_grant")
        with self.assertRaisesRegex(Exception, "invalid_grant"):
            self.fresh().send(messaging.Message(token=TOKEN))

    def fresh(self):
        firebase_admin.delete_app(self.app)
        self.app = firebase_admin.initialize_app(credentials.Certificate(str(WORK / "service-account.json")), {"httpTimeout": 10})
        return messaging

    def test_a_slow_answer_in_pieces_is_read_whole(self):
        self.script({"provider": "fcm"}, times=1, status=200, pieces=5, piece_delay_ms=20)
        self.assertRegex(self.send(), "^projects/")


if __name__ == "__main__":
    assert "REQUESTS_CA_BUNDLE" in os.environ
    unittest.main()
