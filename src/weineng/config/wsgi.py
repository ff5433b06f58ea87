"""What the web server runs."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")

application = get_wsgi_application()
len(get_resolver().url_patterns)  # every door is read in now: not while the first visitor of this process waits
