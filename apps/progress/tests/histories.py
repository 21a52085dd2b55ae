"""Random histories of a course and of one enrollment on it: edits, publications, plays, marks, moves.

The generator makes facts that cannot be derived again (marks by hand): with watching alone, a bug that loses facts
would heal itself and stay green.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from uuid import UUID

from apps.courses.dto import CompletionRule, OutlineItem, VersionOutline
from apps.progress.reducer import Fact, History, Progress, Watched, reduce
from core.ids import new_id

REQUIRED = 100
RULES = [CompletionRule("watched", share) for share in (300, 600, 900, 1000)]


@dataclass
class Story:
    """One enrollment, by the same rules as the product: facts and maps only grow, moves move a pointer."""

    random: Random
    course: UUID = field(default_factory=new_id)
    module: UUID = field(default_factory=new_id)
    versions: list[VersionOutline] = field(default_factory=list)
    placements: list[VersionOutline] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    maps: dict[tuple[UUID, int], set[int]] = field(default_factory=dict)
    completed: bool = False

    @classmethod
    def begin(cls, seed: int) -> Story:
        story = cls(Random(seed))
        story.publish([story.new_lesson() for _ in range(story.random.randint(1, 6))])
        story.placements.append(story.versions[-1])
        story.settle()
        return story

    def new_lesson(self) -> OutlineItem:
        has_video = self.random.random() < 0.6
        rule = self.random.choice(RULES) if has_video else CompletionRule(self.random.choice(["manual", "viewed"]))
        return OutlineItem(
            item=new_id(),
            parent=self.module,
            kind="lesson",
            title="L",
            rule=rule,
            required=self.random.random() < 0.8,
            weight=self.random.randint(1, 3),
            asset_id=new_id() if has_video else None,
        )

    def publish(self, lessons: list[OutlineItem]) -> None:
        module = OutlineItem(self.module, None, "module", "M", CompletionRule(), required=False)
        self.versions.append(VersionOutline(new_id(), self.course, len(self.versions) + 1, (module, *lessons)))

    def edit_and_publish(self) -> None:
        lessons = list(self.versions[-1].lessons)
        kept = {entry.item for entry in lessons}
        gone = [entry for outline in self.versions for entry in outline.lessons if entry.item not in kept]
        match self.random.randrange(8):
            case 0:
                lessons.insert(self.random.randrange(len(lessons) + 1), self.new_lesson())
            case 1 if len(lessons) > 1:
                lessons.pop(self.random.randrange(len(lessons)))
            case 2:
                self.random.shuffle(lessons)
            case 3:
                at = self.random.randrange(len(lessons))
                if lessons[at].asset_id:
                    lessons[at] = replace(lessons[at], rule=self.random.choice(RULES))
            case 4:
                at = self.random.randrange(len(lessons))
                lessons[at] = replace(lessons[at], required=not lessons[at].required)
            case 5:
                at = self.random.randrange(len(lessons))
                lessons[at] = replace(lessons[at], epoch=lessons[at].epoch + 1)
            case 6 if gone:
                lessons.append(self.random.choice(gone))
            case 7:
                at = self.random.randrange(len(lessons))
                halves = [replace(self.new_lesson(), credits=((lessons[at].item,),)) for _ in range(2)]
                lessons[at : at + 1] = halves
        self.publish(lessons)

    def move(self, to: VersionOutline | None = None) -> None:
        self.placements.append(to or self.random.choice(self.versions))
        self.settle()

    def play(self) -> None:
        outline = self.random.choice(self.placements)
        videos = [entry for entry in outline.lessons if entry.asset_id]
        if videos:
            entry = self.random.choice(videos)
            start = self.random.randrange(REQUIRED)
            end = min(REQUIRED, start + self.random.randint(1, 60))
            self.maps.setdefault((entry.asset_id, entry.epoch), set()).update(range(start, end))  # type: ignore[arg-type]
            self.settle()

    def mark(self) -> None:
        by_hand = [entry for entry in self.placements[-1].lessons if entry.rule.kind != "watched"]
        if by_hand:
            entry = self.random.choice(by_hand)
            self.add(Fact(entry.item, entry.epoch, "completed"))
            self.settle()

    def add(self, fact: Fact) -> None:
        if fact not in self.facts:
            self.facts.append(fact)

    def history(self) -> History:
        return History(
            placements=self.placements,
            facts=list(self.facts),
            watched=[Watched(asset, epoch, len(seconds), REQUIRED) for (asset, epoch), seconds in self.maps.items()],
            is_completed=self.completed,
        )

    def settle(self) -> Progress:
        """What the product does after each change: store what was earned, complete once."""
        progress = reduce(self.history())
        for fact in progress.earned:
            self.add(fact)
        self.completed = self.completed or progress.is_complete
        return reduce(self.history())

    def step(self) -> None:
        self.random.choices([self.play, self.mark, self.edit_and_publish, self.move], weights=[6, 3, 2, 2])[0]()
