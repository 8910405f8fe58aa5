"""What schemathesis can't know about the gateway."""
import itertools
import json
import os
import re

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import TestPhase

# Ids of things that are there, by path and parameter; prepare.py has made them.
with open(os.environ["HERMOD_SEEDS"], encoding="utf-8") as file:
    SEEDS = {path: {name: itertools.cycle(ids) for name, ids in names.items()} for path, names in json.load(file).items()}

calls = itertools.count()


@schemathesis.serializer("application/x-ndjson")
def one_line(context, value):
    return json.dumps(value).encode() + b"\n"


def is_past(time):
    return isinstance(time, str) and re.match(r"\d{4}-\d\d-\d\d[Tt]", time) is not None and time[:4] < "2099"


@schemathesis.hook
def before_call(context, case, kwargs):
    number = next(calls)
    # A key that is used twice with different bodies is refused, and rightly so: each request is one of its own.
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,200}", key):
        case.headers["Idempotency-Key"] = f"{key}-{number}"
    # A key that ends in the past is refused, and a schema can't say "later than now".
    if case.operation.label == "POST /api/v1/keys" and isinstance(case.body, dict) and is_past(case.body.get("expires_at")):
        case.body["expires_at"] = "2099" + case.body["expires_at"][4:].replace("-02-29", "-02-28")
    if case.operation.path.startswith("/api/v1/directory/") and isinstance(case.body, dict):
        fit_in(case)
    # Ids that were made up lead nowhere: two calls of three are about something that is there. Stateful tests have ids of their own.
    if case.meta is None or case.meta.phase.name == TestPhase.STATEFUL or number % 3 == 0:
        return
    component = case.meta.components.get(ParameterLocation.PATH)
    if component is None or component.mode == GenerationMode.POSITIVE:
        for name, ids in SEEDS.get(case.operation.path, {}).items():
            if name in (case.path_parameters or {}):
                case.path_parameters[name] = next(ids)


def fit_in(case):
    """An entry belongs to what the directory knows already, and its body may not name another than its path: no schema can say so."""
    body = case.meta.components.get(ParameterLocation.BODY) if case.meta else None
    if body is not None and body.mode != GenerationMode.POSITIVE:
        return
    # What the others are put below can't be put below itself.
    if "/organisations/" in case.operation.path and (case.path_parameters or {}).get("id") in ("org_demo", "org_oslo"):
        case.path_parameters["id"] = "org_0"
    for name in ("org_id", "parent_id"):
        if name in case.body or name == "parent_id" and "/organisations/" in case.operation.path:
            case.body[name] = "org_oslo"
    for name in ("id", "user_id"):
        case.body.pop(name, None)
