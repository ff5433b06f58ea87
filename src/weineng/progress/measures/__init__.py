"""How everything is counted: one expression per rule, the same for a province, a school and one teacher.

Input is a relation of enrolment ids; documents come along as values (`papers`). The steps are those of semantics.md;
`docs/counting.md` says how they are read. Nothing here writes a table that stays: results lie in the session's scratch
tables, from where `actions` takes what changed.
"""
