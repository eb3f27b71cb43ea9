"""Runs jobs as processes of this machine, for development and demo."""

import os
import subprocess
import sys


class LocalBackend:
    def __init__(self, deadline_seconds=10):
        self._deadline_seconds = deadline_seconds

    def run(self, program, job_input, name):
        # Without writing down what was compiled: an image is not written to.
        command = [sys.executable, "-B", "-m", "k8s_execution.programs.%s" % program]
        # Nothing of this service's own variables: a job must not see its secrets.
        variables = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "JOB_INPUT": job_input}
        try:
            ended = subprocess.run(
                command, env=variables, capture_output=True, text=True, timeout=self._deadline_seconds
            )
        except subprocess.TimeoutExpired:
            return "failed", "%s took longer than %d s" % (name, self._deadline_seconds)
        if ended.returncode != 0:
            return "failed", ended.stderr.strip().split("\n")[-1]
        return "succeeded", ended.stdout.rstrip("\n")
