"""Entry point of WSGI servers and of `flask --app wsgi`."""

import gc

gc.disable()  # loading leaves nothing to collect, and looking for it takes an eighth of the start
from portal import create_app  # noqa: E402  once it no longer looks

app = create_app()
gc.enable()
