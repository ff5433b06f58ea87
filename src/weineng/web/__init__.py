"""The door for people: pages rendered on the server, fragments by htmx, phone first.

Parses, calls one action or query, renders. One folder per audience, with the components and their gallery.
"""
