"""What a packed environment says of itself: which Python it needs. Run by the environment's own Python."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import sys
import sysconfig
from importlib.metadata import version


def note() -> dict[str, str]:
    """The Python that the environment leads to, the system that its libraries were compiled for, and our version."""
    return {
        "python": "{}.{}".format(*sys.version_info[:2]),
        "at": os.path.realpath(sys.executable),
        "platform": sysconfig.get_platform(),
        "libc": " ".join(platform.libc_ver()),
        "vitalfew": version("vitalfew"),
    }


if __name__ == "__main__":
    if importlib.util.find_spec("pyspark"):
        sys.exit("The environment has a pyspark of its own, which would stand in for the cluster's: what requires it?")
    print(json.dumps(note()))
