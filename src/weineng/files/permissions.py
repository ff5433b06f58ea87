"""What may be done in `files`, in which reach, and what it means to the person who grants it."""

from django.utils.translation import gettext_lazy as _

from weineng.kernel.actors import Permission, Reach

UPLOAD = Permission("files.upload", frozenset({Reach.OWN}), _("Upload one's own files."))
