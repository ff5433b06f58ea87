"""A refusal is a code with parameters.

Actions refuse; doors translate. The same code reaches the form, the API, the import file and the command line, so all of
them say the same thing.
"""

from collections.abc import Mapping


class Refused(Exception):  # noqa: N818 (the field's word: an action refuses)
    """An action's refusal.

    `code` is kebab-case and stable (it is an API error code); `message` is a (lazy) translated sentence with
    `%(name)s` places; `params` fill the places and are handed on as data; `field` names the form field it belongs to.
    """

    def __init__(self, code: str, message: object, *, field: str = "", **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        self.params: Mapping[str, object] = params

    def __str__(self) -> str:
        text = str(self.message)
        return text % self.params if self.params else text


class NotFound(Refused):
    """What lies outside one's reach is not found, never forbidden."""

    def __init__(self, thing: str = "") -> None:
        # The sentence is translated where it is shown: doors answer with their own not-found page.
        super().__init__("not-found", "There is nothing here, or it is not within your reach.", thing=thing)

    def __str__(self) -> str:
        return str(self.message)
