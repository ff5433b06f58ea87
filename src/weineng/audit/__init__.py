"""The append-only log: who did what, on whose behalf, by which grant, through which door, to what, and why.

Lines are written in the transaction of the act itself; a sealer chains every committed line within two seconds and
anchors the head outside once a day, so that a stand-alone checker can prove that nothing was changed.
"""
