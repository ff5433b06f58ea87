"""The evidence lane: what a teacher hands in to prove a capability point.

Drafts, versions, sealing and withdrawal until first opened, recordings declared for several points, consent of
those in the picture.
"""
