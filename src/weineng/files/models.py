"""Uploads that resume, files known by their hash, and who uses them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Blob(models.Model):
    """A file, once, whoever brought it; in storage under its SHA-256."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "while something refers to it, then thirty days"

    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the bytes: address and proof
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)  # by content, never by name
    family = models.CharField(max_length=16)  # document, video, audio, image, archive, other
    seconds = models.IntegerField(null=True)  # length of video or sound
    pages = models.IntegerField(null=True)
    broken = models.CharField(max_length=40, default="")  # why it could not be read, e.g. unreadable-video
    stored_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)


class Upload(models.Model):
    """A file on its way (tus 1.0): resumes after browser, phone and server were restarted, from any device of the person."""

    personal: ClassVar = frozenset({"file_name"})
    retention: ClassVar = "seven days after the last byte, if it was never finished"

    person = models.BigIntegerField()
    file_name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    purpose = models.CharField(
        max_length=120
    )  # what it is for, e.g. evidence.item:123; decides limits and who may see it
    limits = models.JSONField(default=dict)  # max_bytes, families, max_seconds as they were said before
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="uploads")
    receipt = models.CharField(max_length=24, null=True, unique=True)  # given when every byte is on disk
    finished_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # given up by the person or expired

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(offset__lte=F("size")), name="upload_offset_within_size"),
            models.CheckConstraint(
                condition=Q(receipt__isnull=True) | Q(blob__isnull=False), name="upload_receipt_has_file"
            ),
        )
        indexes = (models.Index(fields=("person", "purpose"), name="upload_of_purpose"),)  # what can be resumed here?


class Use(models.Model):
    """Something refers to a file: the reference count, and by which way a reader may reach it."""

    personal: ClassVar = frozenset({"file_name"})
    retention: ClassVar = "with the thing that uses it"

    blob = models.ForeignKey(Blob, models.PROTECT, related_name="uses")
    upload = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="uses")
    holder = models.CharField(max_length=48)  # app_label.model
    holder_id = models.BigIntegerField()
    person = models.BigIntegerField(null=True)  # whose file it is
    file_name = models.CharField(max_length=255)
    place = models.SmallIntegerField(default=0)
    added_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("holder", "holder_id", "place"), name="use_of_holder"),
            models.Index(fields=("blob",), name="use_of_blob"),
        )
