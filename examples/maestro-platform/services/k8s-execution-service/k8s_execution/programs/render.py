"""Fills the placeholders of a template with their own names, to show what it will look like."""

import json
import os
import re

template = json.loads(os.environ["JOB_INPUT"])
print(re.sub(r"\{\{\s*([^{}]*?)\s*\}\}", lambda match: "[%s]" % match[1], template["body"]))
