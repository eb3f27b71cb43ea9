"""python3 -m quality_fabric: serves the checks on HOST and PORT until SIGTERM."""

import os

from .graceful_server import GracefulServer, JsonHandler, error
from .rules import RULES, check


class QualityFabric(JsonHandler):
    identity = {
        "service": "quality-fabric",
        "revision": os.environ.get("MAESTRO_REVISION", "unknown"),
        "slot": os.environ.get("MAESTRO_SLOT", "none"),
    }

    def answer(self, method, path, body):
        if (method, path) == ("GET", "/health"):
            if self.server.stopping:
                return 503, {"status": "unavailable", "reason": "shutting down", **self.identity}
            return 200, {"status": "ok", **self.identity}
        if (method, path) == ("GET", "/checks"):
            return 200, {"rules": list(RULES)}
        if (method, path) == ("POST", "/checks"):
            if not isinstance(body, dict) or not isinstance(body.get("body"), str):
                return 400, error("INVALID_TEMPLATE", "body must be a string")
            findings = check(body["body"])
            return 200, {"passed": not findings, "findings": findings}
        return 404, error("NOT_FOUND", "there is no %s %s" % (method, path))


def main():
    host = os.environ.get("HOST", "127.0.0.1")
    server = GracefulServer((host, int(os.environ["PORT"])), QualityFabric)
    revision = QualityFabric.identity["revision"]
    print("quality-fabric %s listens on %s:%d" % (revision, host, server.server_address[1]), flush=True)
    server.run_until_signal()


if __name__ == "__main__":
    main()
