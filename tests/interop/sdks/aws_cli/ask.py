"""The AWS CLI as one of the clients of `tests/interop/sdks`, one run of it a line: `ask.py WAY AWS`.

`export`: it prints its credentials, which version 1 cannot. `sign`: the key that it signs with, for
which version 2 of Debian cannot be led to an endpoint by a variable.
"""

import json
import re
import subprocess
import sys
from datetime import datetime

COMMANDS = {
    "export": ["configure", "export-credentials", "--format", "process"],
    "sign": ["sts", "get-caller-identity", "--debug"],
}


def got(way, stdout, stderr):
    if way == "sign":
        return re.search(r"Credential=(\w+)/", stderr)[1], "-"
    answer = json.loads(stdout)
    end = answer.get("Expiration")
    seconds = int(datetime.fromisoformat(end).timestamp()) if end else "-"
    return answer["AccessKeyId"], seconds


_, way, aws = sys.argv
for _ in sys.stdin:
    run = subprocess.run([aws, *COMMANDS[way]], capture_output=True, text=True)
    if run.returncode == 0:
        print(*got(way, run.stdout, run.stderr), flush=True)
    else:
        print("error", (run.stderr.strip().splitlines() or ["nothing"])[-1], flush=True)
