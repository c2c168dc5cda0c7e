"""`python -m tests.fuzz TARGET --seconds 300`: coverage-guided, with atheris (dependency group `fuzz`; Linux, macOS).

libFuzzer drives the strategy of the target through hypothesis (fuzz_one_input), so that what it finds is shown as the
input that the check got. New inputs are kept in `--corpus`, for the next run to go on from.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--megabytes", type=int, default=2048, help="memory that the process may take")
    parser.add_argument("--corpus", type=Path, help="folder of inputs to begin with, and for new ones")
    options = parser.parse_args()
    try:
        import atheris
    except ImportError:
        sys.exit("This needs atheris: uv pip install --group fuzz")
    folder = tempfile.mkdtemp(prefix="sfmcp-fuzz-")
    for kind in ("CONFIG", "STATE", "EXPORT"):
        os.environ[f"SFMCP_{kind}_DIR"] = str(Path(folder, kind.lower()))
    with atheris.instrument_imports(include=["salesforce_mcp", "lark", "mcp"]):
        from tests.fuzz.conversation import STDIN
        from tests.fuzz.spoiled_org import answers
        from tests.fuzz.targets import TARGETS
    targets = {**TARGETS, "stdin": STDIN}
    if options.target not in (*targets, "answers"):
        sys.exit(f"There is no target {options.target}: {', '.join(targets)}, answers")

    from hypothesis import HealthCheck, given, settings

    target = targets.get(options.target) or answers(Path(folder))

    @settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(target.inputs)
    def attempt(value: object) -> None:
        target.check(value)

    flags = [
        f"-max_total_time={options.seconds}",
        f"-rss_limit_mb={options.megabytes}",
        "-timeout=20",
        "-max_len=8192",
        "-len_control=0",
    ]
    corpus = [str(options.corpus)] if options.corpus else []
    if options.corpus:
        options.corpus.mkdir(parents=True, exist_ok=True)
        flags.append(f"-artifact_prefix={options.corpus}/")
    atheris.Setup([sys.argv[0], *flags, "-print_final_stats=1", *corpus], attempt.hypothesis.fuzz_one_input)
    atheris.Fuzz()


main()
