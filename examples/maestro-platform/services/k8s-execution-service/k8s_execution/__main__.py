"""python3 -m k8s_execution: serves jobs on HOST and PORT until SIGTERM; a job that has begun is finished."""

import collections
import hmac
import json
import os
import sys
import uuid

from .graceful_server import GracefulServer, JsonHandler, error
from .kubernetes_backend import KubernetesBackend
from .local_backend import LocalBackend

PROGRAMS = ("render",)
KEPT_JOBS = 1000


class Execution(JsonHandler):
    identity = {
        "service": "k8s-execution-service",
        "revision": os.environ.get("MAESTRO_REVISION", "unknown"),
        "slot": os.environ.get("MAESTRO_SLOT", "none"),
    }
    backend = None
    token = ""
    jobs = collections.OrderedDict()

    def answer(self, method, path, body):
        if (method, path) == ("GET", "/health"):
            if self.server.stopping:
                return 503, {"status": "unavailable", "reason": "shutting down", **self.identity}
            return 200, {"status": "ok", **self.identity}
        if (method, path) == ("GET", "/jobs"):
            with self.server.lock:
                return 200, {"jobs": list(reversed(self.jobs.values()))}
        if (method, path) == ("POST", "/jobs"):
            return self.run_job(body)
        return 404, error("NOT_FOUND", "there is no %s %s" % (method, path))

    def run_job(self, body):
        shown = self.headers.get("authorization", "").encode()
        if not hmac.compare_digest(shown, ("Bearer %s" % self.token).encode()):
            return 401, error("UNAUTHORIZED", "this needs the execution token")
        if not isinstance(body, dict) or body.get("program") not in PROGRAMS or "input" not in body:
            return 400, error("INVALID_JOB", "expected input, and as program one of: %s" % ", ".join(PROGRAMS))
        name = "%s-%s" % (body["program"], uuid.uuid4())
        try:
            state, output = self.backend.run(body["program"], json.dumps(body["input"]), name)
        except OSError as problem:
            print("%s: %s" % (name, problem), file=sys.stderr, flush=True)
            return 502, error("NOT_RUN", "the job could not be run")
        job = {"name": name, "state": state, "output": output}
        with self.server.lock:
            self.jobs[name] = job
            if len(self.jobs) > KEPT_JOBS:
                self.jobs.popitem(last=False)
        return 200, job


def open_backend():
    image = os.environ.get("JOB_IMAGE", "")
    if image and "KUBERNETES_SERVICE_HOST" in os.environ:
        return KubernetesBackend.in_cluster(image)
    return LocalBackend()


def main():
    host = os.environ.get("HOST", "127.0.0.1")
    Execution.backend = open_backend()
    Execution.token = os.environ["EXECUTION_TOKEN"]
    server = GracefulServer((host, int(os.environ["PORT"])), Execution)
    revision = Execution.identity["revision"]
    print("k8s-execution-service %s listens on %s:%d" % (revision, host, server.server_address[1]), flush=True)
    server.run_until_signal()


if __name__ == "__main__":
    main()
