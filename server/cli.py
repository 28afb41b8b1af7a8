"""The console script `twolane`: arguments in, exit code out.

Exit codes: 0 done, 1 failed, 2 misused. With `--json`, stdout holds exactly one JSON document (one a line
with `--points`), `{"error": {"kind", "message"}}` where the command failed; everything else is on stderr.
A command's module is imported only when it is called, so that `serve` starts fast.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from .. import __version__
from ..clients.errors import ModelError
from ..refactor.tasks import NAMES as REFACTORINGS
from ..routing.errors import GatewayError
from ..routing.task import TASKS
from .commands.outcome import (
    DONE,
    FAILED,
    INTERRUPTED,
    MISUSED,
    CommandError,
    MisuseError,
    UnwritableError,
    emit,
    error_document,
    warn,
)

_HOMES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. `argv` stands in for the process's arguments."""
    words = list(sys.argv[1:] if argv is None else argv)
    _prepare_streams()
    try:
        return _reported(words)
    except BrokenPipeError:
        _abandon_stdout()
        return FAILED
    except UnwritableError as error:
        _abandon_stdout()
        warn(str(error))
        return FAILED


def _reported(words: list[str]) -> int:
    """Run the command and tell every failure in the agreed form."""
    as_json = "--json" in words
    try:
        parser = _parser()
        if not words:
            parser.print_help(sys.stderr)
            return MISUSED
        arguments = parser.parse_args(words)
        logging.basicConfig(
            stream=sys.stderr,
            level=logging.INFO if arguments.verbose else logging.WARNING,
            format="twolane: %(message)s",
        )
        _require_home()
        run: Callable[[argparse.Namespace], int] = import_module(f".commands.{arguments.command}", __package__).run
        code = run(arguments)
        sys.stdout.flush()
        return code
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except (BrokenPipeError, UnwritableError):
        raise
    except CommandError as error:
        return _failed(error.kind, str(error), error.code, as_json)
    except (ModelError, GatewayError) as error:
        return _failed(error.kind, str(error), FAILED, as_json)
    except OSError as error:
        return _failed("failed", _of_the_system(error), FAILED, as_json)
    except Exception as error:
        sys.stderr.write(traceback.format_exc())
        message = f"a fault of Twolane's own ({type(error).__name__}: {error}); please report the lines above."
        return _failed("internal", message, FAILED, as_json)


def _of_the_system(error: OSError) -> str:
    """What the system refused, with the file where it tells; it tells none where the current folder is gone."""
    if error.filename:
        return f"{error.filename}: {error.strerror or error}"
    try:
        Path.cwd()
    except FileNotFoundError:
        return "the current folder is gone: change to one that is there, and ask again."
    return str(error.strerror or error)


def _failed(kind: str, message: str, code: int, as_json: bool) -> int:
    line = " ".join(message.split())
    warn(line)
    if as_json:
        emit(error_document(kind, line))
    return code


class _Parser(argparse.ArgumentParser):
    """Reports misuse like any other failure, instead of ending the process; an option counts as it is written."""

    def __init__(self, **how: Any) -> None:
        super().__init__(allow_abbrev=False, **how)

    def error(self, message: str) -> NoReturn:
        raise MisuseError(f"{message} (see `{self.prog} --help`)")


