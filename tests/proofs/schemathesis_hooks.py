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

import schemathesis
from schemathesis.core import NotSet
from schemathesis.transport.serialization import serialize_json

SECRETS = json.loads(os.environ["PROOF_SECRETS"])


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def ticket(tracking_id: str) -> str:
    now = int(time.time())
    claims = {
        "sub": "128",
        "jti": tracking_id,
        "aud": SECRETS["audience"],
        "iat": now,
        "exp": now + 600,
        "operation": "hosted_deposit",
        "amount": "10.05",
        "currency": "EUR",
    }
    parts = [{"alg": "HS256", "typ": "JWT"}, claims]
    text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    mac = hmac.new(SECRETS["ticket"].encode(), text.encode(), hashlib.sha256)
    return f"{text}.{base64url(mac.digest())}"


@schemathesis.auth()
class Credentials:
    """The credentials that the operation asks for: the admin token, or a ticket for the payment in the path."""

    def get(self, case, ctx):
        schemes = [name for scheme in case.operation.definition.raw.get("security", []) for name in scheme]
        if "admin" in schemes:
            return SECRETS["admin"]
        if "ticket" in schemes:
            return ticket((case.path_parameters or {}).get("tracking_id") or str(uuid.uuid4()))
        return None

    def set(self, case, data, ctx):
        if data is not None:
            case.headers["authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Signs a webhook: wherever the schema's data has a well-formed signature, it becomes the true one of the body."""
    given = case.headers.get("x-signature") if case.headers else None
    if case.operation.path != "/v1/webhooks" or not re.fullmatch("[0-9A-Fa-f]{40}", str(given)):
        return
    if isinstance(case.body, NotSet):
        return
    # What is put on the wire; a body that becomes other text on its way is found out, since its signature is then wrong.
    body = serialize_json(case.body)
    text = body["data"] if "data" in body else json.dumps(body["json"], allow_nan=False)
    text = text.encode() if isinstance(text, str) else text
    case.headers["x-signature"] = hashlib.sha1(text + SECRETS["webhook"].encode()).hexdigest().upper()


@schemathesis.hook
def map_body(ctx, body):
    """Gives an amount that is a number at most 28 digits: the schema says so in words, for JSON Schema has no keyword for it."""
    amount = body.get("amount") if isinstance(body, dict) else None
    if isinstance(amount, (int, float)) and not isinstance(amount, bool):
        return {**body, "amount": round(math.fmod(amount, 1e12), 4)}
    return body
