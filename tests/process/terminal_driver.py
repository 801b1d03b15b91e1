"""Runs a program at a terminal of its own and plays the person: JSON in argv[1], JSON on stdout.

in:  argv, env, steps [{expect, send | signal | resize | close}], pipes (standard streams are pipes), session
     ("terminal", or "none" for a process without a terminal), size (rows and columns), timeout in seconds
out: terminal, stdout, stderr, code (minus the signal's number), restored (the terminal's settings),
     times (of each step, in milliseconds)
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

request = json.loads(sys.argv[1])
steps = list(request["steps"])
pipes = {name: os.pipe() for name in ("stdin", "stdout", "stderr")}
has_terminal = request.get("session", "terminal") == "terminal"
use_pipes = request.get("pipes", False) or not has_terminal

# Held open here: a terminal that no process has open gives an error to the side of the person.
master, slave = pty.openpty() if has_terminal else (None, None)
if has_terminal and "size" in request:
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", *request["size"], 0, 0))
# Before anybody can change them: the program may be quicker than this process.
before = termios.tcgetattr(slave) if has_terminal else None
pid = os.fork()
if pid == 0:
    os.setsid()
    if has_terminal:
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for descriptor in range(3):
            os.dup2(slave, descriptor)
        os.close(slave)
        os.close(master)
    if use_pipes:
        for descriptor, (name, end) in enumerate((("stdin", 0), ("stdout", 1), ("stderr", 1))):
            os.dup2(pipes[name][end], descriptor)
    for ends in pipes.values():
        for end in ends:
            os.close(end)
    # Python ignores SIGPIPE, which an exec would hand on, and a job in the background these two.
    for ignored in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(ignored, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execvpe(request["argv"][0], request["argv"], request["env"])

for name, (read_end, write_end) in pipes.items():
    os.close(read_end if name == "stdin" else write_end)
os.close(pipes["stdin"][1])
output = {name: b"" for name in ("terminal", "stdout", "stderr")}
sources = {pipes["stdout"][0]: "stdout", pipes["stderr"][0]: "stderr"}
if has_terminal:
    sources[master] = "terminal"
seen = 0
times = []
deadline = time.monotonic() + request.get("timeout", 60)
status = None
after = None


def play():
    """Does what is to be done once the expected text has appeared."""
    global seen, slave
    while steps:
        wanted = steps[0]["expect"].encode()
        at = output["terminal"].find(wanted, seen)
        if at < 0:
            return
        seen = at + len(wanted)
        step = steps.pop(0)
        times.append(time.monotonic() * 1000)
        if "signal" in step:
            os.kill(pid, getattr(signal, step["signal"]))
        elif "resize" in step:
            size = struct.pack("HHHH", *step["resize"], 0, 0)
            fcntl.ioctl(master, termios.TIOCSWINSZ, size)
        elif "close" in step:
            del sources[master]
            os.close(slave)
            os.close(master)
            slave = None
        else:
            os.write(master, step["send"].encode())


while status is None or sources:
    if time.monotonic() > deadline:
        os.kill(pid, signal.SIGKILL)
        sys.exit("timed out: " + repr(output) + " left: " + repr(steps))
    readable, _, _ = select.select(list(sources), [], [], 0.05)
    for descriptor in readable:
        try:
            data = os.read(descriptor, 65536)
        except OSError:
            data = b""
        if data:
            output[sources[descriptor]] += data
        else:
            del sources[descriptor]
    play()
    if status is None:
        ended, raw = os.waitpid(pid, os.WNOHANG)
        if ended:
            status = os.waitstatus_to_exitcode(raw)
            after = termios.tcgetattr(slave) if slave is not None else None
    elif not readable:
        break

print(json.dumps({
    **{name: text.decode() for name, text in output.items()},
    "code": status,
    "restored": before == after,
    "left": steps,
    "times": times,
}))
