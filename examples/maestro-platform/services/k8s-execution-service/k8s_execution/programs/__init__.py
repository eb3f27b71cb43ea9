"""What jobs run: each reads its input from JOB_INPUT and prints its output."""
