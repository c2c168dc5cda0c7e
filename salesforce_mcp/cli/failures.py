"""The one place where failures become words on stderr and an exit code."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

from salesforce_mcp.cli.environment import Environment, environment
from salesforce_mcp.errors import ExitCode, SfmcpError

_COLOURS = {"code": "1;31", "hint": "36"}


def guard(command: Callable[[], int | None]) -> int:
    """Run a command and return its exit code (errors.ExitCode), having said on stderr what went wrong."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # what a terminal's encoding lacks must not end a command
    try:
        code = command() or ExitCode.DONE
        sys.stdout.flush()  # here, where a closed pipe can still be met; the interpreter's own flush would complain
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            sys.stderr.write("\n")  # the prompt that follows would stand beside the terminal's ^C
        return ExitCode.INTERRUPTED
    except SystemExit as stop:
        return _exit_code(stop)
    except SfmcpError as error:
        _traceback(environment())
        environment().say(describe(error, colour=environment().colour(sys.stderr)))
        return error.exit_code
    except OSError as error:
        return _system_failure(error)
    except Exception as error:  # noqa: BLE001 - the last resort: one line instead of a traceback
        here = environment()
        if not _traceback(here):
            # The words of an unforeseen error may hold anything, a token too: only its kind and place are shown.
            here.say(f"UNEXPECTED: {type(error).__name__}{_place(error)}. This is a bug; SFMCP_DEBUG=1 shows more.")
        return ExitCode.REFUSED
    return code


def describe(error: SfmcpError, *, colour: bool = False) -> str:
    """The error for a person's eyes: code, Salesforce's words, fields, hint."""
    return error.text(_painted) if colour else error.text()


def _place(error: Exception) -> str:
    """The line of our own code that was running last."""
    import traceback

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "salesforce_mcp" in frame.filename]
    return f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""


def _exit_code(stop: SystemExit) -> int:
    if isinstance(stop.__context__, OSError) and _pipe_closed(stop.__context__):
        return _system_failure(stop.__context__)
    try:
        sys.stdout.flush()
    except OSError as error:
        return _system_failure(error)
    return stop.code if isinstance(stop.code, int) else ExitCode.DONE if stop.code is None else ExitCode.REFUSED


def _system_failure(error: OSError) -> int:
    """A closed pipe ends the command quietly: its reader (`head`) has what it wanted. Others get their own words."""
    if _pipe_closed(error):
        _drop_stdout()
        return ExitCode.DONE
    here = environment()
    if not _traceback(here):
        where = f": {error.filename}" if error.filename else ""
        here.say(f"SYSTEM: {error.strerror or type(error).__name__}{where}")
    if not _flushes():
        _drop_stdout()
    return ExitCode.REFUSED


def _pipe_closed(error: OSError) -> bool:
    import errno

    return isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL)


def _flushes() -> bool:
    try:
        sys.stdout.flush()
    except OSError:
        return False
    return True


def _drop_stdout() -> None:
    """What is still buffered can't be written: let the interpreter's last flush go nowhere."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())


def _traceback(here: Environment) -> bool:
    if not here.debug:
        return False
    import traceback

    here.say(traceback.format_exc().rstrip(), as_it_is=True)
    return True


def _painted(words: str, kind: str) -> str:
    return f"\x1b[{_COLOURS[kind]}m{words}\x1b[0m"
