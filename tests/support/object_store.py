"""An object store that speaks S3, on loopback, as long as a test needs it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import boto3


@contextmanager
def object_store(bucket: str) -> Iterator[str]:
    """The URI of an empty bucket that this process and its children reach by the environment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    serving = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    reached_by = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }
    try:
        with patch.dict(os.environ, reached_by):
            await_answer(port, serving)
            boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=bucket)
            yield f"s3://{bucket}"
    finally:
        serving.terminate()
        serving.wait()


def await_answer(port: int, serving: subprocess.Popen[bytes], seconds: float = 60) -> None:
    """Wait until the port answers."""
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert serving.poll() is None, "the object store has ended"
            assert time.monotonic() < until, "the object store does not answer"
            time.sleep(0.1)
        else:
            return


def upload(folder: Path, uri: str) -> None:
    """The files of a folder, below a URI."""
    bucket, _, below = uri.removeprefix("s3://").partition("/")
    client = boto3.client("s3", region_name="us-east-1")
    for path in folder.rglob("*"):
        if path.is_file():
            client.put_object(Bucket=bucket, Key=f"{below}/{path.relative_to(folder)}", Body=path.read_bytes())
