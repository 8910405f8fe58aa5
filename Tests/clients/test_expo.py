"""exponent_server_sdk: on requests. Changed in nothing but the host and CA."""

import unittest

import requests
from exponent_server_sdk import (
    DeviceNotRegisteredError, InvalidCredentialsError, MessageRateExceededError, MessageTooBigError, PushClient, PushMessage, PushServerError,
    PushTicketError)

from support import CA, PORTS, MockCase, control, messages


def token(words):
    return f"ExponentPushToken[{words}]"


class Expo(MockCase):
    def setUp(self):
        super().setUp()
        session = requests.Session()
        session.verify = CA
        session.headers.update({"accept": "application/json", "accept-encoding": "gzip, deflate", "content-type": "application/json"})
        self.client = PushClient(host=f"https://localhost:{PORTS['tls']}", session=session, timeout=10)

    def publish(self, words="anna", **more):
        return self.client.publish(PushMessage(to=token(words), **({"title": "Hello", "body": "World"} | more)))

    def test_a_push_is_accepted_and_seen(self):
        ticket = self.publish(data={"id": "n-1"}, sound="default", ttl=60, priority="high", badge=3, channel_id="news", category="c",
                              subtitle="s", mutable_content=True, display_in_foreground=True)
        self.assertTrue(ticket.is_success())
        (seen,) = messages("?wait=5s")
        self.assertEqual((seen["id"], seen["to"], seen["title"]), (ticket.id, token("anna"), "Hello"))

    def test_a_batch_keeps_its_order_and_is_packed_on_the_way_back(self):
        sent = [PushMessage(to=token("DeviceNotRegistered" if number % 10 == 3 else f"t{number}"), body="x") for number in range(250)]
        tickets = self.client.publish_multiple(sent)
        self.assertEqual([ticket.is_success() for ticket in tickets], [number % 10 != 3 for number in range(250)])
        self.assertEqual([ticket.push_message.to for ticket in tickets], [message.to for message in sent])

    def test_each_ticket_error_has_its_exception(self):
        for code, expected in (
            ("DeviceNotRegistered", DeviceNotRegisteredError), ("MessageTooBig", MessageTooBigError),
            ("MessageRateExceeded", MessageRateExceededError), ("InvalidCredentials", PushTicketError), ("MismatchSenderId", PushTicketError),
            ("ExpoError", PushTicketError), ("ProviderError", PushTicketError), ("DeveloperError", PushTicketError),
        ):
            with self.subTest(code), self.assertRaises(expected) as raised:
                self.publish(code).validate_response()
            self.assertEqual(raised.exception.push_response.details["error"], code)

    def test_receipts_come_after_their_delay_and_may_say_no(self):
        tickets = self.client.publish_multiple([
            PushMessage(to=token(words), body="x") for words in ("anna", "receipt-DeviceNotRegistered", "receipt-InvalidCredentials")])
        self.assertTrue(all(ticket.is_success() for ticket in tickets))
        self.assertEqual(self.client.check_receipts_multiple(tickets), [])
        control("POST", "clock", {"advance": "15m"})
        receipts = {receipt.id: receipt for receipt in self.client.check_receipts_multiple(tickets)}
        good, gone, keys = (receipts[ticket.id] for ticket in tickets)
        good.validate_response()
        with self.assertRaises(DeviceNotRegisteredError):
            gone.validate_response()
        with self.assertRaises(InvalidCredentialsError):
            keys.validate_response()
        control("POST", "clock", {"advance": "24h"})
        self.assertEqual(self.client.check_receipts_multiple(tickets), [])

    def test_whole_requests_are_refused_with_their_codes(self):
        control("POST", "expo/projects", {"@them/app": [token("theirs")]})
        for sent, code in (
            ([PushMessage(to=token("a"), badge="1")], "VALIDATION_ERROR"),
            ([PushMessage(to=token("a")), PushMessage(to=token("theirs"))], "PUSH_TOO_MANY_EXPERIENCE_IDS"),
            ([PushMessage(to=token("TOO_MANY_REQUESTS"))], "TOO_MANY_REQUESTS"),
            ([PushMessage(to=token("UNAUTHORIZED"))], "UNAUTHORIZED"),
            ([PushMessage(to=token("INTERNAL_SERVER_ERROR"))], "INTERNAL_SERVER_ERROR"),
        ):
            with self.subTest(code), self.assertRaises(PushServerError) as raised:
                self.client.publish_multiple(sent)
            self.assertEqual(raised.exception.errors[0]["code"], code)
        self.client.max_message_count = 101
        with self.assertRaises(PushServerError) as raised:
            self.client.publish_multiple([PushMessage(to=token(f"t{number}")) for number in range(101)])
        self.assertEqual(raised.exception.errors[0]["code"], "PUSH_TOO_MANY_NOTIFICATIONS")
        self.assertEqual(messages("?accepted=true"), [])

    def test_an_outage_in_html_and_a_lost_answer_are_errors_though_the_push_was_taken(self):
        self.script({"provider": "expo", "stage": "request"}, times=1, status=504, accepted=True)
        with self.assertRaises(requests.HTTPError) as raised:
            self.publish()
        self.assertEqual(raised.exception.response.status_code, 504)
        self.script({"provider": "expo"}, times=1, fault="close_mid_response")
        with self.assertRaises(requests.RequestException):
            self.publish()
        self.assertEqual(len(messages("?accepted=true")), 2)

    def test_the_tokens_of_a_guarded_project_ask_for_their_own_bearer(self):
        bearer = control("POST", "credentials", {"org": "guarded"})["expo"]["access_token"]
        with self.assertRaises(PushServerError) as raised:
            self.publish("project-guarded-1")
        self.assertEqual((raised.exception.errors[0]["code"], raised.exception.response.status_code), ("UNAUTHORIZED", 403))
        self.client.session.headers["authorization"] = f"Bearer {bearer}"
        ticket = self.publish("project-guarded-1")
        control("POST", "credentials/revoke", {"org": "guarded", "provider": "expo"})
        with self.assertRaises(PushServerError) as raised:
            self.client.check_receipts_multiple([ticket])
        self.assertEqual((raised.exception.errors[0]["code"], raised.exception.response.status_code), ("UNAUTHORIZED", 401))

    def test_a_ticket_too_few_is_noticed(self):
        self.script({"provider": "expo", "stage": "request"}, times=1, status=200, body={"data": []})
        with self.assertRaisesRegex(PushServerError, "Mismatched response length"):
            self.publish()


if __name__ == "__main__":
    unittest.main()
