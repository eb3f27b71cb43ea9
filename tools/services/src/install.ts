import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';

import { MaestroError } from '@maestro/core';

import { holdWhile } from './hold.ts';

const deadlineMs = 10 * 60_000;
const policyFile = '/usr/sbin/policy-rc.d';
const policy = '#!/bin/sh\n# Of an installation by the tests of Maestro, which removes it at its end.\nexit 101\n';

export interface InstallOptions {
  readonly packages: readonly string[];
  /** Held meanwhile, so that two runs do not fight for apt's own lock. */
  readonly lock: string;
  readonly say: (line: string) => void;
}

/** Installs Debian's packages; none of the servers in them is started. */
export async function installPackages({ packages, lock, say }: InstallOptions): Promise<void> {
  await holdWhile(lock, { what: 'the installation of packages', deadlineMs }, async () => {
    say(`installing ${packages.join(', ')} with apt-get …`);
    await using _ = await keepServersStopped();
    await aptGet('update', '-qq');
    await aptGet('install', '-y', '-qq', '--no-install-recommends', ...packages);
  });
}

/** Debian starts a server as soon as it is installed, unless this file forbids it; see invoke-rc.d(8). */
async function keepServersStopped(): Promise<AsyncDisposable> {
  const found = await readFile(policyFile, 'utf8').catch(() => undefined);
  // The machine has a policy of its own, which is not ours to change. One of ours was left by a killed installation.
  if (found !== undefined && found !== policy) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  await writeFile(policyFile, policy);
  await chmod(policyFile, 0o755);
  return { [Symbol.asyncDispose]: () => rm(policyFile) };
}

async function aptGet(...args: readonly string[]): Promise<void> {
  const child = spawn('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: deadlineMs,
  });
  const output: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return;
  throw new MaestroError(
    'PART_INSTALL_FAILED',
    `apt-get ${args.join(' ')} failed: ${output.join('').trim().split('\n').slice(-5).join('\n')}`,
    {
      hint: `apt-get update && apt-get install ${args
        .filter((arg) => !arg.startsWith('-'))
        .slice(1)
        .join(' ')}`,
    },
  );
}
