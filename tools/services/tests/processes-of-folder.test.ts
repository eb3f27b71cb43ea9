import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { endProcessesOfFolder } from '../src/processes-of-folder.ts';
import { runVariable } from '../src/run-variable.ts';

const idle = ['-e', 'setInterval(() => {}, 1000)'];

it.runIf(process.platform === 'linux')(
  'ends what works in the folder, was told about it or carries it as its run, and nothing else',
  async () => {
    const mine = await mkdtemp(join(tmpdir(), 'processes-'));
    onTestFinished(() => rm(mine, { recursive: true }));
    const inside = spawn(process.execPath, idle, { cwd: mine });
    const told = spawn(process.execPath, [...idle, join(mine, 'state')]);
    const labelled = spawn(process.execPath, idle, { env: { [runVariable]: mine } });
    const stubborn = spawn(process.execPath, ['-e', `process.on('SIGTERM', () => {}); ${idle[1] ?? ''}`, mine]);
    const neighbour = spawn(process.execPath, [...idle, `${mine}-neighbour`]);
    const theirs = [inside, told, labelled, stubborn];
    try {
      const ended = Promise.all(theirs.map((child) => once(child, 'exit')));
      await Promise.all([...theirs, neighbour].map((child) => once(child, 'spawn')));
      expect(await endProcessesOfFolder(mine, { patienceMs: 500 })).toBe(theirs.length);
      await ended;
      expect([neighbour.exitCode, neighbour.signalCode]).toEqual([null, null]);
    } finally {
      for (const child of [...theirs, neighbour]) child.kill('SIGKILL');
    }
  },
);
