import type { ExecInInstance } from '@maestro/bluegreen';

import { entrypoint } from '../secrets/release-secrets.ts';
import type { RunBeside } from './run-beside.ts';

/** Runs programs in containers, with the secrets as variables where the service has them so. */
export function runInContainers(exec: ExecInInstance): RunBeside {
  return async ({ instance, definition, command, replica, signal }) => {
    const { service, slot } = instance;
    const asVariables = definition.container?.secretsAs === 'variables' && definition.secrets.length > 0;
    const { stdin, stdout, stderr } = process;
    const tty = stdin.isTTY && stdout.isTTY;
    const streams = { stdin, stdout, stderr, tty };
    return await exec({
      service,
      slot,
      replica,
      command: asVariables ? [...entrypoint, ...command] : command,
      ...streams,
      signal,
    });
  };
}
