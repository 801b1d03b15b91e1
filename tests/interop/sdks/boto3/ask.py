"""boto3 as one of the clients of `tests/interop/sdks`."""

import sys
from datetime import timezone

import boto3

session = boto3.Session()
for _ in sys.stdin:
    try:
        credentials = session.get_credentials()
        key_id = credentials.get_frozen_credentials().access_key
        # botocore shows the end to no caller.
        end = credentials._expiry_time.astimezone(timezone.utc).timestamp()
        print(key_id, int(end), flush=True)
    except Exception as error:
        print("error", repr(error).replace("\n", " "), flush=True)
