"""Every refusal and problem of files, with its sentence: the same on screen, in the API and in a checklist."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from weineng.kernel.refusals import Refused

TEXTS: Mapping[str, object] = {
    # Before the first byte
    "file-empty": _("The file is empty."),
    "file-too-big": _("The file has %(size)s; at most %(limit)s are taken here. Shorten or compress it."),
    "file-wrong-kind": _("This kind of file is not taken here. Taken are: %(kinds)s."),
    "file-too-long": _("It runs %(length)s; at most %(limit)s are taken here. Shorten it."),
    "upload-quota": _("Your space of %(limit)s is full. Remove files that you no longer need."),
    "too-many-uploads": _("%(limit)s uploads are already on their way. Finish or give up one of them first."),
    "storage-full": _("The platform has no room for files at the moment. What has arrived is kept; try again later."),
    # On the way
    "offset-conflict": _("The part does not follow what has arrived (%(offset)s bytes)."),
    "too-many-bytes": _("More bytes came than the file was announced to have (%(size)s)."),
    "checksum-mismatch": _("A part was damaged on the way and has to be sent again."),
    "upload-taken-over": _("This upload goes on from another window or device."),
    "upload-ended": _("This upload was given up or has expired. Start it again."),
    "upload-unfinished": _("The upload of %(name)s is not finished yet."),
    "not-the-same-file": _("This is not the file that was begun: %(name)s, %(size)s. Choose that one, or start again."),
    "file-gone": _("The file was not used for thirty days and is no longer kept. Upload it again."),
    # What was found inside
    "unreadable-video": _("The video cannot be played: it is damaged or was cut off. Export it again and upload that."),
    "unreadable-audio": _("The sound cannot be played: the file is damaged or was cut off."),
    "unreadable-image": _("The picture cannot be opened. Save it as JPEG or PNG and upload that."),
    "unreadable-document": _("The document cannot be opened: it is damaged. Save it again and upload that."),
    "unreadable-archive": _("The archive cannot be unpacked: it is damaged. Pack it again."),
    "unreadable-file": _("The file cannot be opened."),
    "password-protected": _("The file asks for a password, so reviewers cannot open it. Upload it without one."),
    "archive-bomb": _("The archive unpacks to far too much."),
    "archive-not-zip": _("Reviewers can open zip archives only. Pack the files as zip."),
    "archive-empty": _("There is no file in the archive."),
    "check-unfinished": _("The file has arrived and is still being checked."),
}


def refused(code: str, *, field: str = "", **params: object) -> Refused:
    """The refusal `code` with its sentence."""
    return Refused(code, TEXTS[code], field=field, **params)
