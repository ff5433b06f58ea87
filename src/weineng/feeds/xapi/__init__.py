"""The Experience API (xAPI), 2.0 at /xapi/2.0/ and 1.0.3 at /xapi/1.0.3/: two dialects of one store.

`door` reads the request as the version wants it and calls the resource's verb; each resource is a file of its own.
"""
