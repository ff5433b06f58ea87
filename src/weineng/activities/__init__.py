"""School-based research: sessions with sign-in, minutes and products.

A group plans and holds its meetings here; who attended for how long is what the hours lane takes over.
"""
