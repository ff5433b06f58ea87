"""Judging evidence: stages, who reviews what, ratings, a third opinion on disagreement, returns and appeals.

Assigned automatically, never to oneself; every result is carried down to evidence, learning and planning in the
same transaction.
"""
