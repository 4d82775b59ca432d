"""A page to draw digits on, and a small API: what ``mxdigits serve`` runs.

Start reading at ``server.py``, which starts everything; ``api.py`` has the routes.

- ``page.py`` shows the page; ``schemas.py`` has the API's requests and answers, ``openapi.py``
  their description.
- ``guard.py`` refuses requests from other sites; ``limits.py`` counts what each client may ask.
- ``body.py`` parses a request's body; ``readers.py`` reads its picture in another process, where
  ``digit.py`` runs; ``fair_queue.py`` gives clients turns, ``open_files.py`` limits connections.
- ``batcher.py`` asks the network for several digits at once, ``explaining.py`` finds what an
  answer rests on; ``store.py`` keeps corrected digits.
"""
