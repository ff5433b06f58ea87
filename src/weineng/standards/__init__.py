"""The standard: its capability points, their evidence and indicators, and the rubric of classroom recordings.

Versioned reference data in three languages, browsable by everybody, with its source and standing said on the page.
"""
