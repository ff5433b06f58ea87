"""What a document can be proven to say: who can reach a pass, with a witness, and which lines contradict each other."""

from weineng.programmes.proving.deciding import Answer, answer, answers
from weineng.programmes.proving.kinds import TeacherKind, asks_for_points, colleagues_needed, flags_of, kinds_of
from weineng.programmes.proving.notes import Note, notes
from weineng.programmes.proving.saying import SaidLine, answer_text, kind_text, line_texts, witness_texts
from weineng.programmes.proving.witnesses import Attended, Witness

__all__ = [
    "Answer",
    "Attended",
    "Note",
    "SaidLine",
    "TeacherKind",
    "Witness",
    "answer",
    "answer_text",
    "answers",
    "asks_for_points",
    "colleagues_needed",
    "flags_of",
    "kind_text",
    "kinds_of",
    "line_texts",
    "notes",
    "witness_texts",
]
