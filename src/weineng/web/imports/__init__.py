"""Bring spreadsheets in: file, what was understood, apply; the person's own file back; undo."""
