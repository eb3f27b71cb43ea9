"""Runs jobs as Jobs of the Kubernetes cluster that this service runs in, with the rights of its service account."""

import json
import os
import ssl
import time
import urllib.request

_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


class KubernetesBackend:
    def __init__(self, url, namespace, image, token="", context=None, deadline_seconds=50, pause_seconds=0.5):
        self._url = url
        self._namespace = namespace
        self._image = image
        self._token = token
        self._context = context
        self._deadline_seconds = deadline_seconds
        self._pause_seconds = pause_seconds

    @classmethod
    def in_cluster(cls, image):
        host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ.get("KUBERNETES_SERVICE_PORT", "443")
        return cls(
            url="https://%s:%s" % (host, port),
            namespace=_account_file("namespace"),
            image=image,
            token=_account_file("token"),
            context=ssl.create_default_context(cafile=os.path.join(_ACCOUNT, "ca.crt")),
        )

    def run(self, program, job_input, name):
        jobs = "/apis/batch/v1/namespaces/%s/jobs" % self._namespace
        self._call("POST", jobs, self._manifest(program, job_input, name))
        deadline = time.monotonic() + self._deadline_seconds
        while time.monotonic() < deadline:
            status = json.loads(self._call("GET", "%s/%s" % (jobs, name))).get("status", {})
            if status.get("succeeded"):
                return "succeeded", self._output_of(name)
            if status.get("failed"):
                return "failed", self._output_of(name)
            time.sleep(self._pause_seconds)
        return "failed", "%s took longer than %d s" % (name, self._deadline_seconds)

    def _manifest(self, program, job_input, name):
        container = {
            "name": "job",
            "image": self._image,
            "command": ["python3", "-m", "k8s_execution.programs.%s" % program],
            "env": [{"name": "JOB_INPUT", "value": job_input}],
        }
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": name},
            "spec": {
                # The cluster ends and removes it, also when this service is gone by then.
                "activeDeadlineSeconds": self._deadline_seconds,
                "ttlSecondsAfterFinished": 300,
                "backoffLimit": 0,
                "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
            },
        }

    def _output_of(self, name):
        pods = "/api/v1/namespaces/%s/pods" % self._namespace
        found = json.loads(self._call("GET", "%s?labelSelector=job-name%%3D%s" % (pods, name)))
        pod = found["items"][0]["metadata"]["name"]
        return self._call("GET", "%s/%s/log" % (pods, pod)).rstrip("\n")

    def _call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data=data, method=method)
        request.add_header("authorization", "Bearer %s" % self._token)
        request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=10, context=self._context) as answer:
            return answer.read().decode()


def _account_file(name):
    with open(os.path.join(_ACCOUNT, name), encoding="utf-8") as file:
        return file.read().strip()
