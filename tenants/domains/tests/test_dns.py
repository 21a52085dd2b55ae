"""DNS as it is: records of every length, aliases, errors, silence and lies, over a real server on loopback."""

from __future__ import annotations

import time
from typing import Any

from tenants.domains import dns
from tests.support.names import Zone, lying_server, silent_server


def test_what_is_there_is_told_from_what_is_not(zone: Zone) -> None:
    zone.put("a.example", "TXT", "one", "two")
    zone.put("b.example", "A", "192.0.2.1")

    assert dns.txt("a.example") == dns.Answer("ok", ("one", "two"))
    assert dns.txt("b.example") == dns.Answer("no_data")
    assert dns.txt("c.example") == dns.Answer("nxdomain")
    assert dns.addresses("b.example") == dns.Answer("ok", ("192.0.2.1",))


def test_an_error_and_silence_say_nothing_about_the_name(zone: Zone, settings: Any) -> None:
    zone.broken.add("a.example")
    assert dns.txt("a.example") == dns.Answer("servfail")
    assert not dns.txt("a.example").is_definite

    with silent_server() as settings.DNS_SERVER:
        began = time.monotonic()
        assert dns.txt("a.example") == dns.Answer("timeout")
        assert time.monotonic() - began < dns.LIFE_SECONDS + 1

    settings.DNS_SERVER = "127.0.0.1:1"
    assert not dns.txt("a.example").is_definite


def test_an_answer_that_does_not_fit_is_fetched_over_tcp(zone: Zone) -> None:
    texts = [f"{number:03d}-" + "x" * 200 for number in range(15)]
    zone.put("long.example", "TXT", *texts)

    found = dns.txt("long.example")

    assert set(found.values) == set(texts)
    assert ("long.example", "TXT", "tcp") in zone.asked


def test_a_slow_server_is_waited_for_and_not_for_ever(zone: Zone) -> None:
    zone.put("slow.example", "TXT", "late")
    zone.slow_seconds["slow.example"] = 0.5
    assert dns.txt("slow.example").values == ("late",)
    zone.slow_seconds["slow.example"] = 30
    zone.slow_seconds["slow.example"] = dns.LIFE_SECONDS + 2
    began = time.monotonic()
    assert dns.txt("slow.example") == dns.Answer("timeout")
    assert time.monotonic() - began < dns.LIFE_SECONDS + 1


def test_aliases_are_followed_to_their_end_and_loops_end(zone: Zone) -> None:
    zone.put("a.example", "CNAME", "b.example")
    zone.put("b.example", "CNAME", "domains.lms.localhost")
    assert dns.chain("a.example").values == ("b.example", "domains.lms.localhost")
    assert dns.chain("domains.lms.localhost") == dns.Answer("nxdomain")

    zone.put("x.example", "CNAME", "y.example")
    zone.put("y.example", "CNAME", "x.example")
    assert dns.chain("x.example").values == ("y.example",)

    for number in range(20):
        zone.put(f"n{number}.example", "CNAME", f"n{number + 1}.example")
    assert len(dns.chain("n0.example").values) == dns.MAX_HOPS


def test_what_strangers_wrote_is_cut_and_printable(zone: Zone) -> None:
    zone.put("a.example", "TXT", "x" * 4000, "bell\x07\nand line")
    long, odd = sorted(dns.txt("a.example").values, key=len, reverse=True)
    assert len(long) == dns.MAX_VALUE_LENGTH
    assert odd == "bell\ufffd\ufffdand line"
    zone.put("many.example", "TXT", *(str(number) for number in range(60)))
    assert len(dns.txt("many.example").values) == dns.MAX_VALUES


def test_answers_to_another_question_are_no_answers(settings: Any) -> None:
    with lying_server() as settings.DNS_SERVER:
        assert dns.txt("_lms-challenge.a.example") == dns.Answer("timeout")
