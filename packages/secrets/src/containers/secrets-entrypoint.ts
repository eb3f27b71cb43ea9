/**
 * A POSIX sh script, the entry point of an image whose program reads its environment: exports what `/run/secrets/env`
 * holds and becomes the command, which has its process number and gets its signals. Without secrets it waits for them, as
 * after a reboot of the host; after 60 s, or `MAESTRO_SECRETS_WAIT_SECONDS`, it ends with 78, and a restart policy tries
 * again: the program never starts without them.
 */
export const secretsEntrypoint = `#!/bin/sh
# Exports the secrets of a container and becomes its command, which keeps the process number and gets the signals.
set -eu
if [ ! -r /run/secrets/env ]; then
  echo 'secrets-entrypoint: /run/secrets/env is missing or not for this user; waiting for the secrets volume to be filled' >&2
  echo 'after a reboot of the host: maestro secrets inject --emptied' >&2
  # The first process of a container gets no signal that it does not ask for.
  trap 'exit 143' TERM
  trap 'exit 130' INT
  seconds=\${MAESTRO_SECRETS_WAIT_SECONDS:-60}
  while [ ! -r /run/secrets/env ]; do
    if [ "$seconds" -le 0 ]; then
      echo 'secrets-entrypoint: there are still no secrets, nothing is started' >&2
      exit 78
    fi
    seconds=$((seconds - 1))
    sleep 1
  done
  trap - TERM INT
fi
. /run/secrets/env
exec "$@"
`;
