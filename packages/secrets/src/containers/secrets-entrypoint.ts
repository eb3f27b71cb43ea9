/**
 * A POSIX sh script, the entry point of an image whose program reads its environment: exports what `/run/secrets/env`
 * holds and becomes the command, which has its process number and gets its signals. Without secrets it ends with 78, and a
 * restart policy tries again: the program never starts without them.
 */
export const secretsEntrypoint = `#!/bin/sh
# Exports the secrets of a container and becomes its command, which keeps the process number and gets the signals.
set -eu
if [ ! -r /run/secrets/env ]; then
  echo 'secrets-entrypoint: /run/secrets/env is missing or not for this user; expected the secrets volume, filled' >&2
  echo 'after a reboot of the host: maestro secrets inject' >&2
  exit 78
fi
. /run/secrets/env
exec "$@"
`;
