"""A TCP proxy that misbehaves when it is told to: one process, one listening port for each server behind it.

``python -m tests.support.fault_proxy name=port:target …`` listens on loopback; each line on its standard input is
``<name> <mode> [argument]`` and is answered with ``ok`` and how many connections were open. It ends with its input.

========  ==========================================================================================================
``pass``  what is sent arrives (the beginning)
``late``  each packet arrives so many seconds later, both ways
``mute``  connections are taken and nothing arrives: a server that hangs, a network that swallows
``gone``  open connections are reset, new ones as well
``once``  open connections are reset once; new ones pass
``says``  open connections are reset; whoever connects is told this (``\\r\\n`` written out) and hung up on
========  ==========================================================================================================
"""

from __future__ import annotations

import asyncio
import select
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

HOST = "127.0.0.1"
CHUNK = 64 * 1024
ANSWER_SECONDS = 90.0
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of zero: closing sends RST instead of FIN


@dataclass
class Line:
    """One server and the way to it."""

    target: int
    mode: str = "pass"
    argument: str = ""
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    def set(self, mode: str, argument: str) -> int:
        """Behave like this from now on; return how many connections were open: those that it happens to."""
        # Two ends each, but for one whose other end is being opened.
        connections = (len(self.open) + 1) // 2
        if mode in ("gone", "once", "says"):
            for writer in list(self.open):
                _reset(writer)
        self.mode, self.argument = ("pass" if mode == "once" else mode), argument
        return connections

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "gone":
            _reset(writer)
            return
        if self.mode == "says":
            await reader.read(CHUNK)
            writer.write(self.argument.encode().decode("unicode_escape").encode("latin-1"))
            writer.close()
            return
        self.open.add(writer)
        try:
            there_reader, there = await asyncio.open_connection(HOST, self.target)
        except OSError:
            _reset(writer)
            self.open.discard(writer)
            return
        self.open.add(there)
        try:
            await asyncio.gather(self._carry(reader, there), self._carry(there_reader, writer))
        finally:
            self.open -= {writer, there}
            for end in (writer, there):
                end.close()

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(CHUNK):
                while self.mode == "mute":
                    await asyncio.sleep(0.05)
                if self.mode == "late":
                    await asyncio.sleep(float(self.argument))
                sink.write(data)
                await sink.drain()
            sink.close()
        except OSError:
            _reset(sink)


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    if raw is not None and raw.fileno() >= 0:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


async def _run(wanted: Mapping[str, tuple[int, int]]) -> None:
    lines = {name: Line(target) for name, (_, target) in wanted.items()}
    for name, (port, _) in wanted.items():
        await asyncio.start_server(lines[name].serve, HOST, port)
    loop = asyncio.get_running_loop()
    print("ok", 0, flush=True)
    while order := await loop.run_in_executor(None, sys.stdin.readline):
        name, mode, *argument = order.split(None, 2)
        connections = lines[name].set(mode, argument[0].rstrip("\n") if argument else "")
        print("ok", connections, flush=True)


class FaultProxy:
    """The running proxy. ``ports`` are those to connect to, by name."""

    def __init__(self, ports: Mapping[str, tuple[int, int]]) -> None:
        """``ports``: name -> (port to listen on, port of the server)."""
        words = [f"{name}={port}:{target}" for name, (port, target) in ports.items()]
        self.ports = {name: port for name, (port, _) in ports.items()}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.fault_proxy", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def set(self, name: str, mode: str, argument: str = "") -> int:
        """Let a way misbehave, or ``pass``; return how many connections were open on it."""
        assert self._process.stdin
        self._process.stdin.write(f"{name} {mode} {argument}".rstrip() + "\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def _answer(self) -> int:
        assert self._process.stdout
        # One line an order, so nothing of an answer is ever left in the buffer above the pipe.
        if not select.select([self._process.stdout], [], [], ANSWER_SECONDS)[0]:
            raise RuntimeError("the fault proxy does not answer")
        said, _, connections = self._process.stdout.readline().partition(" ")
        if said != "ok":
            raise RuntimeError("the fault proxy has ended")
        return int(connections)


if __name__ == "__main__":
    given = (word.partition("=") for word in sys.argv[1:])
    asyncio.run(_run({name: tuple(map(int, pair.split(":"))) for name, _, pair in given}))
