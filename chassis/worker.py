"""The worker role: relay, consumer, scheduled jobs and the trying again of parked messages, each restarted when it
fails."""

import asyncio
import secrets
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pymongo
from aiokafka.errors import KafkaError
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from fastapi import FastAPI, Request, Response
from pymongo.errors import PyMongoError

from chassis import metrics
from chassis.clock import COMPANY_ZONE
from chassis.delivery import Deliveries
from chassis.jobs import Job
from chassis.kafka import Publisher, consumer_of, ensure_topics
from chassis.leases import SECONDS, Lease
from chassis.listening import Listening
from chassis.logs import log, traced
from chassis.parking import Parking
from chassis.relay import LeaseLost, Relay, topics_of
from chassis.service import Host
from chassis.watch import Watch

SWEEP_SECONDS = 5.0
"""How late at most an event is found that the doorbell did not ring for."""
PARKED_SECONDS = 5.0
WATCH_SECONDS = 5.0
RESTART_SECONDS = 1.0
STOP_SECONDS = 10.0
DAY_SECONDS = 86_400


class Worker:
    """One worker process of a service. Several may run: the lease names the one that relays and runs jobs, Kafka
    shares the partitions."""

    def __init__(self, host: Host) -> None:
        self.host, self.service = host, host.service
        holder = f"{socket.gethostname()}-{secrets.token_hex(4)}"
        self.lease = Lease(host.db, "worker", holder)
        self.publisher = Publisher(host.settings)
        self.deliveries = Deliveries(host)
        self.parking = Parking(host.db, self.service.name)
        collections = [store.collection for store in self.service.stores]
        self.relay = Relay(
            host.db, self.service.name, host.settings.namespace, collections, self.publisher, self.lease, host.spans
        )
        self.watch = Watch(host.db, self.service.name, collections, self.lease)
        self.ready = False
        self._collections = collections
        self._prepared = asyncio.Event()
        self._stopping = False
        self._running: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._listening: Listening | None = None
        self._daily: list[Job] = []
        self._scheduler = AsyncIOScheduler(timezone=COMPANY_ZONE)

    async def start(self) -> None:
        """Start all parts; they come up as soon as MongoDB and Kafka answer."""
        parts = {
            "indexes": self._prepare,
            "lease": self._keep_lease,
            "relay": self._relay,
            "doorbell": self._ring,
            "consumer": self._listen,
            "parked": self._retry,
            "outbox watch": self._watch_outboxes,
            "lag watch": self._watch_kafka,
        }
        self._tasks = [asyncio.create_task(self._kept_up(name, part), name=name) for name, part in parts.items()]
        for jobs in self.service.jobs:
            for job in jobs.jobs:
                self._schedule(job)
        self._scheduler.start()

    async def stop(self) -> None:
        """Let the messages, the batch and the jobs in hand finish, then end; another worker takes over at once."""
        self._stopping = True
        if self._scheduler.running:
            self._scheduler.pause()
        at_work = {"relay"} if self.ready else set[str]()
        if self._listening is not None:
            self._listening.stop()
            at_work.add("consumer")
        self.relay.stop()
        finishing = [*(task for task in self._tasks if task.get_name() in at_work), *self._running]
        if finishing:
            await asyncio.wait(finishing, timeout=STOP_SECONDS)
        left = [*self._tasks, *self._running]
        for task in left:
            task.cancel()
        _, stuck = await asyncio.wait(left, timeout=STOP_SECONDS) if left else (set(), set())
        for task in stuck:
            log.warning("left behind", part=task.get_name(), service=self.service.name)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        await self.lease.give_up()
        await self.publisher.renew()

    async def _kept_up(self, name: str, part: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping:
            try:
                await part()
                return
            except (PyMongoError, KafkaError, LeaseLost, OSError, TimeoutError) as error:
                log.warning(
                    "waits and tries again",
                    part=name,
                    service=self.service.name,
                    error=f"{type(error).__name__}: {error}"[:300],
                )
            except Exception:
                log.exception("failed; starts again", part=name, service=self.service.name)
            await asyncio.sleep(RESTART_SECONDS)

    async def _prepare(self) -> None:
        await self.host.prepare()
        self._prepared.set()

    async def _keep_lease(self) -> None:
        await self._prepared.wait()  # no job and no relay before the indexes stand
        while not self._stopping:
            held = self.lease.held
            if await self.lease.hold() and not held:
                self.relay.ring()  # what the worker before left waiting
                for job in self._daily:
                    self._catch_up(job)
            await asyncio.sleep(SECONDS / 3)

    async def _relay(self) -> None:
        await self._prepared.wait()
        await ensure_topics(
            self.host.settings, topics_of(self.service.name) | self.deliveries.topics | self.relay.topics
        )
        self.ready = True
        self.relay.ring()
        try:
            while not self._stopping:
                self.relay.bell.clear()
                if self.lease.held:
                    await self.relay.answer()
                try:
                    async with asyncio.timeout(SWEEP_SECONDS):  # wait_for may swallow a cancellation before 3.12
                        await self.relay.bell.wait()
                except TimeoutError:
                    self.relay.ring()
        except BaseException:
            await self.publisher.renew()
            raise

    async def _ring(self) -> None:
        """The doorbell: hears of new events at once. It keeps no resume token; the sweep finds what it missed.

        MongoDB looks at every change of all databases for each doorbell: only who relays has one.
        """
        if not self._collections:
            return
        await self.lease.taken.wait()
        told = [
            {"updateDescription.updatedFields.outbox_at": {"$exists": True}},
            {"fullDocument.outbox_at": {"$exists": True}},
        ]
        steps = [{"$match": {"ns.coll": {"$in": self._collections}, "$or": told}}, {"$project": {"ns.coll": 1}}]
        with pymongo.timeout(0):  # 0: no limit; None would be the client's own
            async with await self.host.db.database.watch(steps, max_await_time_ms=10_000) as stream:
                async for change in stream:
                    self.relay.ring(change["ns"]["coll"])

    async def _listen(self) -> None:
        topics = self.deliveries.topics
        if not topics:
            return
        await self._prepared.wait()
        await ensure_topics(self.host.settings, topics)
        consumer = consumer_of(self.host.settings, self.service.name, topics)
        try:
            await consumer.start()
            self._listening = Listening(self.deliveries, consumer, self.parking)
            await self._listening.run()
        finally:
            self._listening = None
            await consumer.stop()

    async def _retry(self) -> None:
        while not self._stopping:
            if self.lease.held:
                parked = await self.parking.count()
                metrics.PARKED.labels(self.service.name).set(parked)
                if parked:
                    await self.parking.redrive(self.deliveries.deliver, by_itself=True)
            else:
                metrics.PARKED.labels(self.service.name).set(0)
            await asyncio.sleep(PARKED_SECONDS)

    async def _watch_outboxes(self) -> None:
        await self._prepared.wait()
        while not self._stopping:
            await self.watch.look_at_outboxes()
            await asyncio.sleep(WATCH_SECONDS)

    async def _watch_kafka(self) -> None:
        while not self._stopping:
            if self._listening is not None:
                await self.watch.look_at_kafka(self._listening)
                if self._listening.stalled:
                    log.critical("the consumer reads nothing more; the process ends", service=self.service.name)
                    signal.raise_signal(signal.SIGTERM)  # whoever keeps it starts a new one
            await asyncio.sleep(WATCH_SECONDS)

    def _schedule(self, job: Job) -> None:
        metrics.JOB_INTERVAL.labels(self.service.name, job.name).set(job.every_seconds or DAY_SECONDS)
        metrics.JOBS.labels(self.service.name, job.name, "failed")  # told from 0 on, or the first would not be seen
        if job.every_seconds is not None:
            self._tasks.append(asyncio.create_task(self._every(job.every_seconds, job), name=f"job {job.name}"))
            return
        hour = CronTrigger(hour=job.at_hour, timezone=COMPANY_ZONE)
        self._scheduler.add_job(
            self.run_job, hour, args=[job], id=job.name, max_instances=1, coalesce=True, misfire_grace_time=None
        )
        self._daily.append(job)

    async def _every(self, seconds: float, job: Job) -> None:
        """By the monotonic clock: a wall clock that is put back does not make the job wait until it has caught up."""
        while not self._stopping:
            await asyncio.sleep(seconds)
            await self.run_job(job)

    def _catch_up(self, job: Job) -> None:
        """A daily job also runs whenever the lease is taken, for the hour may have passed while nobody held it."""
        self._scheduler.add_job(
            self.run_job, args=[job], id=f"{job.name} late", replace_existing=True, misfire_grace_time=None
        )

    async def run_job(self, job: Job) -> None:
        """Run a job if this worker holds the lease; a failure is logged, and the next run finds the same things due."""
        if not self.lease.held or self._stopping:
            return
        run = asyncio.create_task(self._run(job))
        self._running.add(run)
        run.add_done_callback(self._running.discard)
        await asyncio.shield(run)

    async def _run(self, job: Job) -> None:
        started, outcome = time.perf_counter(), "done"
        work = self.host.system_work()
        with (
            traced(work.traceparent, work.correlation, job=job.name),
            self.host.spans.span(f"job {job.name}", work.traceparent),
        ):
            try:
                await job.action(work)
            except Exception:
                outcome = "failed"
                log.exception("job failed", service=self.service.name)
        metrics.JOBS.labels(self.service.name, job.name, outcome).observe(time.perf_counter() - started)
        if outcome == "done":
            metrics.JOB_DONE.labels(self.service.name, job.name).set_to_current_time()


def create_worker_app(host: Host) -> FastAPI:
    """The worker role as an ASGI application: /livez, /readyz, /metrics."""
    worker = Worker(host)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await worker.start()
        lag = asyncio.create_task(metrics.tell_loop_lag(host.service.name))
        yield
        lag.cancel()
        await worker.stop()
        host.spans.close()
        await host.db.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None)
    app.state.worker = worker

    @app.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz")
    async def readyz(response: Response) -> dict[str, str]:
        response.status_code = 200 if worker.ready else 503
        return {"status": "ready" if worker.ready else "waits for MongoDB or Kafka"}

    @app.get("/metrics")
    async def exposed(request: Request) -> Response:
        told, media_type = metrics.exposed(request.headers.get("accept", ""))
        return Response(told, media_type=media_type)

    return app
