"""School-based research: plan a session, sign in, write the minutes, close it."""
