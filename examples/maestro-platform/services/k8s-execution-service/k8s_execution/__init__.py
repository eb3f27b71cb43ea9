"""Runs jobs: programs of its own, each in a process that gets its input as JSON and a time to end in."""
