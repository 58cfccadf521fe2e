"""The floor: a bare Flask app that does the same work with SQL written by hand.

It knows nothing of Spinedesk. It is as durable (WAL, synchronous FULL) and as fair to its writers
(a lock file before BEGIN IMMEDIATE), and no page does more than it must.
"""

import fcntl
import hmac
import json
import os
import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from flask import Flask, abort, current_app, redirect, render_template, request, session
from jinja2 import DictLoader
from werkzeug.wrappers import Response

LINES: Final = 50
ANSWERS: Final = 40
TABLES: Final = """
CREATE TABLE request (
  id INTEGER PRIMARY KEY, reference TEXT NOT NULL UNIQUE, name TEXT NOT NULL, phone TEXT NOT NULL,
  status TEXT NOT NULL, level INTEGER NOT NULL, waiting_since REAL NOT NULL, answers TEXT NOT NULL
) STRICT;
CREATE INDEX queue ON request (status, level DESC, waiting_since);
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY, request_id INTEGER NOT NULL REFERENCES request (id),
  kind TEXT NOT NULL, due_at REAL NOT NULL
) STRICT;
"""
INSERT: Final = (
    "INSERT INTO request (reference, name, phone, status, level, waiting_since, answers) "
    "VALUES (?, ?, ?, 'open', ?, ?, ?)"
)
FRAME: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title></head>
<body><header><a href="/">The clinic</a></header><main>{% block main %}{% endblock %}</main></body>
</html>
"""
FORM: Final = """{% extends "frame" %}{% block title %}Ask{% endblock %}{% block main %}
<h1>Ask for help</h1>
<form method="post"><input type="hidden" name="csrf_token" value="{{ token }}">
<label>Name <input name="name" value="{{ name }}"></label>
<label>Phone <input name="phone" value="{{ phone }}"></label>
{% for number in range(answers) %}<fieldset><legend>Question {{ number }}</legend>
<label><input type="radio" name="q{{ number }}" value="yes"> Yes</label>
<label><input type="radio" name="q{{ number }}" value="no"> No</label></fieldset>
{% endfor %}<button>Send</button></form>{% endblock %}
"""
RECEIVED: Final = """{% extends "frame" %}{% block title %}Sent{% endblock %}{% block main %}
<h1>We have your request</h1><p>{{ name }}, your reference is {{ reference }}.</p>{% endblock %}
"""
LIST: Final = """{% extends "frame" %}{% block title %}Requests{% endblock %}{% block main %}
<h1>Requests</h1><table>{% for row in rows %}
<tr><td><a href="/requests/{{ row.reference }}">{{ row.reference }}</a></td><td>{{ row.name }}</td>
<td>{{ row.phone }}</td><td>{{ row.level }}</td><td>{{ row.waiting_since }}</td></tr>
{% endfor %}</table>{% endblock %}
"""
CASE: Final = """{% extends "frame" %}{% block title %}Request{% endblock %}{% block main %}
<h1>{{ row.name }}</h1><p>{{ row.phone }}, level {{ row.level }}</p><dl>
{% for question, answer in answers.items() %}<dt>{{ question }}</dt><dd>{{ answer }}</dd>
{% endfor %}</dl>{% endblock %}
"""
TEMPLATES: Final = {
    "frame": FRAME,
    "form": FORM,
    "received": RECEIVED,
    "list": LIST,
    "case": CASE,
}

_mine = threading.local()


def create() -> Flask:
    """The app, for the database and the size of the public page that the environment names."""
    app = Flask(__name__)
    app.secret_key = os.environ["FLOOR_SECRET"]
    app.jinja_loader = DictLoader(TEMPLATES)
    page = "<!doctype html>" + "x" * (int(os.environ["FLOOR_PAGE_BYTES"]) - 15)
    app.extensions["database"] = os.environ["FLOOR_DATABASE"]
    app.add_url_rule("/hello", view_func=lambda: "hello", endpoint="hello")
    app.add_url_rule("/page", view_func=lambda: page, endpoint="page")
    app.add_url_rule("/ask", view_func=ask)
    app.add_url_rule("/ask", view_func=store, methods=["POST"])
    app.add_url_rule("/received/<reference>", view_func=received)
    app.add_url_rule("/requests", view_func=requests)
    app.add_url_rule("/requests/<reference>", view_func=case)
    return app


def ask() -> str:
    """The form."""
    token = session.setdefault("csrf", secrets.token_urlsafe(32))
    return render_template("form", token=token, name="", phone="", answers=ANSWERS)


def store() -> Response:
    """Check the form; store the request and its message in one durable commit."""
    if not hmac.compare_digest(session.get("csrf", ""), request.form.get("csrf_token", "-")):
        abort(400)
    name, phone = request.form["name"].strip(), re.sub(r"\D", "", request.form["phone"])
    if not name or len(phone) < 10:
        abort(422)
    answers = {f"q{n}": request.form[f"q{n}"] for n in range(ANSWERS) if f"q{n}" in request.form}
    reference, now = _reference(), time.time()
    with _transaction() as connection:
        row = (reference, name, phone, 1, now, json.dumps(answers))
        stored = connection.execute(INSERT, row)
        connection.execute(
            "INSERT INTO outbox (request_id, kind, due_at) VALUES (?, 'new-request', ?)",
            (stored.lastrowid, now),
        )
    return redirect(f"/received/{reference}", 303)


def received(reference: str) -> str:
    """The confirmation."""
    row = _only("SELECT reference, name FROM request WHERE reference = ?", reference)
    return render_template("received", name=row["name"], reference=row["reference"])


def requests() -> str:
    """The most pressing open requests, a page of them."""
    rows = _connection().execute(
        "SELECT reference, name, phone, level, waiting_since FROM request WHERE status = 'open' "
        "ORDER BY level DESC, waiting_since LIMIT ?",
        (LINES,),
    )
    return render_template("list", rows=rows.fetchall())


def case(reference: str) -> str:
    """One request with its answers."""
    row = _only("SELECT * FROM request WHERE reference = ?", reference)
    return render_template("case", row=row, answers=json.loads(row["answers"]))


def fill(database: Path, rows: int) -> str:
    """Make the database with so many requests; gives the reference of one."""
    connection = sqlite3.connect(database)
    connection.executescript(f"PRAGMA journal_mode=wal; {TABLES}")
    answers = json.dumps({f"q{n}": "no" for n in range(ANSWERS)})
    connection.executemany(
        INSERT,
        (
            (f"R-{n}", f"Asha Patil {n}", f"9876{n:06}", n % 4, 1e9 + n * 60.0, answers)
            for n in range(rows)
        ),
    )
    connection.commit()
    connection.close()
    return "R-0"


def _reference() -> str:
    return f"R-{secrets.token_hex(4)}"


def _only(statement: str, reference: str) -> sqlite3.Row:
    row: sqlite3.Row | None = _connection().execute(statement, (reference,)).fetchone()
    if row is None:
        abort(404)
    return row


def _connection() -> sqlite3.Connection:
    """The connection of this thread."""
    if not hasattr(_mine, "connection"):
        database = current_app.extensions["database"]
        connection = sqlite3.connect(database, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys=on")
        connection.execute("PRAGMA synchronous=full")
        _mine.connection = connection
        _mine.lock = os.open(f"{database}.writers", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    found: sqlite3.Connection = _mine.connection
    return found


@contextmanager
def _transaction() -> Iterator[sqlite3.Connection]:
    connection = _connection()
    fcntl.flock(_mine.lock, fcntl.LOCK_EX)
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    finally:
        fcntl.flock(_mine.lock, fcntl.LOCK_UN)