def _parser() -> argparse.ArgumentParser:
    talkative = _Parser(add_help=False)
    talkative.add_argument("--verbose", action="store_true", help="tell more on stderr")
    common = _Parser(add_help=False, parents=[talkative])
    common.add_argument("--json", action="store_true", help="answer with one JSON document on stdout")
    workspace = _Parser(add_help=False)
    workspace.add_argument(
        "--trust",
        action="store_true",
        help="let the workspace's twolane.toml choose models and servers too",
    )
    top = _Parser(prog="twolane", description="A language server that suggests code with a model of your own.")
    top.add_argument("--version", action="version", version=f"twolane {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    serve = commands.add_parser(
        "serve",
        parents=[talkative, workspace],
        help="the language server, on stdin and stdout",
        description="Serve one editor on stdin and stdout until it leaves. Editors start this themselves.",
    )
    serve.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    serve.add_argument("--stdio", action="store_true", help="accepted for editors that say it; always so")
    serve.add_argument("--clientProcessId", type=int, help=argparse.SUPPRESS)

    commands.add_parser(
        "demo",
        parents=[common],
        help="see suggestions in a real project, in this terminal",
        description="Type three lines of a bundled project with the real model and show what is suggested after each "
        "key; then say how to connect an editor.",
    )

    complete = commands.add_parser(
        "complete",
        parents=[common, workspace],
        help="what would be suggested at one place of a file",
        description="Say what would be suggested at one place of a file, or at every place of a list: the text on "
        "stdout, on stderr why there is none and which files were shown to the model.",
    )
    complete.add_argument(
        "target",
        nargs="?",
        metavar="FILE:LINE:COL",
        help="the cursor; lines and columns count from 1, columns in Unicode code points",
    )
    complete.add_argument(
        "--points",
        metavar="FILE.jsonl",
        help="answer every place in this file (`-`: stdin) instead, one JSON object a line: "
        '{"path", "start": {"line", "column"}, "end": {"line", "column"}, "mask_imports": [names]}; '
        "the last two may be left out",
    )
    complete.add_argument(
        "--context-tokens", type=_count, metavar="N", help="tokens of other files the model may be shown"
    )

    index = commands.add_parser(
        "index",
        parents=[common, workspace],
        help="what of a workspace is known, and what is left out",
        description="Make the index of a workspace, or bring it up to date, as a server does in the background: how "
        "many files, symbols and edges it holds, and how many files are left out, by reason, with the first of them.",
    )
    index.add_argument("folder", nargs="?", metavar="DIR", help="the workspace (the one around this folder)")
    index.add_argument("--watch", action="store_true", help="go on, and tell what each change on disk costs")

    refactor = commands.add_parser(
        "refactor",
        parents=[common, workspace],
        help="an edit by a model, as a diff that was checked",
        description="Have a model change some lines of a file and whatever must follow, and show the edit as a unified "
        "diff. It applies exactly or not at all; nothing is written without --apply.",
    )
    refactor.add_argument("target", metavar="FILE:L1-L2", help="the lines, from 1; FILE:L1 for one")
    refactor.add_argument(
        "--do", dest="task", required=True, choices=REFACTORINGS, metavar="NAME", help=", ".join(REFACTORINGS)
    )
    refactor.add_argument("--instruction", metavar="TEXT", help="what is wanted, in words")
    refactor.add_argument(
        "--diagnostic", action="append", metavar="TEXT", help="what a tool says about these lines, for --do fix"
    )
    refactor.add_argument("--apply", action="store_true", help="write the edit, all files or none")
    refactor.add_argument(
        "--show-context", action="store_true", help="say what would be sent and what it would cost; send nothing"
    )

    review = commands.add_parser(
        "review",
        parents=[common, workspace],
        help="what is wrong with the changed lines, each finding with a quote",
        description="Have a model review what changed since a commit. Only what quotes new lines that stand there is "
        "told. Exit code 1: a finding at or above --fail-on; 3: not reviewed to the end (no key, no lane, no budget).",
    )
    review.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="only these, or what changed in a folder; one that git does not know is new",
    )
    review.add_argument("--diff", default="HEAD", metavar="REV", help="what changed since this commit (%(default)s)")
    review.add_argument("--format", choices=["text", "json", "sarif", "github"], default="text", help="of the report")
    review.add_argument(
        "--fail-on",
        choices=["error", "warning", "note", "never"],
        default="error",
        help="the least severity that makes the exit code 1 (%(default)s)",
    )
    review.add_argument("--baseline", metavar="FILE", help="leave out the findings in this file")
    review.add_argument("--write-baseline", metavar="FILE", help="add what is found to this file, and fail for none")
    review.add_argument("--max", type=_count, default=5, metavar="N", help="findings of a file (%(default)s)")
    review.add_argument("--output", metavar="FILE", help="write the report there")

    context = commands.add_parser(
        "context",
        parents=[common, workspace],
        help="which lines of other files matter at one place of a file",
        description="Say which lines of other files would be shown to a model at one place of a file, or at every "
        "place of a list, and why each of them. The workspace is indexed first; no model is needed.",
    )
    context.add_argument(
        "target",
        nargs="?",
        metavar="FILE:LINE:COL",
        help="the cursor; lines and columns count from 1, columns in Unicode code points",
    )
    context.add_argument(
        "--points",
        metavar="FILE.jsonl",
        help="answer every place in this file (`-`: stdin) instead, as `complete` does",
    )
    context.add_argument(
        "--tokens", type=_count, default=1024, metavar="N", help="tokens that there is room for (%(default)s)"
    )

    evaluate = commands.add_parser(
        "evaluate",
        parents=[common, workspace],
        help="what each lane is worth on your own code",
        description="Hide lines, arguments, blocks and bodies of your own code, one at a time, and ask for them again: "
        "the near lane with and without what other files say, and with --far the far lane. Tells how often each was "
        "right, task by task, how fast, and for how much.",
    )
    evaluate.add_argument("folder", nargs="?", metavar="DIR", help="the code to draw from (the workspace around here)")
    evaluate.add_argument("--places", type=_places, default=50, metavar="N", help="how many are hidden (%(default)s)")
    evaluate.add_argument("--seed", type=_seed, default=1, metavar="N", help="another one draws others (%(default)s)")
    evaluate.add_argument("--far", action="store_true", help="ask the far lane too: the code leaves, and it costs")
    evaluate.add_argument(
        "--at-most", type=_dollars, default=1.0, metavar="DOLLARS", help="what --far may cost in all (%(default)s)"
    )
    evaluate.add_argument("--each", action="store_true", help="tell every place with what was expected and written")

    engine = commands.add_parser(
        "engine",
        parents=[common, workspace],
        help="the process that holds the model",
        description="The process that holds the model, one for all editors of this user. It starts with the first "
        "suggestion and leaves by itself when nobody has needed it for a while.",
    )
    engine.add_argument(
        "action",
        choices=["status", "start", "stop"],
        help="status: whether it runs, its model, memory and files; start: start it and load the model; "
        "stop: end it, the next suggestion starts it again",
    )

    models = commands.add_parser(
        "models",
        parents=[common],
        help="models for suggestions: which suits this machine, fetch one, try one",
        description="Models that complete, as GGUF files. list: those that are here and those that are known by name; "
        "recommend: which suits this machine's memory; pull NAME: fetch one, taken up again where it broke off and "
        "compared with its checksum; probe [NAME]: load one and find out whether it fills gaps, leaks control "
        "tokens, reuses its cache, and how fast it is.",
    )
    models.add_argument("action", choices=["list", "recommend", "pull", "probe"])
    models.add_argument(
        "model", nargs="?", metavar="NAME", help="a name of `models list`; pull: or an address; probe: or a file"
    )
    models.add_argument("--use", action="store_true", help="pull: make it the one in use, in your own settings")
    models.add_argument("--sha256", metavar="HEX", help="pull: the checksum that the file must have")

    route = commands.add_parser(
        "route",
        parents=[common, workspace],
        help="which model would answer, and why",
        description="Say which model would answer a task about a file, and every rule that took part. Nothing is sent.",
    )
    route.add_argument("task", choices=TASKS, metavar="TASK", help=", ".join(TASKS))
    route.add_argument("file", metavar="FILE", help="the file at hand")

    lasting = _Parser(add_help=False)
    lasting.add_argument("--days", type=_days, default=30, metavar="N", help="of the last N days (30)")
    ledger = commands.add_parser(
        "ledger",
        parents=[common, workspace, lasting],
        help="what was spent on models elsewhere, and what left this machine",
        description="Tell each request to a model elsewhere and what it cost; with --egress, what left this machine: "
        "when, to which host, which lines of which files, how many bytes, and their hash.",
    )
    ledger.add_argument("--egress", action="store_true", help="what left this machine")
    ledger.add_argument(
        "--acknowledge",
        type=_dollars,
        metavar="DOLLARS",
        help="after a ledger was lost: so much was spent today, go on",
    )
    ledger.add_argument(
        "--accept-clock", action="store_true", help="after this machine's clock was ahead: believe it again"
    )
    commands.add_parser(
        "stats",
        parents=[common, workspace, lasting],
        help="how often, how fast and from where suggestions came, and what models elsewhere cost",
        description="Add up the completions that are kept: how often something was shown, where it came from, how "
        "fast, and why nothing was; and spend, tokens and latency of models elsewhere, from the ledger.",
    )
    explain = commands.add_parser(
        "explain",
        parents=[common],
        help="what happened to the last requests, and why there was a suggestion or none",
        description="Tell the last requests of this workspace, of all your editor windows, the newest last: where "
        "and how much was shown or why nothing was, where it came from, what took how long, what the model read, and "
        "what left this machine.",
    )
    explain.add_argument("count", nargs="?", type=_requests, default=10, metavar="N", help="how many requests (10)")
    explain.add_argument("--all", action="store_true", help="of every workspace")

    doctor = commands.add_parser(
        "doctor",
        parents=[common, workspace],
        help="what is wrong on this machine, and what mends it",
        description="Check this machine, the settings, the model and the engine; name the command that mends each "
        "trouble. Exit code 1 where something must be mended.",
    )
    doctor.add_argument(
        "--ask", action="store_true", help="also ask the far lane's provider whether the key is taken; sends no text"
    )
    return top


