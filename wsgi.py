"""The web app as a WSGI server finds it: `gunicorn wsgi:app`."""

import os

from app import create_app
from config import Settings

app = create_app(Settings.from_env(os.environ))
