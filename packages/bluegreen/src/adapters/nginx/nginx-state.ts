import { once } from 'node:events';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';

import { type Clock, messageOf, poll, withDeadline } from '@maestro/core';

import { BlueGreenError } from '../../errors.ts';
import { http } from '../http/node-http.ts';
import type { NginxLayout } from './nginx-layout.ts';
import { type NginxProgram, takingWorkers } from './nginx-program.ts';

const statusMs = 2_000;
const servedMs = 30_000;
const intervalMs = 20;
// Workers of another user may test for what they know the name of, but not list it.
const mode = 0o711;

export interface NginxPlace {
  readonly layout: NginxLayout;
  readonly program: NginxProgram;
  readonly clock: Clock;
}

/** Makes the folders, such that workers of another user find the marks of generations. */
export async function prepareFolders(layout: NginxLayout): Promise<void> {
  const folders = [layout.stateFolder, layout.folder, layout.temporary, layout.contents, dirname(layout.accessLog)];
  for (const folder of folders) {
    await mkdir(folder, { recursive: true, mode });
    const bits = (await stat(folder)).mode & 0o777;
    if ((bits & mode) !== mode) await chmod(folder, bits | mode);
  }
}

/** The id of the configuration that is served; null where nothing answers. */
export async function askStatus({ clock }: Pick<NginxPlace, 'clock'>, port: number): Promise<string | null> {
  const expired = () => new Error('no answer');
  return withDeadline((signal) => get(port, signal), { deadlineMs: statusMs, clock, onExpired: expired }).catch(
    () => null,
  );
}

/** Waits until a configuration is served, and by none of the workers that are replaced. Throws `BLUEGREEN_PROXY_FAILED`. */
export async function whenServed(
  { layout, program, clock }: NginxPlace,
  wanted: {
    readonly id: string;
    readonly statusPort: number;
    readonly replaced: readonly number[];
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { id, statusPort, replaced, signal } = wanted;
  const { accepted, value } = await poll({
    probe: async () => {
      const served = await askStatus({ clock }, statusPort);
      const master = await program.master();
      const workers = master === null ? [] : await takingWorkers(master);
      return { served, taken: workers.length > 0 && !workers.some((pid) => replaced.includes(pid)) };
    },
    accept: ({ served, taken }) => served === 'blind' || (served === id && taken),
    intervalMs,
    deadlineMs: servedMs,
    clock,
    signal,
  });
  if (value?.served === 'blind') {
    throw new BlueGreenError('BLUEGREEN_PROXY_FAILED', `the workers of nginx cannot see into ${layout.stateFolder}`, {
      hint: `chmod o+x ${layout.stateFolder} and the folders above it, or name another user in proxy.workerUser`,
    });
  }
  if (!accepted) {
    throw new BlueGreenError('BLUEGREEN_PROXY_FAILED', `nginx does not serve its configuration within ${servedMs} ms`, {
      hint: `tail ${layout.errorLog}`,
    });
  }
}

/** Throws `BLUEGREEN_PORT_IN_USE` where somebody else than nginx listens already. */
export async function checkFree(
  wanted: readonly { readonly host: string; readonly port: number }[],
  open: readonly { readonly host: string; readonly port: number }[],
): Promise<void> {
  for (const { host, port } of wanted) {
    if (open.some((one) => one.host === host && one.port === port)) continue;
    const reason = await inUse(host, port);
    if (reason !== null) throw portInUse(`${host}:${port}`, reason);
  }
}

export function portInUse(place: string, reason: string): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_PORT_IN_USE', `the proxy cannot listen on ${place}: ${reason}`, {
    hint: 'end what uses the port, or set environments.<name>.proxy.port to another one',
  });
}

async function inUse(host: string, port: number): Promise<string | null> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return null;
  } catch (error) {
    // Others, such as a port that only root may take, are for nginx to find.
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? messageOf(error) : null;
  } finally {
    server.close();
  }
}

function get(port: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, agent: false, signal }, (response) => {
      text(response).then(resolve, reject);
    });
    request.once('error', reject);
    request.end();
  });
}