def _count(word: str) -> int:
    return _whole(word, 0, 65_536)


def _places(word: str) -> int:
    return _whole(word, 1, 2_000)


def _seed(word: str) -> int:
    return _whole(word, 0, 2**31)


def _requests(word: str) -> int:
    return _whole(word, 1, 1_000_000)


def _days(word: str) -> int:
    return _whole(word, 1, 36_500)


def _dollars(word: str) -> float:
    try:
        amount = float(word)
    except ValueError:
        amount = -1.0
    if not 0 <= amount <= 1_000_000:
        raise argparse.ArgumentTypeError("it must be an amount of dollars, from 0 to 1000000")
    return amount


def _whole(word: str, low: int, high: int) -> int:
    try:
        number = int(word)
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise argparse.ArgumentTypeError(f"it must be a whole number from {low} to {high}")
    return number


def _require_home() -> None:
    """Refuse to go on where settings, spend and the index would have no place; raise `CommandError`."""
    if os.path.expanduser("~") == "~" and not all(os.path.isabs(os.environ.get(name, "")) for name in _HOMES):  # noqa: PTH111, PTH117 - Path raises
        names = ", ".join(_HOMES)
        raise CommandError(f"this user has no home folder: set HOME to a folder of yours, or {names}.", kind="no-home")


def _prepare_streams() -> None:
    """Let output survive any character and any locale; a stream that is closed is one to nowhere."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            _open_nowhere(number)
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115 - for all the process's life
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _open_nowhere(number: int) -> None:
    """Take the number of a closed stream, so that no file or socket gets it and is written to by mistake."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != number:
        os.dup2(nowhere, number)
        os.close(nowhere)
    os.set_inheritable(number, True)


def _abandon_stdout() -> None:
    """Nobody gets what is left of our output: let the interpreter's last flush go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
