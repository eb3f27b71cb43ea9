#!/bin/sh
# Exports the secrets of a container and becomes its command, which keeps the process number and gets the signals.
set -eu
if [ ! -r /run/secrets/env ]; then
  echo 'secrets-entrypoint: /run/secrets/env is missing or not for this user; expected the secrets volume, filled' >&2
  echo 'after a reboot of the host: maestro secrets inject' >&2
  exit 78
fi
. /run/secrets/env
exec "$@"
