"""The dated tree of offices and schools, the people, and their postings.

Units are joined by dated edges; a closure table answers who stood under whom on any day. People have external
identifiers and several dated postings. Reach is decided here: `require` and `.within`.
"""
