import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { systemClock, withDeadline } from '@maestro/core';

import type { Context } from '../../benchmark.ts';
import { BenchmarkError } from '../../errors.ts';

const startDeadlineMs = 10_000;

/** Starts the peer in a process of its own, as ours has one, and returns its address. */
export async function startFixedProxy(
  target: string,
  { signal, stack }: Pick<Context, 'signal' | 'stack'>,
): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixed-proxy.ts'), target], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  stack.defer(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const failed = (reason: string) =>
    new BenchmarkError('BENCH_PEER_FAILED', `the proxy with a fixed target did not start: ${reason}`, {
      hint: `node ${join(import.meta.dirname, 'fixed-proxy.ts')} ${target}`,
    });

  const port = await withDeadline(
    (inner) =>
      Promise.race([
        once(child.stdout, 'data', { signal: inner }).then(([printed]) => String(printed).trim()),
        exited.then(([code]) => {
          throw failed(`it ended with ${String(code)}`);
        }),
      ]),
    {
      deadlineMs: startDeadlineMs,
      clock: systemClock,
      signal,
      onExpired: () => failed(`no port after ${startDeadlineMs} ms`),
    },
  );
  return `http://127.0.0.1:${port}/`;
}
