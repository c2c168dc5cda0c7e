"""The thread that works at bulk jobs, one job after the other.

A job belongs to whoever has its lease. When its process ends, another one that is asked about the job takes it over
after a while: query jobs begin anew, ingest jobs go on behind the last chunk that was committed.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING

from salesforce_mcp.demo import users
from salesforce_mcp.demo.bulk import extract, jobs, load
from salesforce_mcp.demo.bulk.jobs import LEASE, WAITING, Job
from salesforce_mcp.demo.errors import ApiError

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User

log = logging.getLogger(__name__)


class Worker:
    """Works at the jobs of one store in this process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._name = f"{os.getpid()}-{id(self):x}"
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        self._known: set[str] = set()
        self._stopping = False
        self._begun = 0.0
        self._thread = threading.Thread(target=self._work, name="demo-org-bulk", daemon=True)
        self._thread.start()
        store.before_close.append(self.stop)

    def submit(self, job: Job) -> None:
        """Work at a job, unless that is under way."""
        if job.state in WAITING and job.id not in self._known and job.lease < time.time():
            self._known.add(job.id)
            self._queue.put(job.id)

    def stop(self) -> None:
        """Let go of the job at hand; another process may go on with it at once."""
        self._stopping = True
        self._queue.put(None)
        self._thread.join(10)
        with _lock:
            _workers.pop(self._store, None)

    def _work(self) -> None:
        while (job_id := self._queue.get()) is not None:
            try:
                job = self._claim(job_id)
                if job is not None:
                    self._run(job)
            except Exception:
                log.exception("bulk job %s failed", job_id)
                self._end(job_id, "Failed", "Unknown : An unexpected error occurred")
            finally:
                self._known.discard(job_id)

    def _claim(self, job_id: str) -> Job | None:
        """Take a job that is to be worked at and that nobody has."""
        with self._store.transaction():
            job = jobs.load(self._store, job_id)
            if self._stopping or job is None or job.state not in WAITING or job.lease >= time.time():
                return None
            job.state = "InProgress"
            self._keep(job)
        return job

    def _run(self, job: Job) -> None:
        self._begun = time.monotonic() - job.milliseconds / 1000
        user = users.by_id(self._store, job.user_id)
        if user is None:
            self._end(job.id, "Failed", "InvalidUser : The user who created the job is gone")
            return
        try:
            self._run_for(user, job)
        except load.JobFailed as error:
            self._end(job.id, "Failed", str(error))
        except ApiError as error:
            self._end(job.id, "Failed", f"InvalidBatch : Failed to process query: {error.code}: {error.message}")
        else:
            if self._stopping:
                self._release(job.id)
            else:
                self._end(job.id, "JobComplete")

    def _run_for(self, user: User, job: Job) -> None:
        run = extract.run if job.kind == "query" else load.run
        run(self._store, user, job, self._go_on)

    def _go_on(self, job: Job, processed: int) -> bool:
        """Note how far the job is; False when it was aborted, deleted or taken over, or this process stops."""
        with self._store.transaction():
            current = jobs.load(self._store, job.id)
            if current is None or current.state != "InProgress" or current.worker != self._name:
                return False
            job.processed = processed
            self._keep(job)
        return not self._stopping

    def _keep(self, job: Job) -> None:
        job.worker, job.lease = self._name, time.time() + LEASE
        self._save(job)

    def _save(self, job: Job) -> None:
        if self._begun:
            job.milliseconds = int((time.monotonic() - self._begun) * 1000)
        jobs.save(self._store, job)

    def _end(self, job_id: str, state: str, error: str | None = None) -> None:
        """Finish a job that is still this worker's."""
        with self._store.transaction():
            job = jobs.load(self._store, job_id)
            if job is not None and job.state in WAITING and job.worker == self._name:
                job.state, job.error, job.worker, job.lease = state, error, None, 0.0
                self._save(job)
        self._begun = 0.0

    def _release(self, job_id: str) -> None:
        with self._store.transaction():
            job = jobs.load(self._store, job_id)
            if job is not None and job.worker == self._name:
                job.worker, job.lease = None, 0.0
                jobs.save(self._store, job)


_workers: dict[Store, Worker] = {}
_lock = threading.Lock()


def submit(store: Store, job: Job) -> None:
    """See to it that a job is worked at: by this process, unless another has it."""
    if job.state not in WAITING or job.lease >= time.time():
        return
    with _lock:
        worker = _workers.get(store)
        if worker is None:
            worker = _workers[store] = Worker(store)
    worker.submit(job)
