"""Reads config files with botocore: a JSON list of {text, inline} on stdin, what they say on stdout.

Each file is read as botocore does, and again with those options of Python's configparser turned on by
which our dialect differs; where that changes anything, also with each option alone.
"""

import configparser
import json
import os
import sys
import tempfile

import botocore.configloader
from botocore.exceptions import ConfigParseError

OPTIONS = ("duplicates", "byte order mark", "inline comments", "[DEFAULT]")


def parser_with(options):
    class Parser(configparser.RawConfigParser):
        def __init__(self):
            super().__init__(
                strict="duplicates" not in options,
                inline_comment_prefixes=("#", ";") if "inline comments" in options else None,
                default_section="\0" if "[DEFAULT]" in options else "DEFAULT",
            )

        def read(self, paths, encoding=None):
            signature = "byte order mark" in options
            return super().read(paths, encoding="utf-8-sig" if signature else "utf-8")

    return Parser


class Configparser:
    Error = configparser.Error


def read(path, options):
    Configparser.RawConfigParser = parser_with(options)
    botocore.configloader.configparser = Configparser
    try:
        loaded = botocore.configloader.load_config(path)
    except ConfigParseError:
        return None
    return [pairs(loaded[kind]) for kind in ("profiles", "sso_sessions", "services")]


def pairs(value):
    return [[k, pairs(v)] for k, v in value.items()] if isinstance(value, dict) else value


def main():
    answers = []
    path = os.path.join(tempfile.mkdtemp(), "config")
    for file in json.load(sys.stdin):
        with open(path, "w", encoding="utf-8", newline="") as out:
            out.write(file["text"])
        options = [o for o in OPTIONS if file["inline"] or o != "inline comments"]
        answer = {"strict": read(path, []), "ours": read(path, options), "alone": {}}
        if answer["strict"] != answer["ours"]:
            answer["alone"] = {option: read(path, [option]) for option in options}
        answers.append(answer)
    os.remove(path)
    os.rmdir(os.path.dirname(path))
    json.dump(answers, sys.stdout)


main()
