import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { MaestroProcess } from './maestro-process.ts';

const server = `
import { createServer } from 'node:http';
const server = createServer((request, response) => response.end('hello')).listen(process.env.PORT, process.env.HOST);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

it('leads from an empty repository to an answer', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-cli-init-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], { cwd: folder });
  const config = join(folder, 'maestro.config.ts');
  const maestro = async (...args: readonly string[]) => {
    const started = new MaestroProcess([...args, '--json']);
    const exitCode = await started.exitCode();
    const result: unknown = JSON.parse(started.stdout.trimEnd().split('\n').at(-1) ?? '');
    return { exitCode, result };
  };
  const place = ['-e', 'development', '-c', config];
  onTestFinished(async () => {
    await maestro('stop', '--yes', ...place);
    await rm(folder, { recursive: true, force: true });
  });

  git('init', '--quiet');
  expect(await maestro('init', folder)).toMatchObject({
    exitCode: 2,
    result: { error: { code: 'ORCHESTRATOR_NO_SERVICES' } },
  });
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ type: 'module', scripts: { start: 'node server.js' } }),
  );
  await writeFile(join(folder, 'server.js'), server);
  expect(await maestro('init', folder)).toMatchObject({
    exitCode: 0,
    result: { written: ['maestro.config.ts', '.env.example', 'migrations/README.md', '.gitignore'], kept: [] },
  });
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Deploy with Maestro');

  const examined = await maestro('doctor', ...place);
  expect(examined).toMatchObject({ exitCode: 0, result: { ok: true, environment: 'development' } });
  expect(await maestro('deploy', ...place)).toMatchObject({ exitCode: 0, result: { outcome: 'deployed' } });
  const { result } = await maestro('status', ...place);
  const { url } = result as { readonly url: string };
  expect(await (await fetch(url)).text()).toBe('hello');
});
