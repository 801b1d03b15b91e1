"""Obtains credentials as many times as its argument says, with a new session each time; prints milliseconds."""

import sys
import time

import boto3

boto3.Session().get_credentials().get_frozen_credentials()
start = time.monotonic()
for _ in range(int(sys.argv[1])):
    boto3.Session().get_credentials().get_frozen_credentials()
print((time.monotonic() - start) * 1000)
