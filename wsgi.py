"""The web app as a WSGI server finds it: `gunicorn wsgi:app`."""

import logging
import os

from sqlalchemy.exc import OperationalError

from app import create_app
from app.records import db, migrate
from config import Settings

app = create_app(Settings.from_env(os.environ))

# `flask migrate` loads the app from here, too, and must be able to.
if os.environ.get("FLASK_RUN_FROM_CLI") != "true":
    try:
        with app.app_context():
            migrate.refuse_another_revision(db.engine)
            db.engine.dispose()
    except OperationalError:
        # The pages that inform need no database, and it may come back.
        logging.getLogger(__name__).warning("the database does not answer; starting without it")
