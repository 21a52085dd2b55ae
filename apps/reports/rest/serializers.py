"""Shapes of the reports."""

from __future__ import annotations

from rest_framework import serializers

from apps.reports.models import STEPS


class FirstStepOut(serializers.Serializer):
    name = serializers.ChoiceField(list(STEPS))
    done_at = serializers.DateTimeField(allow_null=True)


class FirstRunOut(serializers.Serializer):
    steps = FirstStepOut(many=True)
    dismissed_at = serializers.DateTimeField(allow_null=True)


class MeterOut(serializers.Serializer):
    key = serializers.CharField()
    unit = serializers.ChoiceField(["bytes", "count", "minutes"])
    used = serializers.IntegerField(allow_null=True, help_text="Null: not measured yet.")
    reserved = serializers.IntegerField()
    limit = serializers.IntegerField(allow_null=True)
    words = serializers.CharField()


class CourseUsageOut(serializers.Serializer):
    course_id = serializers.UUIDField(allow_null=True)
    title = serializers.CharField()
    bytes = serializers.IntegerField()
    enrollments = serializers.IntegerField()


class MonthUsageOut(serializers.Serializer):
    month = serializers.CharField()
    stored_bytes = serializers.IntegerField(help_text="At the end of the month.")
    joined = serializers.IntegerField()
    enrolled = serializers.IntegerField()
    completed = serializers.IntegerField()
    published = serializers.IntegerField()
    film_minutes = serializers.IntegerField()


class UsageOut(serializers.Serializer):
    meters = MeterOut(many=True)
    storage = serializers.DictField(child=serializers.IntegerField(), help_text="Bytes by kind.")
    courses = CourseUsageOut(many=True)
    months = MonthUsageOut(many=True)
