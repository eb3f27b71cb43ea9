import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where an embedded environment keeps what outlives its daemon. */
export interface StateLayout {
  readonly folder: string;
  readonly socket: string;
  readonly daemonLock: string;
  readonly daemonLog: string;
  readonly instances: string;
  readonly topology: string;
  readonly logs: string;
  /** What is known of jobs that run. */
  readonly jobs: string;
}

export function layoutOf(folder: string): StateLayout {
  return {
    folder,
    socket: socketPath(folder),
    daemonLock: join(folder, 'daemon.lock'),
    daemonLog: join(folder, 'daemon.log'),
    instances: join(folder, 'instances.json'),
    topology: join(folder, 'topology.json'),
    logs: join(folder, 'logs'),
    jobs: join(folder, 'jobs'),
  };
}

/** sun_path of unix(7) holds 108 bytes, 104 on macOS: a longer path moves to a folder of this user's in the temporary one. */
function socketPath(folder: string): string {
  const path = join(folder, 'daemon.sock');
  if (Buffer.byteLength(path) < 100) return path;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return join(tmpdir(), `maestro-${process.getuid?.() ?? 'user'}`, `${name}.sock`);
}
