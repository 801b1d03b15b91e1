"""Runs a command with a terminal of its own, and plays the person in front of it.

Reads JSON from standard input, {"command": [...], "keys": [{"wait": text} | {"type": text}, ...]}, and
prints {"exit", "stdout", "stderr", "tty", "unused"}, the last being the keys that were never pressed, since
what they wait for did not appear. The terminal is the command's controlling terminal and its
standard input; its standard output and error are pipes, so that data, talk and questions stay apart.
"""

import fcntl
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import threading
import time

DEADLINE_S = 60
KEYS = {"^C": b"\x03", "^D": b"\x04", "^Z": b"\x1a", "^U": b"\x15"}


def main():
    order = json.load(sys.stdin)
    master, slave = pty.openpty()

    def own_terminal():
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

    child = subprocess.Popen(
        order["command"], stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=own_terminal, pass_fds=[],
    )
    os.close(slave)
    streams = {}
    readers = [
        threading.Thread(target=lambda name=name, pipe=pipe: streams.update({name: pipe.read()}))
        for name, pipe in (("stdout", child.stdout), ("stderr", child.stderr))
    ]
    for reader in readers:
        reader.start()
    keys = list(order["keys"])
    transcript = talk(master, child, keys)
    exit_code = child.wait()
    for reader in readers:
        reader.join()
    decode = lambda data: data.decode("utf-8", "replace")
    print(json.dumps({
        "exit": exit_code if exit_code >= 0 else 128 - exit_code,
        "stdout": decode(streams["stdout"]),
        "stderr": decode(streams["stderr"]),
        "tty": decode(transcript).replace("\r\n", "\n"),
        "unused": keys,
    }))


def talk(master, child, keys):
    """Types each line once what it waits for has appeared; gives all that the terminal showed."""
    transcript, seen = b"", 0
    deadline = time.monotonic() + DEADLINE_S
    while True:
        while keys:
            key = keys[0]
            if "wait" in key:
                at = transcript.find(key["wait"].encode(), seen)
                if at < 0:
                    break
                seen = at + len(key["wait"].encode())
            else:
                os.write(master, KEYS.get(key["type"], key["type"].encode() + b"\n"))
            keys.pop(0)
        if time.monotonic() > deadline:
            os.killpg(child.pid, signal.SIGKILL)
            return transcript
        # A program may end while something that it started still has the terminal open.
        ready, _, _ = select.select([master], [], [], 0.05)
        if not ready:
            # What it wrote between the two looks is still there.
            if child.poll() is not None and not select.select([master], [], [], 0)[0]:
                return transcript
            continue
        try:
            chunk = os.read(master, 4096)
        except OSError:
            chunk = b""
        if not chunk:
            return transcript
        transcript += chunk


main()
