import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it, onTestFinished } from 'vitest';

import { MaestroProcess } from './maestro-process.ts';

const server = `
import { createServer } from 'node:http';
const server = createServer((request, response) => response.end('ok')).listen(process.env.PORT, process.env.HOST);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;
const config = {
  project: 'shop',
  services: {
    api: { context: 'api', command: ['node', 'main.mjs'], database: { adapter: 'sqlite', file: 'api.db' } },
  },
  environments: { demo: { runtime: 'embedded', proxy: { port: 0 } } },
};

it('exits with 3 where a gate refuses a release, which is recorded', { timeout: 240_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-cli-deploy-'));
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], { cwd: folder });
  const commit = async (files: Readonly<Record<string, string>>) => {
    for (const [path, contents] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), contents);
    }
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'change');
  };
  const maestro = async (...args: readonly string[]) => {
    const started = new MaestroProcess([...args, '-e', 'demo', '-c', join(folder, 'maestro.config.json'), '--json']);
    const exitCode = await started.exitCode();
    const result: unknown = JSON.parse(started.stdout.trimEnd().split('\n').at(-1) ?? '');
    return { exitCode, result };
  };
  onTestFinished(async () => {
    await maestro('stop', '--yes');
    await rm(folder, { recursive: true, force: true });
  });

  await git('init', '--quiet');
  await commit({
    '.gitignore': '.maestro/\n',
    'maestro.config.json': JSON.stringify(config),
    'api/main.mjs': server,
    'api/migrations/0001_orders.up.sql': 'CREATE TABLE orders (id INTEGER PRIMARY KEY);\n',
  });
  expect(await maestro('deploy')).toMatchObject({ exitCode: 0, result: { outcome: 'deployed' } });

  await commit({ 'api/migrations/0002_rename.up.sql': 'ALTER TABLE orders RENAME TO invoices;\n' });
  expect(await maestro('deploy')).toMatchObject({
    exitCode: 3,
    result: {
      ok: false,
      outcome: 'refused',
      error: {
        code: 'ORCHESTRATOR_RELEASE_REFUSED',
        message: expect.stringContaining('0002_rename.up.sql:1: ') as string,
      },
    },
  });
  const { result } = await maestro('history');
  expect(result).toMatchObject({ releases: [{ outcome: 'refused' }, { outcome: 'deployed' }] });
});
