"""The door for programs: the versioned HTTP API.

Parses, calls one action or query, answers JSON; error codes are the refusal codes.
"""
