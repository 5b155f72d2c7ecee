"""grpcurl, as far as the documents use it, by `buf curl`: the same certificates, JSON, reflection and wire.

    grpcurl -cacert CA -cert CERT -key KEY [-max-time S] [-d JSON | -d @] HOST:PORT list | SERVICE/METHOD

An option that is not among these is an error. It stands in for a program that is not
among the project's dependencies.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

OPTIONS = {"-cacert": "--cacert", "-cert": "--cert", "-key": "--key", "-d": "--data"}


def buf_command(arguments: Sequence[str]) -> list[str]:
    """The same call. ValueError for what the documents do not use."""
    command = ["buf", "curl", "--protocol", "grpc"]
    rest = list(arguments)
    while rest and rest[0].startswith("-"):
        option, value = rest.pop(0), rest.pop(0)
        if option not in OPTIONS:
            raise ValueError(f"grpcurl: option {option}, any of {sorted(OPTIONS)}")
        command += [OPTIONS[option], "@-" if (option, value) == ("-d", "@") else value]
    address, method = rest
    if method == "list":
        return [*command, "--list-services", f"https://{address}"]
    return [*command, f"https://{address}/{method}"]


if __name__ == "__main__":
    buf = Path(sys.executable).parent / "buf"
    raise SystemExit(subprocess.run([buf, *buf_command(sys.argv[1:])[1:]], check=False).returncode)
