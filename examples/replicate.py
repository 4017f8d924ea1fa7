"""Brings the users of one region home, and tells Muster how it went.

A job as many have it today: Python and requests, one ping when it is done, another when it failed. To watch such a job
with Muster, change nothing but the host. In the environment:

    HEARTFLY_REPLICATION_UUID   what to ping; the job's page in Muster shows it
    MUSTER_URL                  where Muster is; http://localhost:8080
    REPLICATION_URL             the service that copies and deletes the rows; without it there is nothing to copy
"""

import os
import sys

import requests

MUSTER = os.environ.get("MUSTER_URL", "http://localhost:8080").rstrip("/")
UUID = os.environ["HEARTFLY_REPLICATION_UUID"]


def replicate(region):
    """Copies what waits for the region to its database there, then deletes it at the source."""
    service = os.environ.get("REPLICATION_URL")
    if not service:
        print("REPLICATION_URL is not set: nothing to copy")
        return
    answer = requests.post(f"{service}/{region}", timeout=60)
    if not answer.ok:
        raise RuntimeError(answer.text)
    print(answer.text)


def main():
    try:
        replicate("eu-west-1")
    except Exception as failure:
        print(f"failed: {failure}", file=sys.stderr)
        requests.get(f"{MUSTER}/fail/{UUID}", timeout=10)
        return 1
    requests.get(f"{MUSTER}/ping/{UUID}", timeout=10)
    return 0


if __name__ == "__main__":
    sys.exit(main())
