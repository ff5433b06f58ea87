"""Uploads that resume, files known by their hash, and who uses them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q, Sum

from weineng.organisations.reach import WithinQuerySet


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
    facts = models.JSONField(default=dict)  # codec, width, height; number of entries of an archive
    broken = models.CharField(max_length=40, default="")  # why it cannot be used, e.g. unreadable-video
    stored_at = models.DateTimeField()
    unused_since = models.DateTimeField(null=True)  # null: something refers to it
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("unused_since",), condition=Q(erased_at__isnull=True), name="blob_unused"),  # erase?
            # What is still to be looked into? Hardly ever a row.
            models.Index(fields=("stored_at",), condition=Q(broken="check-unfinished"), name="blob_unchecked"),
        )


class BlobText(models.Model):
    """The text of a document, taken out when it arrived: for readers whose browser cannot show it."""

    personal: ClassVar = frozenset({"sections"})
    retention: ClassVar = "erased with the file"
    whose: ClassVar = ("blob__uploads__person",)  # where nobody else uses the file

    blob = models.OneToOneField(Blob, models.CASCADE, related_name="text")
    sections = models.JSONField()  # [{kind: page|slide|sheet|whole, name, lines}]


class UploadQuerySet(WithinQuerySet["Upload"]):
    """Uploads are their person's own."""

    person_path = "person"

    def open(self) -> "UploadQuerySet":
        """Still on their way."""
        return self.filter(finished_at__isnull=True, ended_at__isnull=True)

    def finished(self) -> "UploadQuerySet":
        """Arrived whole, with a receipt."""
        return self.filter(finished_at__isnull=False, ended_at__isnull=True)

    def bytes(self) -> int:
        """How much they are together, as announced."""
        return int(self.aggregate(total=Sum("size"))["total"] or 0)


class Upload(models.Model):
    """A file on its way (tus 1.0): resumes after browser, phone and server were restarted, from any device of the person."""

    personal: ClassVar = frozenset({"file_name", "edges"})
    retention: ClassVar = "seven days after the last byte, if it was never finished"
    whose: ClassVar = ("person",)

    person = models.BigIntegerField()
    file_name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    purpose = models.CharField(
        max_length=120
    )  # what it is for, e.g. evidence.item:123; decides limits and who may see it
    limits = models.JSONField(default=dict)  # rules.Limits as they were said before
    edges = models.CharField(
        max_length=64, default=""
    )  # SHA-256 of the first and last 64 KiB: the same file, chosen again
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="uploads")
    receipt = models.CharField(max_length=24, null=True, unique=True)  # given when every byte is on disk
    finished_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # given up by the person or expired

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(offset__lte=F("size")), name="upload_offset_within_size"),
            models.CheckConstraint(
                condition=Q(receipt__isnull=True) | Q(blob__isnull=False), name="upload_receipt_has_file"
            ),
        )
        indexes = (
            models.Index(fields=("person", "purpose"), name="upload_of_purpose"),  # what can be resumed here?
            models.Index(fields=("purpose",), name="upload_purpose"),  # what is on its way for this item?
            models.Index(fields=("finished_at",), name="upload_finished"),  # what has arrived of late?
            models.Index(  # what has expired, what still waits for its receipt?
                fields=("expires_at",), condition=Q(finished_at__isnull=True, ended_at__isnull=True), name="upload_open"
            ),
        )


class UseQuerySet(models.QuerySet["Use"]):
    """Uses are reached through their holder: the module above narrows the holders first."""

    def live(self) -> "UseQuerySet":
        """Not dropped."""
        return self.filter(dropped_at__isnull=True)

    def of(self, holder: str, holder_ids: Any) -> "UseQuerySet":
        """The live files of these holders (ids or a QuerySet of ids), in their order."""
        return (
            self.live().filter(holder=holder, holder_id__in=holder_ids).select_related("blob").order_by("place", "pk")
        )


class Use(models.Model):
    """Something refers to a file: the reference count, and by which way a reader may reach it."""

    personal: ClassVar = frozenset({"file_name"})
    retention: ClassVar = "with the thing that uses it"
    whose: ClassVar = ("person",)

    blob = models.ForeignKey(Blob, models.PROTECT, related_name="uses")
    upload = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="uses")
    holder = models.CharField(max_length=48)  # app_label.model
    holder_id = models.BigIntegerField()
    person = models.BigIntegerField(null=True)  # whose file it is
    file_name = models.CharField(max_length=255)
    place = models.SmallIntegerField(default=0)
    added_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True)

    objects = UseQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("holder", "holder_id", "place"), name="use_of_holder"),
            models.Index(fields=("blob",), name="use_of_blob"),
        )
