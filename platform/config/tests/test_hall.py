"""Whose request goes on next: nobody's hurry is paid for by the others, and nobody is refused for being many."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from config.hall import Hall, Rules

YOUNG = 0.1
RULES = Rules(threads=6, line=500, steady=0.7, saved_seconds=1.0, young_seconds=(YOUNG, 1.0))
REST = RULES.rest * 0.02 + 0.0001  # after a request that took as much work as the tests' ones take
WHALE, OTHER, THIRD = "whale", "other", "third"


@dataclass(eq=False)
class Guest:
    party: str
    deadline: float
    began: float = -1.0
    sits: bool = False

    def sit(self) -> None:
        self.sits = True


@dataclass
class Process:
    """A hall with a clock that a test moves, and who is at work in it."""

    rules: Rules = RULES
    moment: float = 1000.0
    at_work: list[Guest] = field(default_factory=list)
    gone: list[Guest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hall: Hall[Guest] = Hall(self.rules, lambda: self.moment)

    def comes(self, party: str) -> tuple[Guest, str]:
        guest = Guest(party, self.moment + 10)
        outcome = self.hall.enter(guest)
        if outcome == "in":
            self.at_work.append(guest)
        return guest, outcome

    def come(self, party: str, times: int) -> list[str]:
        return [self.comes(party)[1] for _ in range(times)]

    def ends(self, guest: Guest, work: float = 0.0) -> list[Guest]:
        self.at_work.remove(guest)
        following = self.hall.leave(guest, work)
        self.at_work += following
        return following

    def passes(self, seconds: float) -> None:
        self.moment += seconds
        following, late = self.hall.moved_on()
        self.at_work += following
        self.gone += late

    def of(self, party: str) -> list[Guest]:
        return [guest for guest in self.at_work if guest.party == party]

    def serves(self, party: str, work: float) -> None:
        """Serve the party's oldest request at work; as much time passes as it takes work."""
        self.moment += work
        self.ends(self.of(party)[0], work)


@pytest.fixture
def process() -> Process:
    return Process()


@pytest.fixture
def spent(process: Process) -> Process:
    """The whale has long taken more than its part, has a request at work and two hundred wait; another is about."""
    process.come(WHALE, 200)
    for _ in range(400):
        process.serves(WHALE, 0.02)
        process.come(WHALE, 1)
        process.ends(process.comes(OTHER)[0])
        if not process.of(WHALE):
            process.passes(REST)
    return process


def test_who_is_alone_has_the_process_but_for_the_threads_that_are_kept_for_others(process: Process) -> None:
    assert process.come(WHALE, 8) == ["in"] * 6 + ["aside"] * 2
    process.serves(WHALE, 60.0)  # however much it takes
    assert len(process.of(WHALE)) == 6


def test_while_somebody_is_about_two_of_a_party_are_at_work_and_the_rest_goes_on_in_turn(process: Process) -> None:
    process.comes(OTHER)
    guests = [process.comes(WHALE)[0] for _ in range(5)]
    assert process.of(WHALE) == guests[:2]
    assert [guest.sits for guest in guests] == [False, False, True, True, True]

    assert process.ends(guests[1]) == [guests[2]]
    assert process.ends(guests[0]) == [guests[3]]
    assert process.comes(WHALE)[1] == "aside"  # nobody overtakes who waits
    assert process.ends(guests[2]) == [guests[4]]


def test_who_has_spent_its_savings_has_one_at_work_and_only_in_the_gaps_of_the_others(spent: Process) -> None:
    assert len(spent.of(WHALE)) == 1
    other, outcome = spent.comes(OTHER)
    assert outcome == "in"

    spent.serves(WHALE, 0.02)
    assert spent.of(WHALE) == []  # the other's is at work: the whale's next waits for its end
    spent.passes(0.05)
    assert spent.of(WHALE) == []

    assert [guest.party for guest in spent.ends(other, 0.01)] == [WHALE]


def test_who_takes_more_rests_after_each_so_that_others_find_nobody_at_work(spent: Process) -> None:
    spent.serves(WHALE, 0.02)
    assert spent.of(WHALE) == []
    soon = spent.hall.look_again_seconds(1.0)
    assert soon == pytest.approx(RULES.rest * 0.02)
    spent.passes(soon / 2)
    assert spent.of(WHALE) == []
    spent.passes(soon / 2 + 0.0001)
    assert len(spent.of(WHALE)) == 1
    assert spent.hall.look_again_seconds(1.0) == 1.0  # nobody rests: whoever ends wakes the loop


def test_who_goes_on_asking_does_not_come_within_its_means_by_resting(spent: Process) -> None:
    for _ in range(200):
        assert len(spent.of(WHALE)) == 1
        spent.serves(WHALE, 0.02)
        spent.come(WHALE, 1)
        spent.ends(spent.comes(OTHER)[0])
        spent.passes(0.1)  # it is given much less than it may have


