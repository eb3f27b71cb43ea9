"""python3 -m unittest discover, in the folder of the service."""

import os
import unittest
from unittest import mock

from k8s_execution.local_backend import LocalBackend


class LocalBackendTest(unittest.TestCase):
    def test_returns_what_the_program_has_printed(self):
        result = LocalBackend().run("render", '{"body": "Dear {{ name }},\\n{{1}}"}', "render-1")
        self.assertEqual(result, ("succeeded", "Dear [name],\n[1]"))

    def test_tells_why_a_program_failed(self):
        state, output = LocalBackend().run("render", "no JSON", "render-1")
        self.assertEqual(state, "failed")
        self.assertIn("JSONDecodeError", output)

    def test_ends_what_takes_too_long(self):
        result = LocalBackend(deadline_seconds=0).run("render", "{}", "render-1")
        self.assertEqual(result, ("failed", "render-1 took longer than 0 s"))

    def test_keeps_its_own_variables_from_jobs(self):
        with mock.patch.dict(os.environ, {"EXECUTION_TOKEN": "s3cret"}), mock.patch("subprocess.run") as run:
            run.return_value.returncode = 0
            LocalBackend().run("render", "{}", "render-1")
        self.assertEqual(set(run.call_args.kwargs["env"]), {"PATH", "JOB_INPUT"})


if __name__ == "__main__":
    unittest.main()
