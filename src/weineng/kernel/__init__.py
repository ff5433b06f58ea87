"""What every other module stands on, without one word of the field.

Who acts (Actor), how an action refuses (Refused), what time it is (clock), how a query becomes rows (sets), how a row
is named in a URL (ids), how a text is kept in three languages (words).
"""
