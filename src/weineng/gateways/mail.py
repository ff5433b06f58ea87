"""Mail, where the installation has it configured."""

from django.conf import settings
from django.core.mail import EmailMessage, get_connection


def mail_configured() -> bool:
    """Whether this installation can send mail at all."""
    return bool(settings.EMAIL_HOST) or settings.EMAIL_BACKEND.endswith(
        ("locmem.EmailBackend", "filebased.EmailBackend")
    )


def send_mails(mails: list[tuple[str, str, str]]) -> int:
    """Send (address, subject, text) over one connection; returns how many the server took. Raises `OSError` or
    `smtplib.SMTPException` when it cannot be reached: the caller's round is repeated later."""
    if not mails:
        return 0
    messages = [EmailMessage(subject=subject, body=text, to=[address]) for address, subject, text in mails]
    return get_connection().send_messages(messages) or 0
