import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { systemClock } from '@maestro/core';
import { expect, it } from 'vitest';

import { endLeftovers } from '../src/leftover-processes.ts';
import { temporaryFolder } from './temporary-folder.ts';

const idle = ['-e', 'setInterval(() => {}, 1000)'];

it.runIf(process.platform === 'linux')(
  'ends what works in the folder or was told about it, and nothing else',
  async () => {
    const mine = temporaryFolder();
    const inside = spawn(process.execPath, idle, { cwd: mine });
    const told = spawn(process.execPath, [...idle, join(mine, 'state')]);
    const neighbour = spawn(process.execPath, [...idle, `${mine}-neighbour`]);
    try {
      const ended = Promise.all([once(inside, 'exit'), once(told, 'exit')]);
      await Promise.all([inside, told, neighbour].map((child) => once(child, 'spawn')));
      expect(await endLeftovers(mine, systemClock)).toBe(2);
      await ended;
      expect([neighbour.exitCode, neighbour.signalCode]).toEqual([null, null]);
    } finally {
      for (const child of [inside, told, neighbour]) child.kill('SIGKILL');
    }
  },
);
