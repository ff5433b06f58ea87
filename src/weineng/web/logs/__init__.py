"""The log: who did what about a person, a unit, a piece of evidence, a certificate."""
