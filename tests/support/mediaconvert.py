"""MediaConvert in miniature, with its rules and real films: requests are held to the service's own model, jobs wait
and run as its queues let them, and ffmpeg writes what they ask for into the object store. Events go into a queue that
hides, redelivers and sets poison aside as SQS does.

It answers over HTTP as AWS does (rest-json, and JSON 1.0 for SQS), so that botocore is between it and the product.
What it can't know is in docs/operations/real-services.md.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.support.aws_model import Model, Refused
from tests.support.film_maker import FilmMaker, InputBroken
from tests.support.sqs import Queues

ACCOUNT, REGION = "111122223333", "eu-central-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/films"
QUEUE = f"arn:aws:mediaconvert:{REGION}:{ACCOUNT}:queues/films"
# The service's own figures.
TOKEN_SECONDS = 60.0
TOKEN_LENGTH = 64
TAGS_MOST = 50


@dataclass
class Job:
    """A job as the service keeps it. ``body`` is what was asked for, by the names of the wire."""

    id: str
    body: dict[str, Any]
    created: float
    status: str = "SUBMITTED"
    percent: int = 0
    error_code: int | None = None
    error_message: str = ""

    @property
    def source(self) -> str:
        url: str = self.body["settings"]["inputs"][0]["fileInput"]
        return url

    def told(self) -> dict[str, Any]:
        """Return the job as the service tells it."""
        said = {
            **self.body,
            "id": self.id,
            "arn": f"arn:aws:mediaconvert:{REGION}:{ACCOUNT}:jobs/{self.id}",
            "createdAt": int(self.created),
            "status": self.status,
        }
        if self.status in ("PROGRESSING", "COMPLETE"):
            said["jobPercentComplete"] = self.percent
        if self.error_code is not None:
            said |= {"errorCode": self.error_code, "errorMessage": self.error_message}
        return said


@dataclass
class Faults:
    """What goes wrong, and for how many calls. ``lose_answers``: the job is made, and nobody hears of it."""

    throttle: int = 0
    lose_answers: int = 0
    fail_jobs_with: int | None = None
    hold_jobs: bool = False
    keep_events: bool = False


class MediaConvert:
    """The service: jobs by id, one queue that runs ``at_once`` of them, and what it was told to get wrong."""

    def __init__(self, maker: FilmMaker, queues: Queues, *, events_url: str = "", at_once: int = 2) -> None:
        self.maker, self.queues, self.events_url = maker, queues, events_url
        self.at_once = at_once
        self.faults = Faults()
        self.calls: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.jobs: dict[str, Job] = {}
        self.clock: Callable[[], float] = time.time
        self._lock = threading.RLock()
        self._model = Model("mediaconvert")
        self._threads: list[threading.Thread] = []

    # -- calls

    def handle(self, method: str, target: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Answer one call of the API.

        Raises:
            Refused: with the error that the service answers.
            ConnectionAbortedError: the answer gets lost.
        """
        path, _, query = target.partition("?")
        operation, name = _operation(method, path)
        with self._lock:
            self.calls.append(operation)
            if self.faults.throttle > 0:
                self.faults.throttle -= 1
                raise Refused(429, "TooManyRequestsException", "Too Many Requests")
        if operation == "CreateJob":
            return 201, {"job": self._create(json.loads(body))}
        if operation == "SearchJobs":
            return 200, self._search({key: values[0] for key, values in parse_qs(query).items()})
        if operation == "GetQueue":
            return 200, {"queue": self._queue(name)}
        with self._lock:
            job = self.jobs.get(name)
            if job is None:
                raise Refused(404, "NotFoundException", f"The specified job {name} does not exist")
            if operation == "GetJob":
                return 200, {"job": job.told()}
            if job.status not in ("SUBMITTED", "PROGRESSING"):
                raise Refused(400, "BadRequestException", f"Job {name} is {job.status} and can't be canceled")
            self._end(job, "CANCELED")
            return 202, {}

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        self._model.check("CreateJobRequest", body)
        _check_rules(body)
        with self._lock:
            told = self._made(body, self.clock())
            if self.faults.lose_answers > 0:
                self.faults.lose_answers -= 1
                raise ConnectionAbortedError
            return told

    def _made(self, body: dict[str, Any], moment: float) -> dict[str, Any]:
        """Return the job of this request: within a minute, the one that its token made before."""
        token = body.get("clientRequestToken")
        for job in self.jobs.values():
            if token and job.body.get("clientRequestToken") == token and moment - job.created < TOKEN_SECONDS:
                return job.told()
        job = Job(f"{int(moment * 1000)}-{secrets.token_hex(3)}", body, moment)
        self.jobs[job.id] = job
        told = job.told()
        self._go_on()
        return told

    def _search(self, wanted: dict[str, str]) -> dict[str, Any]:
        most = int(wanted.get("maxResults", "20"))
        if not 1 <= most <= 20:
            raise Refused(400, "BadRequestException", "maxResults must be between 1 and 20")
        with self._lock:
            found = [job for job in self.jobs.values() if wanted.get("inputFile", "") in job.source]
        found.sort(key=lambda job: job.created, reverse=wanted.get("order") == "DESCENDING")
        begin = int(wanted.get("nextToken", "0"))
        page: dict[str, Any] = {"jobs": [job.told() for job in found[begin : begin + most]]}
        return page | ({"nextToken": str(begin + most)} if begin + most < len(found) else {})

    def _queue(self, name: str) -> dict[str, Any]:
        with self._lock:
            by_status = [job.status for job in self.jobs.values()]
        return {
            "name": name,
            "status": "ACTIVE",
            "progressingJobsCount": by_status.count("PROGRESSING"),
            "submittedJobsCount": by_status.count("SUBMITTED"),
        }

    # -- jobs

    def go_on(self) -> None:
        """Begin what waits, where something kept it waiting."""
        with self._lock:
            self._go_on()

    def wait(self, seconds: float = 120.0) -> None:
        """Wait until no job runs."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with self._lock:
                if not any(job.status in ("SUBMITTED", "PROGRESSING") for job in self.jobs.values()):
                    return
            time.sleep(0.05)
        raise AssertionError("the jobs did not end")

    def _go_on(self) -> None:
        if self.faults.hold_jobs:
            return
        running = sum(job.status == "PROGRESSING" for job in self.jobs.values())
        waiting = sorted(
            (job for job in self.jobs.values() if job.status == "SUBMITTED"),
            key=lambda job: (-job.body.get("priority", 0), job.created),
        )
        for job in waiting[: max(0, self.at_once - running)]:
            job.status = "PROGRESSING"
            thread = threading.Thread(target=self._run, args=(job,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _run(self, job: Job) -> None:
        self._tell(job, "INPUT_INFORMATION")
        self._tell(job, "PROGRESSING")
        try:
            if self.faults.fail_jobs_with is not None:
                raise InputBroken(self.faults.fail_jobs_with, "as the test wished")
            self.maker.make(job.body["settings"], progress=lambda percent: self._advance(job, percent))
        except InputBroken as error:
            with self._lock:
                if job.status == "PROGRESSING":
                    job.error_code, job.error_message = error.code, str(error)
                    self._end(job, "ERROR")
            return
        with self._lock:
            if job.status == "PROGRESSING":
                job.percent = 100
                self._end(job, "COMPLETE")

    def _advance(self, job: Job, percent: int) -> None:
        with self._lock:
            if job.status != "PROGRESSING":
                return
            job.percent = percent
        self._tell(job, "STATUS_UPDATE", jobProgress={"jobPercentComplete": percent})

    def _end(self, job: Job, status: str) -> None:
        job.status = status
        details: dict[str, Any] = {}
        if status == "ERROR":
            details = {"errorCode": job.error_code, "errorMessage": job.error_message}
        elif status == "COMPLETE":
            group = job.body["settings"]["outputGroups"][0]["outputGroupSettings"]["cmafGroupSettings"]
            details = {
                "outputGroupDetails": [
                    {"type": "CMAF_GROUP", "playlistFilePaths": [f"{group['destination']}.m3u8"]},
                ]
            }
        self._tell(job, status, **details)
        self._go_on()

    def _tell(self, job: Job, status: str, **details: Any) -> None:
        event = {
            "version": "0",
            "id": secrets.token_hex(16),
            "detail-type": "MediaConvert Job State Change",
            "source": "aws.mediaconvert",
            "account": ACCOUNT,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "region": REGION,
            "resources": [f"arn:aws:mediaconvert:{REGION}:{ACCOUNT}:jobs/{job.id}"],
            "detail": {
                "timestamp": int(time.time() * 1000),
                "accountId": ACCOUNT,
                "queue": job.body.get("queue", ""),
                "jobId": job.id,
                "status": status,
                "userMetadata": job.body.get("userMetadata", {}),
                **details,
            },
        }
        with self._lock:
            self.events.append(event)
        if self.events_url and not self.faults.keep_events:
            self.queues.send(self.events_url, json.dumps(event))


def _operation(method: str, path: str) -> tuple[str, str]:
    _, _, kind, *rest = path.split("/")
    name = unquote(rest[0]) if rest else ""
    found = {
        ("POST", "jobs", False): "CreateJob",
        ("GET", "jobs", True): "GetJob",
        ("DELETE", "jobs", True): "CancelJob",
        ("GET", "search", False): "SearchJobs",
        ("GET", "queues", True): "GetQueue",
    }.get((method, kind, bool(name)))
    if found is None:
        raise Refused(404, "NotFoundException", f"No operation at {method} {path}")
    return found, name


def _check_rules(body: dict[str, Any]) -> None:
    """Refuse what the model allows and the service does not."""

    def refuse(where: str, why: str) -> None:
        raise Refused(400, "BadRequestException", f"/{where}: {why}")

    if not re.fullmatch(r"arn:aws:iam::\d{12}:role/.+", body["role"]):
        refuse("role", "is no role's ARN")
    if len(body.get("clientRequestToken", "")) > TOKEN_LENGTH:
        refuse("clientRequestToken", f"is longer than {TOKEN_LENGTH}")
    if len(body.get("tags", {})) > TAGS_MOST:
        refuse("tags", "are too many")
    settings = body["settings"]
    if not settings.get("inputs") or not settings.get("outputGroups"):
        refuse("settings", "needs inputs and outputGroups")
    selectors = settings["inputs"][0].get("audioSelectors", {})
    for group in settings["outputGroups"]:
        outputs = group.get("outputs") or []
        if not outputs:
            refuse("outputGroups/outputs", "is empty")
        names = [output.get("nameModifier") for output in outputs]
        if len(set(names)) != len(names) or None in names:
            refuse("outputGroups/outputs/nameModifier", "must be there, and unique")
        for output in outputs:
            picture, sounds = output.get("videoDescription"), output.get("audioDescriptions") or []
            if output.get("containerSettings", {}).get("container") == "CMFC" and bool(picture) == bool(sounds):
                refuse("outputs", "of CMFC carry either a picture or sound")
            if picture:
                _check_picture(picture, settings["inputs"][0], refuse)
            for sound in sounds:
                if sound.get("audioSourceName") not in selectors:
                    refuse("audioDescriptions/audioSourceName", "names no selector of the input")


def _check_picture(picture: dict[str, Any], source: dict[str, Any], refuse: Callable[[str, str], None]) -> None:
    if "videoSelector" not in source:
        refuse("inputs/videoSelector", "is needed by a picture")
    if picture["width"] % 2 or picture["height"] % 2:
        refuse("videoDescription", "needs even sides")
    codec = picture["codecSettings"]["h264Settings"]
    if codec.get("rateControlMode") == "QVBR" and ("maxBitrate" not in codec or "bitrate" in codec):
        refuse("h264Settings", "of QVBR needs maxBitrate and no bitrate")
    if codec.get("framerateControl") == "SPECIFIED" and not (
        codec.get("framerateNumerator") and codec.get("framerateDenominator")
    ):
        refuse("h264Settings/framerateControl", "needs a rate")


@dataclass
class Server:
    """Both services at one address, as ``LMS_AWS_ENDPOINT_URL`` names it."""

    url: str
    service: MediaConvert
    queues: Queues
    events_url: str
    dead_url: str
    seen: list[str] = field(default_factory=list)


@contextmanager
def running(maker: FilmMaker, *, at_once: int = 2) -> Iterator[Server]:
    """Serve on a free port until the end of the block."""
    queues = Queues()
    service = MediaConvert(maker, queues, at_once=at_once)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            try:
                if not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 "):
                    raise Refused(403, "ForbiddenException", "The request is not signed")
                if "X-Amz-Target" in self.headers:
                    status, said = queues.handle(self.headers["X-Amz-Target"].rpartition(".")[2], json.loads(body))
                else:
                    status, said = service.handle(self.command, self.path, body)
            except ConnectionAbortedError:
                self.close_connection = True
                return
            except Refused as refused:
                self._send(refused.status, {"message": str(refused), "__type": refused.code}, refused.code)
                return
            self._send(status, said)

        def _send(self, status: int, said: dict[str, Any], error: str = "") -> None:
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("x-amzn-RequestId", hashlib.sha256(content).hexdigest()[:16])
            if error:
                self.send_header("x-amzn-ErrorType", error)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - names that the base class calls

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: tests have their own output."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    url = f"http://127.0.0.1:{httpd.server_port}"
    dead = queues.create(url, "films-dead")
    service.events_url = queues.create(url, "films", dead=dead, most=3)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield Server(url, service, queues, service.events_url, dead)
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join(5)
