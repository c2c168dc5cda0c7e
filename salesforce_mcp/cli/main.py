"""`sfmcp`: the way in. `serve` is started at once; every other command goes through typer (cli/application.py)."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line (without the program's name) and leave with its exit code."""
    from salesforce_mcp.cli.failures import guard

    _open_missing_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    sys.exit(guard(lambda: _run(arguments)))


def _open_missing_streams() -> None:
    """Give a stream that we were started without its number: the next file opened would get it, and what was meant for
    the stream. stdin is empty then, stderr goes nowhere, and writing to stdout fails.
    """
    for name, mode, flags in (("stdin", "r", os.O_RDONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, flags), mode, encoding="utf-8"))


def _run(arguments: list[str]) -> int | None:
    if arguments[:1] == ["serve"]:
        # An AI client waits for the first answer: don't pay for the import of typer.
        from salesforce_mcp.server.serve import main as serve

        return serve(arguments[1:])
    # Modules and rows make many objects and hardly any cycles: looking for those every 700 objects takes a tenth of a
    # short command's time, and of a long export's.
    gc.set_threshold(100_000, 10, 10)
    # At its end the interpreter looks for cycles in all modules, more than once: a tenth of a short command's time.
    atexit.register(gc.freeze)
    _end_as_by_ctrl_c()
    from salesforce_mcp.cli.application import application

    try:
        application(arguments)(arguments, prog_name="sfmcp")
    finally:
        if "--install-completion" in arguments:
            from salesforce_mcp.cli.completion import finish_zsh

            finish_zsh()
    return None


def _end_as_by_ctrl_c() -> None:
    """End in the same way, with nothing half-written, when another program says so or the terminal is closed.

    What was told to ignore that, as by nohup, still does.
    """
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ctrl-C, as it is taken just now: an event loop ends its tasks, where an exception in its midst could hang it."""
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):  # ignored, as in a shell's background
        raise KeyboardInterrupt
    handler(signal.SIGINT, frame)
