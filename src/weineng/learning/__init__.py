"""The hours lane: records of learning, append-only, as their sources said them.

Sheets, the providers' API and attendance of school-based research end here as records; a record is voided or
superseded, never changed. What counts is decided elsewhere.
"""
