"""wrk: what it sends, the script that looks at every answer, and what it measured."""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.servers import Failed, Server
from benchmarks.site import AGENT

CONNECTIONS = 4
NO_WRK = (
    "wrk is not installed. On Debian or Ubuntu: apt install wrk. On macOS: brew install wrk. "
    "Its source: https://github.com/wg/wrk"
)


# One thread of wrk holds one connection, so that what a form saves next follows from what it
# saved last. The counter moves with the answer: what was sent and never answered is sent again.
LUA = """
local number = 0
function setup(thread)
  number = number + 1
  thread:set("id", number)
  if threads == nil then threads = {} end
  threads[number] = thread
end

function init(args)
  sent, wrong, first_wrong = 0, 0, ""
  requests = dofile(args[1])[id]
end

function request()
  local at = sent
  if at >= #requests then
    local again = #requests - requests.begin
    at = requests.begin + (at - requests.begin) % again
  end
  return requests[at + 1]
end

function response(status, headers, body)
  sent = sent + 1
  local to = headers["location"] or headers["Location"] or ""
  if status ~= requests.status or to ~= requests.to then
    wrong = wrong + 1
    if wrong == 1 then first_wrong = status .. " " .. to end
  end
end

function done(summary, latency, requests)
  local wrong, first, sent = 0, "", {}
  for at, thread in ipairs(threads) do
    wrong = wrong + thread:get("wrong")
    sent[at] = thread:get("sent")
    if first == "" then first = thread:get("first_wrong") end
  end
  local errors = summary.errors
  io.write(string.format(
    '\\n{"requests": %d, "microseconds": %d, "errors": %d, "wrong": %d, "first": "%s", ' ..
    '"sent": [%s]}\\n',
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.timeout,
    wrong, first, table.concat(sent, ", ")))
end
"""


@dataclass(frozen=True)
class Requests:
    """What one connection sends, whole HTTP requests: each in turn, then again from `begin`."""

    texts: tuple[str, ...]
    status: int = 200
    to: str = ""
    begin: int = 0


@dataclass(frozen=True)
class Measured:
    """One page in one round: requests a second, and milliseconds of processor time a request."""

    per_second: float
    processor_ms: float
    sent: tuple[int, ...]


def text(method: str, path: str, cookies: str = "", fields: Mapping[str, str] | None = None) -> str:
    """Return a whole HTTP request."""
    body = urlencode(fields or {})
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"User-Agent: {AGENT}"]
    if cookies:
        lines.append(f"Cookie: {cookies}")
    if method == "POST":
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", body])


def run_wrk(server: Server, requests: Sequence[Requests], seconds: int) -> Measured:
    """Let wrk send requests for so long. Raises Failed when an answer is not as it must be."""
    with tempfile.TemporaryDirectory(prefix="screener-wrk-") as name:
        script, data = Path(name, "script.lua"), Path(name, "requests.lua")
        script.write_text(LUA)
        data.write_text(_as_lua(requests))
        command = ["wrk", f"-t{CONNECTIONS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s"]
        before = server.processor_seconds()
        ended = subprocess.run(  # noqa: S603
            [*command, str(script), server.base, "--", str(data)],
            capture_output=True,
            text=True,
            check=False,
        )
        used = server.processor_seconds() - before
    if ended.returncode:
        raise Failed(f"wrk: {ended.stdout}{ended.stderr}")
    summary = json.loads(ended.stdout.strip().splitlines()[-1])
    if summary["wrong"] or summary["errors"] or not summary["requests"]:
        raise Failed(f"wrong answers: {summary}")
    count = summary["requests"]
    per_second = count / summary["microseconds"] * 1e6
    return Measured(per_second, 1000 * used / count, tuple(summary["sent"]))


def _as_lua(requests: Sequence[Requests]) -> str:
    """Return requests as a Lua table, one entry a connection."""

    def quoted(value: str) -> str:
        return json.dumps(value, ensure_ascii=True)

    rows = [
        "{"
        + ", ".join(
            [
                f"status={connection.status}",
                f"to={quoted(connection.to)}",
                f"begin={connection.begin}",
            ]
            + [quoted(text) for text in connection.texts]
        )
        + "}"
        for connection in requests
    ]
    return "return {" + ",\n".join(rows) + "}\n"
