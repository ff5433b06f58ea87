"""The door for those who run the platform: commands, the worker's loops, the embedded database.

Everything here is started by an operator or a clock, never by a visitor.
"""
