import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { poll, systemClock } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import { keeperProgram } from './keeper-program.ts';

const here = { x64: 'amd64', arm64: 'arm64' } as const;
const architecture = process.platform === 'linux' ? here[process.arch as keyof typeof here] : undefined;

const until = async (probe: () => Promise<boolean>) => {
  const { accepted } = await poll({
    probe,
    accept: (so) => so,
    intervalMs: 5,
    deadlineMs: 10_000,
    clock: systemClock,
  });
  expect(accepted).toBe(true);
};
const isThere = (path: string) => stat(path).then(Boolean, () => false);
const leadsTo = (link: string, target: string) => () =>
  readlink(link).then(
    (found) => found === target,
    () => false,
  );

async function install() {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-keeper-'));
  const program = join(folder, 'keeper');
  await writeFile(program, keeperProgram(architecture ?? 'amd64'));
  await chmod(program, 0o555);
  const volume = join(folder, 'volume');
  await mkdir(volume);
  const start = () => {
    const keeper = spawn(program, { cwd: volume, stdio: 'ignore' });
    const exit = once(keeper, 'exit');
    return { kill: () => keeper.kill('SIGKILL'), exit };
  };
  return { volume, start };
}

describe.skipIf(architecture === undefined)('the keeper', () => {
  it('renames at each sign, and not before', async () => {
    const { volume, start } = await install();
    const keeper = start();
    await until(() => isThere(join(volume, '..go')));
    for (const version of ['v1', 'v2', 'v3', 'v1']) {
      await symlink(version, join(volume, '..next'));
      await writeFile(join(volume, 'something'), version);
      expect(await isThere(join(volume, '..go/now'))).toBe(false);
      expect(await readlink(join(volume, '..next'))).toBe(version);
      // It may not watch yet.
      await until(async () => {
        await writeFile(join(volume, '..go/now'), '');
        await rm(join(volume, '..go/now'));
        return leadsTo(join(volume, '..data'), version)();
      });
    }
    keeper.kill();
    expect(await keeper.exit).toEqual([null, 'SIGKILL']);
  });

  it('goes on where the volume was in use before', async () => {
    const { volume, start } = await install();
    await mkdir(join(volume, '..go'));
    const keeper = start();
    await symlink('v2', join(volume, '..next'));
    await until(async () => {
      await writeFile(join(volume, '..go/now'), '');
      await rm(join(volume, '..go/now'));
      return leadsTo(join(volume, '..data'), 'v2')();
    });
    keeper.kill();
    await keeper.exit;
  });

  it('ends with 1 where it cannot watch', async () => {
    const { volume, start } = await install();
    await symlink('nowhere', join(volume, '..go'));
    expect(await start().exit).toEqual([1, null]);
  });
});

it('is as small as it is said to be, on both processors', () => {
  for (const one of ['amd64', 'arm64'] as const) {
    const program = keeperProgram(one);
    expect(program.length).toBeLessThan(350);
    expect(program.toString('latin1', 0, 4)).toBe('\x7fELF');
    expect(program.readUInt16LE(18)).toBe(one === 'amd64' ? 62 : 183);
  }
});