def test_others_never_wait_for_who_takes_more(spent: Process) -> None:
    assert spent.come(OTHER, 2) == ["in"] * 2
    assert spent.come(THIRD, 2) == ["in"] * 2


def test_others_who_leave_no_gap_do_not_shut_anybody_out(spent: Process) -> None:
    spent.serves(WHALE, 0.02)
    while spent.of(WHALE):
        spent.serves(WHALE, 0.02)
        spent.comes(OTHER)
    began = spent.moment
    while not spent.of(WHALE):
        spent.comes(OTHER)
        spent.serves(OTHER, 0.01)
        spent.passes(0.0)
    assert spent.moment - began <= RULES.patience_seconds + 0.02
    assert len(spent.of(WHALE)) == 1


def test_a_class_that_begins_at_once_is_served_within_its_savings_and_nobody_is_refused(process: Process) -> None:
    process.comes(OTHER)
    assert "full" not in process.come(WHALE, 200)
    served = 0
    while process.of(WHALE):
        assert len(process.of(WHALE)) == min(2, 200 - served)  # never one by one
        process.serves(WHALE, 0.004)
        served += 1
    assert served == 200
    assert process.gone == []


def test_requests_that_wait_for_something_else_hold_threads_and_not_the_others_of_their_party(process: Process) -> None:
    process.comes(OTHER)
    process.come(WHALE, 20)
    assert len(process.of(WHALE)) == 2
    process.passes(YOUNG)
    assert len(process.of(WHALE)) == 4
    process.passes(YOUNG)
    process.passes(YOUNG)
    assert len(process.of(WHALE)) == 6
    process.passes(5.0)
    assert len(process.of(WHALE)) == 6  # the threads of the others stay theirs


def test_where_all_requests_are_long_one_that_is_long_does_not_count_as_waiting(process: Process) -> None:
    process.come(WHALE, 20)
    for _ in range(100):
        process.ends(process.comes(OTHER)[0])
        process.passes(0.3)
        process.ends(process.of(WHALE)[0], 0.02)
        process.come(WHALE, 1)
    process.ends(process.comes(OTHER)[0])
    process.passes(0.3)
    assert len(process.of(WHALE)) == RULES.together


def test_a_slow_request_of_another_does_not_stop_who_has_spent_its_savings(spent: Process) -> None:
    spent.comes(OTHER)
    spent.serves(WHALE, 0.02)
    assert spent.of(WHALE) == []  # at first it looks like any other's
    spent.passes(YOUNG)
    for _ in range(10):
        assert len(spent.of(WHALE)) == 1
        spent.serves(WHALE, 0.02)
        spent.passes(REST)


def test_who_rests_has_its_savings_again(spent: Process) -> None:
    while spent.of(WHALE):
        spent.serves(WHALE, 0.02)
        spent.passes(REST)
    spent.passes(2 * RULES.saved_seconds / RULES.steady)
    spent.comes(OTHER)
    assert spent.come(WHALE, 3) == ["in", "in", "aside"]


def test_two_that_take_more_take_turns(process: Process) -> None:
    process.comes(OTHER)
    process.come(WHALE, 400)
    process.come(THIRD, 400)
    served = {WHALE: 0, THIRD: 0}
    for _ in range(600):
        first = min(process.of(WHALE) + process.of(THIRD), key=lambda guest: guest.began)
        process.serves(first.party, 0.02)
        served[first.party] += 1
    assert abs(served[WHALE] - served[THIRD]) < 60


def test_who_is_left_alone_has_the_process_again(spent: Process) -> None:
    spent.ends(spent.comes(OTHER)[0])
    until = spent.moment + RULES.about_seconds
    while spent.moment < until - 0.1:
        assert len(spent.of(WHALE)) == 1
        spent.serves(WHALE, 0.02)
        spent.come(WHALE, 1)
        spent.passes(REST)
    spent.passes(0.2)
    assert len(spent.of(WHALE)) == RULES.threads


def test_a_line_has_an_end_and_so_has_waiting() -> None:
    process = Process(Rules(threads=1, line=3))
    assert process.come(WHALE, 5) == ["in", "aside", "aside", "aside", "full"]
    process.passes(9.0)
    assert process.gone == []
    process.passes(1.0)
    assert len(process.gone) == 3
    assert process.hall.look_again_seconds(1.0) is None
    assert process.come(OTHER, 1) == ["in"]


def test_thousands_who_came_once_are_forgotten_and_who_owes_is_not(process: Process) -> None:
    process.comes(WHALE)
    process.ends(process.of(WHALE)[0], work=1000.0)
    for number in range(5000):
        process.moment += 0.0001
        process.ends(process.comes(f"host-{number}")[0])
    assert len(process.hall._parties) < 2500
    process.comes(OTHER)
    assert process.come(WHALE, 2) == ["in", "aside"]  # a newcomer would have two at work
