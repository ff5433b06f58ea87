"""Texts in three languages, stored as such.

Titles of programmes, demands, points and reasons are data in zh-hans, zh-hant and en; what people enter is shown as
entered. A text is a dict from language code to sentence; a missing language falls back in the order below.
"""

from collections.abc import Mapping

from django.utils.translation import override

LANGUAGES = ("zh-hans", "zh-hant", "en")
Words = Mapping[str, str]


def spoken(text: object) -> Words:
    """A text of the catalogue in every language, as data: for what is read later, in the reader's language."""
    words = {}
    for language in LANGUAGES:
        with override(language):
            words[language] = str(text)
    return words


def word_for(words: Words, language: str) -> str:
    """The sentence in `language` (a Django language code), else in the nearest language that has one, else ''."""
    language = language.lower()
    nearest = (language, "zh-hans", "zh-hant", "en")
    return next((words[code] for code in nearest if words.get(code)), "")
