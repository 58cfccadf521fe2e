"""`python -m app.demo`: prepare the database, start everything, stop everything together."""

import os
import sys
from pathlib import Path
from socket import socket

import click

from app.demo import environment, ports
from app.demo.environment import Demo
from app.demo.processes import Program, Supervisor, run_once
from config import ROOT

HERE = "127.0.0.1"


def main(folder: Path) -> int:
    """Run until Ctrl-C, with secrets and database in a folder; gives the exit status."""
    host = os.environ.get("HOST") or HERE
    try:
        site = ports.listen_here(host, os.environ.get("PORT"))
        demo = environment.prepare(folder, os.environ, ports.number(site))
    except (ports.NoPort, environment.NoDemo) as fault:
        click.echo(str(fault), err=True)
        return 1
    mail, pages = ports.next_free(HERE, 2525), ports.next_free(host, 8025)
    env = {**demo.env, "MAIL_PORT": str(ports.number(mail))}
    click.echo("Preparing the database …")
    if run_once([sys.executable, "-m", "app.demo.clinic"], env):
        click.echo("The database could not be prepared.", err=True)
        return 1
    click.echo("Starting the site, the worker and the mailbox …")
    supervisor = Supervisor(_programs(site, mail, pages), env)
    return supervisor.run(site, lambda: click.echo(_welcome(demo, ports.number(pages))))


def _programs(site: socket, mail: socket, pages: socket) -> list[Program]:
    """What runs, in the order in which it is stopped."""
    python = [sys.executable, "-m"]
    gunicorn = [
        *("gunicorn", "wsgi:app", "--bind", f"fd://{site.fileno()}"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
        *("--no-control-socket", "--graceful-timeout", "5", "--log-level", "warning"),
    ]
    mailbox = ["app.demo.mailbox", str(mail.fileno()), str(pages.fileno())]
    return [
        Program("the site", [*python, *gunicorn], (site.fileno(),)),
        Program("the worker", [*python, "flask", "--app", "wsgi", "worker"]),
        Program("the mailbox", [*python, *mailbox], (mail.fileno(), pages.fileno())),
    ]


def _welcome(demo: Demo, mailbox_port: int) -> str:
    base = demo.env["PUBLIC_BASE_URL"]
    return f"""
Spinedesk is ready. Everybody in it is invented.

  Patients   {base}/
  Staff      {base}/sign-in
  Mailbox    http://localhost:{mailbox_port}/   (every mail that the site sends)

  Sign in with the password {demo.password} as
    reception@example.org   the desk, and ravi@example.org beside it
    rao@example.org         a doctor
    khan@example.org        a doctor
    manager@example.org     the manager

Ctrl-C stops everything. `make clean` forgets the demo."""


if __name__ == "__main__":
    os.chdir(ROOT)
    try:
        sys.exit(main(ROOT / "instance"))
    except KeyboardInterrupt:  # before there was anything to stop
        sys.exit(130)
