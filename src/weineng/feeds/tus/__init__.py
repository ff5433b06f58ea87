"""Uploads that resume: tus 1.0 (creation, checksum, expiration, termination) for whoever is signed in, at /feeds/uploads/.

What is not tus is small and documented where it is made: a list of one's uploads for a purpose with the token that every
change needs, the state of one upload as JSON, and an ordinary form for browsers without script.
"""
