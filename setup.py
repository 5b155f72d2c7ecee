"""Builds the stubs of proto/ into chakong/, and the compiled modules.

CHAKONG_DEBUG=1 keeps assertions and bounds checks and turns optimisation off; CHAKONG_SANITIZE=1 adds
the address and undefined-behaviour sanitizers. There is no pure-Python fallback: a build that cannot
compile fails.
"""

import os
import platform
import sys
from pathlib import Path

from Cython.Build import cythonize
from grpc_tools import protoc
from setuptools import Extension, setup

ROOT = Path(__file__).resolve().parent
DEBUG = os.environ.get("CHAKONG_DEBUG") == "1"
SANITIZE = os.environ.get("CHAKONG_SANITIZE") == "1"

COMPILE_ARGS = ["-O0", "-g"] if DEBUG else ["-O3", "-g1", "-fno-strict-aliasing"]
if platform.machine() == "x86_64":
    COMPILE_ARGS += ["-march=x86-64-v2"]  # any of the last fifteen years; popcnt counts institutions
COMPILE_ARGS += [
    "-Wall",
    "-Wno-unused-function",
    "-Wno-unused-variable",
    "-Wno-sign-compare",
    "-Wno-maybe-uninitialized",
]
LINK_ARGS: list[str] = []
if SANITIZE:
    COMPILE_ARGS += ["-fsanitize=address,undefined", "-fno-omit-frame-pointer"]
    LINK_ARGS += ["-fsanitize=address,undefined"]

DIRECTIVES = {
    "language_level": 3,
    "embedsignature": False,
    "boundscheck": DEBUG,
    "wraparound": False,
    "cdivision": True,
    "initializedcheck": DEBUG,
    "freethreading_compatible": False,
}
# Rules that are written in Python, with a .pxd beside them for types: they keep its meaning.
RULES_DIRECTIVES = {
    "language_level": 3,
    "annotation_typing": False,
    "auto_pickle": False,
    "freethreading_compatible": False,
    "nonecheck": True,
    "overflowcheck": True,
}


def build_stubs() -> None:
    """Generate chakong/**/*_pb2*.py from proto/; package path = import path."""
    sources = sorted(str(path.relative_to(ROOT / "proto")) for path in (ROOT / "proto").rglob("*.proto"))
    well_known = str(Path(protoc.__file__).parent / "_proto")
    arguments = ["protoc", f"-I{ROOT / 'proto'}", f"-I{well_known}"]
    arguments += [f"--{kind}={ROOT}" for kind in ("python_out", "grpc_python_out")]
    arguments += [f"--{kind}=quiet:{ROOT}" for kind in ("mypy_out", "mypy_grpc_out")]
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if protoc.main([*arguments, *sources]) != 0:
        raise SystemExit("setup.py: protoc failed on proto/")
    (ROOT / "chakong").mkdir(exist_ok=True)
    for folder in [ROOT / "chakong", *(p for p in (ROOT / "chakong").rglob("*") if p.is_dir())]:
        (folder / "__init__.py").touch()


def written_in_cython() -> list[Path]:
    """Each .pyx of the compiled parts."""
    sources = [ROOT / "gateway" / "_core.pyx", *(ROOT / "gateway" / "core").glob("*.pyx")]
    sources += [*(ROOT / "gateway" / "holds").glob("*.pyx"), *(ROOT / "runtime").glob("*.pyx")]
    sources += [*(ROOT / "simulator").glob("*.pyx"), *(ROOT / "benchmarks").rglob("*.pyx")]
    return [*sources, *(ROOT / "blacklist").rglob("*.pyx")]


def written_in_python() -> list[Path]:
    """Each .py of the ledger that has a .pxd."""
    modules = (path.with_suffix(".py") for path in (ROOT / "gateway" / "holds").glob("*.pxd"))
    return [path for path in modules if path.exists()]


def extensions(sources: list[Path]) -> list[Extension]:
    """One for each of them."""
    found = sorted(path.relative_to(ROOT) for path in sources)
    return [
        Extension(
            ".".join(path.with_suffix("").parts),
            [str(path)],
            extra_compile_args=COMPILE_ARGS,
            extra_link_args=LINK_ARGS,
        )
        for path in found
    ]


def compiled(sources: list[Path], directives: dict[str, int]) -> list[Extension]:
    """The same as C."""
    made: list[Extension] = cythonize(  # type: ignore[no-untyped-call]
        extensions(sources), compiler_directives=directives, nthreads=0, annotate=DEBUG
    )
    return made


build_stubs()
setup(
    ext_modules=[
        *compiled(written_in_cython(), DIRECTIVES),
        *compiled(written_in_python(), RULES_DIRECTIVES),
    ],
)
