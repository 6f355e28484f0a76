"""Credentials and signatures for Schemathesis, made as a merchant's backend and the gateway make them: with Python's own library."""

import base64
import hashlib
import hmac
import json
import math
import os
import re
import time
import uuid
from urllib.parse import quote, unquote

import schemathesis
from schemathesis.core import NotSet
from schemathesis.core.parameters import ParameterLocation
from schemathesis.transport.serialization import serialize_json

SECRETS = json.loads(os.environ["PROOF_SECRETS"])
# What no answer may show.
HIDDEN = json.loads(os.environ["HIDDEN"])
# By operation: ids of what there is.
KNOWN_IDS = json.loads(os.environ["KNOWN_IDS"])


# What was sent as credentials; a header of Schemathesis' own is left alone.
ISSUED = set()


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def ticket(tracking_id: str, operation: dict) -> str:
    now = int(time.time())
    claims = {
        "sub": "128",
        "jti": tracking_id,
        "aud": SECRETS["audience"],
        "iat": now,
        "exp": now + 600,
        **operation,
        "amount": "10.05",
        "currency": "EUR",
    }
    parts = [{"alg": "HS256", "typ": "JWT"}, claims]
    text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    mac = hmac.new(SECRETS["ticket"].encode(), text.encode(), hashlib.sha256)
    return f"{text}.{base64url(mac.digest())}"


@schemathesis.auth(refresh_interval=None)
class Credentials:
    """The credentials that the operation asks for: the admin token, or a ticket for the payment in the path."""

    def get(self, case, ctx):
        schemes = [name for scheme in case.operation.definition.raw.get("security", []) for name in scheme]
        if "admin" in schemes:
            return SECRETS["admin"]
        if "ticket" in schemes:
            by_card = case.operation.path == "/v1/card-payments"
            operation = {"operation": "card_payment", "routing_id": 7} if by_card else {"operation": "hosted_deposit"}
            return ticket((case.path_parameters or {}).get("tracking_id") or str(uuid.uuid4()), operation)
        return None

    def set(self, case, data, ctx):
        if data is not None:
            ISSUED.add(f"Bearer {data}")
            case.headers["authorization"] = f"Bearer {data}"


# A card that is good for any check digit and for years to come.
CARD = {
    "holder_name": "Obviously Fake",
    "card_number": "4111 1111 1111 1111",
    "cvc": "737",
    "exp_month": "12",
    "exp_year": "2031",
}


def made_valid(body):
    """Makes valid what the document says in words, since JSON Schema has none for it: amounts of at most 28 digits, check digits, no token without Turnstile."""
    amount = body.get("amount")
    if isinstance(amount, (int, float)):
        body = {**body, "amount": round(math.fmod(amount, 1e12), 4)}
    if "card_details" in body:
        body = {**body, "card_details": {**body["card_details"], **CARD}}
    if "turnstile_token" in body:
        body = {**body, "turnstile_token": None}
    expected = {"expected_amount": "10.05", "expected_currency": "EUR"}
    return {**body, **{name: value for name, value in expected.items() if name in body}}


@schemathesis.hook
def before_call(ctx, case, kwargs):
    is_valid = case.meta is not None and not case.meta.is_negative_at(ParameterLocation.BODY)
    if is_valid and isinstance(case.body, dict):
        case.body = made_valid(case.body)
    if case.meta is not None and not case.meta.is_negative_at(ParameterLocation.QUERY):
        # Days of the calendar, numbers of 64 bits; a whole second is a wait like any other, and 25 of them are not for a suite.
        today = time.strftime("%d-%m-%Y", time.gmtime())
        valid = {"wait": 1, "version": 1, "from": today, "to": today}
        for name in valid.keys() & (case.query or {}).keys():
            case.query[name] = valid[name]
        if isinstance((case.query or {}).get("cursor"), int):
            case.query["cursor"] %= 2**63
    if case.meta is not None and not case.meta.is_negative_at(ParameterLocation.PATH):
        # An id has no control characters, and no white space at its ends.
        for name, value in (case.path_parameters or {}).items():
            text = unquote(str(value))
            if not text.isprintable() or text.strip() != text:
                case.path_parameters[name] = "order-1"
            known = KNOWN_IDS[f"{case.operation.method.upper()} {case.operation.path}"]
            # In every second case; which one is the generated id's, and so the seed's.
            if len(text) % 2 == 0:
                case.path_parameters[name] = quote(known[len(text) // 2 % len(known)], safe="")
    if case.operation.path == "/v1/sessions/{tracking_id}" and (case.headers or {}).get("authorization") in ISSUED:
        # The ticket of the payment that the path names by now.
        tracking_id = unquote(str(case.path_parameters["tracking_id"]))
        case.headers["authorization"] = f"Bearer {ticket(tracking_id, {'operation': 'hosted_deposit'})}"
    if case.operation.path == "/v1/webhooks":
        sign(case)


@schemathesis.hook
def after_call(ctx, case, response):
    answer = f"{response.headers} {response.text}"
    assert not any(secret in answer for secret in HIDDEN), f"a secret was shown: {answer}"


def sign(case):
    """Wherever the schema's data has a well-formed signature, it becomes the true one of the body."""
    given = (case.headers or {}).get("x-signature")
    if isinstance(case.body, NotSet) or not re.fullmatch("[0-9A-Fa-f]{40}", str(given)):
        return
    # What is put on the wire; a body that becomes other text on its way is found out, since its signature is then wrong.
    body = serialize_json(case.body)
    text = body["data"] if "data" in body else json.dumps(body["json"], allow_nan=False)
    text = text.encode() if isinstance(text, str) else text
    case.headers["x-signature"] = hashlib.sha1(text + SECRETS["webhook"].encode()).hexdigest().upper()
