"""The log on stderr: for people or for programs, and for nobody to inject anything into."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from statusbot.text import loggable, redact


def log_to_stderr(level: str, shape: str = "text") -> None:
    """The log from here on, in lines that hold no secret and no CI command."""
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old.formatter, SafeLines | JsonLines):  # of an earlier run in this process
            root.removeHandler(old)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if shape == "json" else SafeLines())
    root.addHandler(handler)
    root.setLevel(level.upper())


class SafeLines(logging.Formatter):
    """Every line of a record begins in our words, and holds no secret and no CI command."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's lines, of which a traceback has many."""
        lines = redact(super().format(record)).splitlines() or [""]
        level = record.levelname.lower()
        return "\n".join(f"statusbot: {level}: {loggable(line)}" for line in lines)


class JsonLines(logging.Formatter):
    """Every record is one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record, its instant in UTC."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "message": loggable(redact(super().format(record))),
            "logger": record.name,
        }
        return json.dumps(fields, ensure_ascii=False)
