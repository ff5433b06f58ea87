"""Certificates: one's own, a school's in staff order, one of them with its history and what an office may decide."""
