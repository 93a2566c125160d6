"""What Schemathesis cannot know of Keruen's forms."""

import itertools

import schemathesis

ASKED = itertools.count()

# The protocol's binary form and files. The description says of both: bytes.
BINARY = ("application/vnd.keruen.sync", "application/octet-stream", "application/offset+octet-stream")
# Which bytes are a message is told by `domain/src/encoding.rs`, not by the description.
ACCEPTANCE = "Schema-valid request rejected"


@schemathesis.serializer(*BINARY)
def to_bytes(_context, value):
    if isinstance(value, bytes):
        return value
    return str(value).encode("utf-8", "surrogatepass")


@schemathesis.deserializer("image/*", "audio/*", "video/*", "application/pdf", *BINARY)
def from_bytes(_context, response):
    # A text of as many characters as there are bytes.
    return response.content.decode("latin-1")


@schemathesis.hook
def map_body(_context, body):
    return whole(body)


def whole(value):
    """1.0 is an integer to JSON Schema; to programs that read integers it is none."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {name: whole(item) for name, item in value.items()}
    return value


@schemathesis.hook
def filter_failure(_context, failure, case, _response):
    return not (failure.title == ACCEPTANCE and case.media_type in BINARY)


@schemathesis.hook
def before_call(_context, _case, kwargs):
    """From another address each time, so that wrong secrets do not count together."""
    # A header of the case's own would count as an edit of the question.
    kwargs["auth"] = from_another_address


def from_another_address(request):
    number = next(ASKED)
    request.headers["x-forwarded-for"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return request
