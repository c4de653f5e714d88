"""Verifies Signature Version 4 as Amazon's services do, which moto does not."""

import re

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def refusal(request, secret, key="key", token=None):
    """(status, body) for a request that Amazon would refuse, else None."""
    parts = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/\d{8}/([^/]+)/(\w+)/aws4_request, "
                         r"SignedHeaders=([^,]+), Signature=(\w+)",
                         request.headers.get("Authorization", ""))
    if not parts or parts.group(1) != key:
        return 403, b'{"__type": "MissingAuthenticationTokenException", "message": "not signed"}'
    _, region, service, names, signature = parts.groups()
    headers = {name: request.headers.get(name, "") for name in names.split(";")}
    check = AWSRequest(request.method, f"http://{request.headers['Host']}{request.path}",
                       headers=headers, data=request.body)
    check.context["timestamp"] = request.headers["X-Amz-Date"]
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    auth = kind(Credentials(key, secret, token), service, region)
    text = auth.canonical_request(check)
    if names != text.split("\n")[-2]:
        return 403, b'{"__type": "InvalidSignatureException", "message": "wrong signed headers"}'
    want = auth.signature(auth.string_to_sign(check, text), check)
    if want != signature or (token and request.headers.get("X-Amz-Security-Token") != token):
        return 403, b'{"__type": "InvalidSignatureException", "message": "wrong signature"}'
    return None
