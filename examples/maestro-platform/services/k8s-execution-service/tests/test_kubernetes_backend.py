"""python3 -m unittest discover, in the folder of the service."""

import json
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer

from k8s_execution.kubernetes_backend import KubernetesBackend


class Api(BaseHTTPRequestHandler):
    """As much of a cluster's interface as a Job needs; the Job ends when it is asked about for the second time."""

    created = []
    looks = 0
    outcome = "succeeded"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.created.append((self.path, self.headers["authorization"], body))
        self._send(body)

    def do_GET(self):
        if self.path.startswith("/apis/batch/v1/namespaces/demo/jobs/"):
            Api.looks += 1
            self._send({"status": {Api.outcome: 1} if Api.looks > 1 else {"active": 1}})
        elif self.path == "/api/v1/namespaces/demo/pods?labelSelector=job-name%3Drender-1":
            self._send({"items": [{"metadata": {"name": "render-1-x"}}]})
        elif self.path == "/api/v1/namespaces/demo/pods/render-1-x/log":
            self._send("Dear [name],\n")
        else:
            self.send_error(404)

    def _send(self, body):
        self.send_response(200)
        self.end_headers()
        self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

    def log_request(self, *_):
        pass


class KubernetesBackendTest(unittest.TestCase):
    def setUp(self):
        Api.created, Api.looks, Api.outcome = [], 0, "succeeded"
        self.server = HTTPServer(("127.0.0.1", 0), Api)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        url = "http://127.0.0.1:%d" % self.server.server_address[1]
        self.backend = KubernetesBackend(url, "demo", "execution:1", token="t", pause_seconds=0.01)

    def tearDown(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def test_makes_a_job_and_returns_what_its_pod_has_printed(self):
        self.assertEqual(self.backend.run("render", "{}", "render-1"), ("succeeded", "Dear [name],"))
        [(path, authorization, job)] = Api.created
        self.assertEqual(path, "/apis/batch/v1/namespaces/demo/jobs")
        self.assertEqual(authorization, "Bearer t")
        [container] = job["spec"]["template"]["spec"]["containers"]
        self.assertEqual(container["image"], "execution:1")
        self.assertEqual(container["command"], ["python3", "-m", "k8s_execution.programs.render"])
        self.assertEqual(container["env"], [{"name": "JOB_INPUT", "value": "{}"}])

    def test_tells_of_a_job_that_failed(self):
        Api.outcome = "failed"
        self.assertEqual(self.backend.run("render", "{}", "render-1"), ("failed", "Dear [name],"))

    def test_leaves_a_cluster_that_refuses_to_its_caller(self):
        self.backend._namespace = "elsewhere"
        with self.assertRaises(OSError):
            self.backend.run("render", "{}", "render-1")


if __name__ == "__main__":
    unittest.main()
