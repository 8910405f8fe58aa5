"""Checks that /openapi.json is a valid OpenAPI document, and puts things into the gateway for requests to find.

    prepare.py KEY SEEDS     (the gateway's address is in HERMOD_URL; SEEDS is the file that the ids are written to)
"""
import datetime
import json
import os
import sys
import urllib.parse
import urllib.request

from openapi_spec_validator import OpenAPIV31SpecValidator

BASE = os.environ["HERMOD_URL"]
KEY, SEEDS = sys.argv[1:]
# Of each thing: some calls delete what they are about.
COUNT = 20
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(method, path, body=None):
    request = urllib.request.Request(BASE + path, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    request.add_header("Authorization", "Bearer " + KEY)
    with opener.open(request, timeout=30) as answer:
        return json.load(answer)


document = call("GET", "/openapi.json")
faults = list(OpenAPIV31SpecValidator(document).iter_errors())
for fault in faults:
    print("openapi.json:", "/".join(map(str, fault.absolute_path)), fault.message, file=sys.stderr)
if faults:
    sys.exit(1)
operations = sum(len(item) for item in document["paths"].values())
print(f"== /openapi.json is valid OpenAPI {document['openapi']}: {operations} operations")

call("PUT", "/api/v1/directory/organisations/org_oslo", {"parent_id": "org_demo", "name": "Oslo"})
call("PUT", "/api/v1/directory/users/coord_9f8e7d6c", {"org_id": "org_oslo", "full_name": "Ingrid Bakke"})
call("PUT", "/api/v1/directory/mentors/pm_551e8400", {"org_id": "org_oslo", "full_name": "Kari Nordmann", "coordinator_ids": ["coord_9f8e7d6c"]})
soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=20)).strftime("%Y-%m-%dT%H:%M:%SZ")
tokens, notifications, pushes, deliveries, records, keys = [], [], [], [], [], []
orgs, users, mentors, dispatches = [], [], [], []
call("POST", "/api/v1/push-notifications/device-tokens", {"user_id": "usr_4bc8d2", "token": "ExponentPushToken[DeviceNotRegistered]", "platform": "ios"})
for number in range(COUNT):
    tokens.append(f"ExponentPushToken[{number}]")
    call("POST", "/api/v1/push-notifications/device-tokens", {"user_id": f"usr_{number}", "token": tokens[-1], "platform": "ios"})
    message = {"user_id": f"usr_{number}", "title": "Hello", "body": "Are you there?", "data": {"number": number}}
    notifications.append(call("POST", "/api/v1/notifications", message)["id"])
    letter = {"recipient_ids": [f"usr_{number}", "usr_other"], "type": "greeting", "title": "Hello", "body": "Are you there?"}
    notifications.append(call("POST", "/api/v1/notifications", letter)["notification_id"])
    pushes.append(call("POST", "/api/v1/push-notifications", message)["id"])
    sent = call("POST", "/api/v1/deliveries", {"to": {"email": f"user-{number}@example.org"}, "title": "Hello", "body": "Are you there?"})
    deliveries.append(sent["deliveries"][0]["id"])
    failed = call("POST", "/api/v1/deliveries", {"to": {"token": "ExponentPushToken[DeviceNotRegistered]"}, "title": "Hello"})
    deliveries.append(failed["deliveries"][0]["id"])
    orgs.append(f"org_{number}")
    call("PUT", f"/api/v1/directory/organisations/{orgs[-1]}", {"parent_id": "org_oslo"})
    credential = f"/api/v1/orgs/{orgs[-1]}/credentials/expo/main"
    call("PUT", credential, {"access_token": f"token-{number}"})
    call("POST", credential + "/rotate", {"access_token": f"newer-token-{number}"})
    users.append(f"usr_{number}")
    user = {"org_id": "org_oslo", "full_name": f"User {number}", "email": f"user-{number}@example.org", "email_verified": number % 2 == 0}
    call("PUT", f"/api/v1/directory/users/{users[-1]}", user)
    call("PUT", f"/api/v1/directory/users/{users[-1]}/certifications/cert_1", {"name": "First aid", "expires_at": soon})
    mentors.append(f"pm_{number}")
    call("PUT", f"/api/v1/directory/mentors/{mentors[-1]}", {"org_id": "org_oslo", "coordinator_ids": ["coord_9f8e7d6c"]})
    reminder = call("POST", "/api/v1/admin/notifications/certification-reminder", {"user_id": users[-1]})
    dispatches.append(reminder["data"]["dispatch_id"])
    record = {"peer_mentor_id": "pm_551e8400", "event_type": "pause_activated", "coordinator_id": "coord_9f8e7d6c", "channels_notified": ["push"]}
    records.append(call("POST", "/api/v1/notification-records", record)["id"])
    keys.append(call("POST", "/api/v1/keys", {"name": f"key {number}"})["id"])

seeds = {
    "/api/v1/notifications/{id}": {"id": notifications},
    "/api/v1/notifications/device-tokens/{token}": {"token": tokens},
    "/api/v1/push-notifications/{id}": {"id": pushes},
    "/api/v1/push-notifications/device-tokens/{token}": {"token": tokens},
    "/api/v1/deliveries/{id}": {"id": deliveries},
    "/api/v1/deliveries/{id}/retry": {"id": deliveries},
    "/api/v1/deliveries/{id}/cancel": {"id": deliveries},
    "/api/v1/notification-records/{id}": {"id": records},
    "/api/v1/notification-records/history/{peerMentorId}": {"peerMentorId": ["pm_551e8400", *mentors]},
    "/api/v1/notification-records/peer-mentor-profile/{peerMentorId}": {"peerMentorId": ["pm_551e8400", *mentors]},
    "/api/v1/mentors/{mentor_id}/coordinators": {"mentor_id": ["pm_551e8400", *mentors]},
    "/api/v1/admin/notifications/{id}": {"id": dispatches},
    "/api/v1/keys/{id}": {"id": keys},
    "/api/v1/orgs/{org}/credentials": {"org": orgs},
    **{f"/api/v1/orgs/{{org}}/credentials/{{provider}}/{{name}}{end}": {"org": orgs, "provider": ["expo"], "name": ["main"]}
       for end in ("", "/rotate", "/verify", "/previous")},
    "/api/v1/directory/organisations/{id}": {"id": orgs},
    "/api/v1/directory/users/{id}": {"id": users},
    "/api/v1/directory/users/{id}/certifications": {"id": users},
    "/api/v1/directory/users/{id}/certifications/{certification_id}": {"id": users, "certification_id": ["cert_1"]},
    "/api/v1/directory/mentors/{id}": {"id": mentors},
}
with open(SEEDS, "w", encoding="utf-8") as file:
    json.dump(seeds, file)
