"""What an answer says, after a look that it is the answer that was expected."""


def text(answer, status=200):
    """The page, if it has this status."""
    assert answer.status_code == status, answer.content.decode()[:4000]
    return answer.content.decode()
