import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import type { RegistryPlace, TransferTask } from './transfer-child.ts';

const program = fileURLToPath(new URL('transfer-child.ts', import.meta.url));
const flags = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'];

export interface Transfer {
  readonly child: ChildProcess;
  /** Its exit code or the signal that ended it, and what it printed. */
  readonly ended: Promise<{ readonly code: unknown; readonly printed: string }>;
}

/** Starts a copier as a process of its own. */
export function startTransfer(task: TransferTask & { readonly from: RegistryPlace }): Transfer {
  const env = { ...process.env, TRANSFER_TASK: JSON.stringify(task) };
  const child = spawn(process.execPath, [...flags, program], { stdio: ['ignore', 'pipe', 'inherit'], env });
  const ended = async () => {
    const [printed, exit] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    const [code, signal] = exit as [number | null, NodeJS.Signals | null];
    return { code: signal ?? code, printed };
  };
  return { child, ended: ended() };
}
