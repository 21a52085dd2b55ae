"""Who the demo organizations are and what they teach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from devstack.demo.films import Film, Slide


@dataclass(frozen=True)
class Person:
    """Somebody with one role."""

    name: str
    mailbox: str
    role: str


@dataclass(frozen=True)
class Lesson:
    """A lesson: a film, words, or both."""

    title: str
    words: tuple[str, ...] = ()
    film: Film | None = None


@dataclass(frozen=True)
class Module:
    """Lessons under one heading."""

    title: str
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True)
class Story:
    """One organization with its people and its course."""

    slug: str
    name: str
    color: str
    heading_font: str
    welcome: tuple[str, str]  # a headline and a sentence
    footer: str
    people: tuple[Person, ...]
    course: str
    summary: str
    modules: tuple[Module, ...]


def document(words: tuple[str, ...]) -> dict[str, Any]:
    """Return paragraphs as the editor's document; a first line that ends in no full stop is a heading."""
    content: list[dict[str, Any]] = []
    for line in words:
        text = [{"type": "text", "text": line}]
        if line.endswith((".", "?", "!", ":")):
            content.append({"type": "paragraph", "content": text})
        else:
            content.append({"type": "heading", "attrs": {"level": 2}, "content": text})
    return {"type": "doc", "content": content}


def _film(name: str, palette: tuple[str, str, str], pitch: float, *slides: Slide) -> Film:
    ground, ink, spark = palette
    return Film(name=name, slides=slides, ground=ground, ink=ink, spark=spark, pitch=pitch)


_GREEN = ("#10241c", "#dcebe2", "#f2c14e")
_AMBER = ("#211a05", "#fdf3d0", "#ffd21f")

ACME = Story(
    slug="acme",
    name="Acme Academy",
    color="#0B5D3B",
    heading_font="onest",
    welcome=("Work on the roof, learn on the ground", "Courses for people who plan, build and mend solar plants."),
    footer="Acme Solar Academy, Hamburg. Questions: help@acme.example",
    people=(
        Person("Olga Brandt", "olga", "owner"),
        Person("Ingrid Sørlie", "ingrid", "admin"),
        Person("Mateus Costa", "mateus", "author"),
        Person("Nadia Mansour", "nadia", "instructor"),
        Person("Amara Okafor", "amara", "learner"),
    ),
    course="Solar Diagnostics in the Field",
    summary="Read a string before you climb. Find shade, soiling and failed diodes with one curve tracer and a clear head.",
    modules=(
        Module(
            "Before you climb",
            (
                Lesson(
                    "What the string is telling you",
                    ("Keep the weather in mind: a curve without an irradiance reading says little.",),
                    _film(
                        "what-the-string-is-telling-you",
                        _GREEN,
                        196.0,
                        Slide(
                            "What the string is telling you",
                            ("One smooth line", "One knee", "Nothing else"),
                            "Start with the healthy string. One smooth line, one knee, nothing else.",
                        ),
                        Slide(
                            "Measure first",
                            ("Irradiance above 600 W/m²", "Module temperature", "Time of day"),
                            "Before you look for faults, write down the light and the heat. Without them a curve is a guess.",
                        ),
                        Slide(
                            "Then compare",
                            ("With its neighbour", "With last year", "With the data sheet"),
                            "Compare a string with its neighbour first. Two strings rarely fail in the same way.",
                        ),
                    ),
                ),
                Lesson(
                    "Isolation, step by step",
                    (
                        "Why isolation comes first",
                        "A string carries its full voltage whenever there is light. Switching off the inverter does not change that.",
                        "The five steps",
                        "Open the DC isolator, lock it, tag it, prove it dead with a tester you proved on a live source, and only then open a connector.",
                        "Never open a connector under load: the arc does not stop by itself.",
                    ),
                ),
            ),
        ),
        Module(
            "Reading the curve",
            (
                Lesson(
                    "Reading an I–V curve under partial shade",
                    (
                        "A healthy string draws one smooth line with one knee. Shade part of it and the line gets a step: "
                        "the bypass diode of the shaded group is conducting, and the current falls to what the shaded cells can carry.",
                        "Wait ten minutes, then trace again. If the step has moved, it was shade.",
                    ),
                    _film(
                        "iv-curve-partial-shade",
                        _GREEN,
                        220.0,
                        Slide(
                            "String 3, 11:40",
                            ("Chimney shade on modules 7 and 8", "Short-circuit current unchanged"),
                            "Now put a chimney shadow across two modules. The current drops, but only part of the way across.",
                        ),
                        Slide(
                            "One step, one group",
                            ("The bypass diode conducts", "It is not a fault"),
                            "That step is a bypass diode doing its job. It is not a fault.",
                        ),
                        Slide(
                            "Count the steps",
                            ("One step: one shaded group", "Two steps: two groups"),
                            "Count the steps. One step, one shaded group. Two steps, two groups.",
                        ),
                        Slide(
                            "Wait, then trace again",
                            ("Shade moves", "A failed diode does not"),
                            "If the step stays when the shade has moved on, you have a diode that failed open.",
                        ),
                    ),
                ),
                Lesson(
                    "Soiling against mismatch",
                    (
                        "Soiling lowers the whole curve. Mismatch bends it.",
                        "Clean one module and trace again: the answer takes five minutes and a bucket.",
                    ),
                ),
            ),
        ),
    ),
)

GLOBEX = Story(
    slug="globex",
    name="Globex Institute",
    color="#FFD21F",
    heading_font="bricolage-grotesque",
    welcome=("Know it before you touch it", "Safety courses for people who work on energy storage."),
    footer="Globex Institute, Lisbon",
    people=(
        Person("Greta Lindqvist", "greta", "owner"),
        Person("Hugo Almeida", "hugo", "admin"),
        Person("Aiko Tanaka", "aiko", "author"),
        Person("Ravi Menon", "ravi", "instructor"),
        Person("Lena Fischer", "lena", "learner"),
    ),
    course="Battery Rooms, Safely",
    summary="What to check before you open the door, what to wear, and what a cell looks like an hour before it fails.",
    modules=(
        Module(
            "At the door",
            (
                Lesson(
                    "A walk through the battery room",
                    ("Read the gas reading aloud before you go in.",),
                    _film(
                        "battery-room-walkthrough",
                        _AMBER,
                        174.6,
                        Slide(
                            "Stop at the door",
                            ("Ventilation on", "Hydrogen below 1 %", "Nobody alone"),
                            "Stop at the door. Ventilation first, then the gas reading, then your partner.",
                        ),
                        Slide(
                            "Look before you touch",
                            ("Swollen cases", "White deposits", "Warm terminals"),
                            "Look before you touch. A swollen case is a cell that has made up its mind.",
                        ),
                        Slide(
                            "Write it down",
                            ("Cell number", "Voltage", "Temperature"),
                            "Write down the cell, the voltage and the temperature. Memory is not a record.",
                        ),
                    ),
                ),
                Lesson(
                    "What to wear",
                    (
                        "Eyes, hands, then everything else",
                        "Goggles that seal, gloves rated for the acid you have, no metal on your wrists.",
                    ),
                ),
            ),
        ),
    ),
)

STORIES = (ACME, GLOBEX)
