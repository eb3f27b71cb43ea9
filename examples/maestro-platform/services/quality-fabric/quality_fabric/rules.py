"""The rules: each one is given a line of a template and says what is wrong with it, or nothing."""

import re

LONGEST_LINE = 200

_PLACEHOLDER = re.compile(r"\{\{\s*(?P<name>[^{}]*?)\s*\}\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


def _unclosed_placeholder(line):
    rest = _PLACEHOLDER.sub("", line)
    if "{{" in rest or "}}" in rest:
        return "a placeholder is not closed, expected {{name}}"
    return None


def _badly_named_placeholder(line):
    for match in _PLACEHOLDER.finditer(line):
        if not _NAME.fullmatch(match["name"]):
            return "expected a name in %s" % match[0]
    return None


def _long_line(line):
    if len(line) > LONGEST_LINE:
        return "the line is longer than %d characters" % LONGEST_LINE
    return None


def _trailing_space(line):
    return "the line ends with a space" if line != line.rstrip(" \t") else None


RULES = {
    "unclosed-placeholder": _unclosed_placeholder,
    "placeholder-name": _badly_named_placeholder,
    "line-length": _long_line,
    "trailing-space": _trailing_space,
}


def check(body):
    """All findings in a text, in the order of its lines, each with its rule, line and message."""
    findings = []
    for number, line in enumerate(body.split("\n"), start=1):
        for rule, complaint in RULES.items():
            message = complaint(line)
            if message is not None:
                findings.append({"rule": rule, "line": number, "message": message})
    return findings
