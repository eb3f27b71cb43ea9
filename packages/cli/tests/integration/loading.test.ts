import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { MaestroProcess } from './maestro-process.ts';

const listPackages = new URL('../fixtures/list-packages.ts', import.meta.url).href;

/** The packages that a command line loads. */
async function loadedBy(...args: readonly string[]): Promise<readonly string[]> {
  const maestro = new MaestroProcess(args, [`--import=${listPackages}`]);
  await maestro.exitCode();
  return JSON.parse(maestro.stderr.trimEnd().split('\n').at(-1) ?? '') as readonly string[];
}

it('loads nothing at all to tell its version', async () => {
  expect(await loadedBy('--version')).toEqual(['@maestro/cli']);
});

it.each([[['--help']], [['deploy', '--help']], [['deplyo']], [['completion', 'bash']], [['status']]])(
  'loads nothing but the command line for %s',
  async (args) => {
    expect(await loadedBy(...args)).toEqual(['@maestro/cli', '@maestro/core', 'commander', 'picocolors']);
  },
);

it.each([[['status']], [['history']], [['lock', 'status']]])(
  'loads no adapter that an embedded environment does not name for %s',
  async (args) => {
    const folder = await mkdtemp(join(tmpdir(), 'maestro-loading-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const config = join(folder, 'maestro.config.json');
    const services = { api: { context: '.', command: ['node', 'server.mjs'] } };
    const environments = { demo: { runtime: 'embedded', proxy: { port: 0 } } };
    await writeFile(config, JSON.stringify({ project: 'shop', services, environments }));
    const loaded = await loadedBy(...args, '-e', 'demo', '-c', config);
    const heavy = /^(?:@aws-sdk|@smithy|dockerfile-ast|log-update|mysql2|pg|simple-git|tar-stream|umzug|undici)/;
    expect(loaded.filter((name) => heavy.test(name))).toEqual([]);
  },
);
