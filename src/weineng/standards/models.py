"""Capability points, what evidence each asks for, and the rubrics: editions of standards, official or not."""

from typing import ClassVar

from django.db import models


class Edition(models.Model):
    """One edition of a standard, e.g. `ecnu-2019-unofficial`; local points live in editions of their own."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever"

    code = models.CharField(max_length=40, unique=True)
    title = models.JSONField()  # three languages
    note = models.JSONField(default=dict)  # three languages: where it comes from, what is uncertain
    official = models.BooleanField(default=False)
    published_on = models.DateField()
    # Made of this one and the local points of a programme's document; what is corrected there is corrected here.
    made_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="with_local_points")


class Point(models.Model):
    """A capability point: one of 3 environments × 4 dimensions."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever"

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="points")
    code = models.CharField(max_length=24)  # A1 … C7, L1 for local ones; unique within the edition
    environment = models.CharField(max_length=16)  # multimedia, blended, smart
    dimension = models.CharField(
        max_length=24
    )  # learner-analysis, teaching-design, learning-guidance, academic-assessment
    title = models.JSONField()
    place = models.SmallIntegerField()
    local = models.BooleanField(default=False)  # of a programme's document, not of the standard

    class Meta:
        constraints = (models.UniqueConstraint(fields=("edition", "code"), name="point_code_once"),)


class Evidence(models.Model):
    """One piece of evidence a point asks for; `point` null: the classroom recording, which belongs to no single point."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever"

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="evidence")
    point = models.ForeignKey(Point, models.PROTECT, null=True, related_name="evidence")
    seq = models.SmallIntegerField()
    type = models.CharField(max_length=24)  # plan, report_v, brief, clip, recording …
    title = models.JSONField()
    requirement = models.JSONField()
    media = models.CharField(max_length=24)  # document, video, video_or_document, archive, file
    max_minutes = models.SmallIntegerField(null=True)  # of video or sound
    min_count = models.SmallIntegerField(default=1)  # how many files at least
    rated = models.BooleanField()  # supporting evidence must be there but is not rated
    provenance = models.CharField(max_length=24)  # found, memory-medium, proposal

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("edition", "point", "seq"), name="evidence_once", nulls_distinct=False),
        )


class Indicator(models.Model):
    """One line of a rubric: pass = every pass line ticked; excellent = every pass and every excellent line."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "for ever"

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="indicators")
    level = models.CharField(max_length=12)  # pass, excellent
    number = models.SmallIntegerField()
    text = models.JSONField()
    provenance = models.CharField(max_length=24, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("evidence", "level", "number"), name="indicator_once"),)
