"""python3 -m unittest discover, in the folder of the service."""

import unittest

from quality_fabric.rules import check


class RulesTest(unittest.TestCase):
    def rules_broken_by(self, body):
        return [(finding["rule"], finding["line"]) for finding in check(body)]

    def test_finds_nothing_in_a_good_template(self):
        self.assertEqual(check("Dear {{ user.name }},\n\nwelcome."), [])
        self.assertEqual(check(""), [])

    def test_finds_placeholders_that_are_not_closed(self):
        for line in ("{{name", "name}}", "{{name}} {{"):
            self.assertIn(("unclosed-placeholder", 2), self.rules_broken_by("good\n" + line), line)

    def test_finds_placeholders_without_a_name(self):
        for line in ("{{}}", "{{ 1st }}", "{{a b}}"):
            self.assertEqual(self.rules_broken_by(line), [("placeholder-name", 1)], line)

    def test_finds_long_lines_and_spaces_at_their_end(self):
        self.assertEqual(self.rules_broken_by("x" * 200), [])
        self.assertEqual(self.rules_broken_by("x" * 201), [("line-length", 1)])
        self.assertEqual(self.rules_broken_by("a \nb"), [("trailing-space", 1)])


if __name__ == "__main__":
    unittest.main()
