"""Addresses of objects, and what their stores say."""

import pytest

from treernn.errors import InputError
from treernn.stores import Stored, _line, is_address, place


def test_addresses():
    stored = place("s3://bucket/a/b.csv")
    assert isinstance(stored, Stored)
    assert str(stored) == "s3://bucket/a/b.csv"
    assert place("s3://bucket/a/") == place("s3://bucket") / "a"
    assert stored.with_name("c") == place("s3://bucket/a/c")
    assert stored.name == "b.csv"
    assert not any(map(is_address, ("a.csv", "s3:/a", "https://a/b", "-", None, 3)))
    for wrong in ("s3://", "s3:///a", "gs://b//a", "s3://b/../a", "s3://b/./a"):
        with pytest.raises(InputError, match="no address of an object, expected"):
            place(wrong)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            "When listing objects under key '' in bucket 'b': AWS Error NO_SUCH_BUCKET during "
            "ListObjectsV2 operation: The specified bucket does not exist (Request ID: iuN7)",
            "The specified bucket does not exist",
        ),
        (
            "When getting information for key 'x' in bucket 'b': AWS Error NETWORK_CONNECTION "
            "during HeadObject operation: curlCode: 6, Could not resolve hostname; Details: Could "
            "not resolve host: s3.amazonaws.com",
            "Could not resolve host: s3.amazonaws.com",
        ),
        (
            "When listing objects under key '' in bucket 'b': AWS Error ACCESS_DENIED during "
            "ListObjectsV2 operation: Access Denied (Request ID: iuN7)",
            "access denied: ACCESS_DENIED, see AWS_ACCESS_KEY_ID and AWS_PROFILE",
        ),
        (
            "google::cloud::Status(NOT_FOUND: Permanent error, with a last message of Not Found "
            "error_info={reason=Not Found, domain=global, metadata={gcloud-cpp.retry.function="
            "ReadObject, gcloud-cpp.retry.original-message=Not Found, http_status_code=404}})",
            "Not Found",
        ),
        (
            "google::cloud::Status(PERMISSION_DENIED: Permanent error error_info={reason="
            ", metadata={gcloud-cpp.retry.original-message=Forbidden, http_status_code=403}})",
            "access denied, see GOOGLE_APPLICATION_CREDENTIALS",
        ),
        (
            "When listing objects under key '' in bucket 'b': AWS Error UNKNOWN (HTTP status 400) "
            "during ListObjectsV2 operation: Unable to parse ExceptionName: ExpiredToken",
            "access denied: the credentials have expired, get new ones",
        ),
        ("something\nelse", "something else"),
    ],
)
def test_what_stores_say_is_short(said, line):
    assert _line(OSError(said)) == line
