"""What learning platforms say in the words of the Experience API: statements, activities, agents, documents, attachments.

One store, spoken to in two versions. It keeps what was said as it was said; what becomes a record and counts is decided above.
"""
