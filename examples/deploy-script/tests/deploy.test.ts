import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { openEnvironment } from '@maestro/orchestrator';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..', '..');
const script = join(import.meta.dirname, '..', 'src', 'deploy.ts');

it('deploys a commit, then finds nothing to do, then goes back from a site that does not look right', async () => {
  await using project = await createProject();
  const first = await project.deploy();
  expect(first).toMatch(/^12 steps, plan sha256:[0-9a-f]{64}\n/);
  expect(first).toMatch(/\ngate version: a function of the script: \d+ ms\n/);
  expect(first).toMatch(/\nrelease [0-9A-Z]{26} by \S+ has the traffic\n/);
  expect(first).toMatch(/switch template-service to blue, gateway to blue: \d+ ms\n/);
  expect(first).toMatch(/\ndeployed in \d+ ms\n$/);
  expect(await project.deploy()).toMatch(/^nothing to do\nunchanged in \d+ ms\n$/);

  const server = join(project.folder, 'services/gateway/src/routes.ts');
  await writeFile(server, (await readFile(server, 'utf8')).replace("'GET /':", "'GET /moved':"));
  await project.commit();
  await expect(project.deploy()).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/the site did not look right: rolled-back in \d+ ms\n$/) as string,
  });
  const service = join(project.folder, 'services/template-service/src/api.ts');
  await writeFile(service, (await readFile(service, 'utf8')).replace("'GET /version':", "'GET /moved':"));
  await project.commit();
  await expect(project.deploy()).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(
      /ORCHESTRATOR_RELEASE_REFUSED: .*the gate version failed: template-service answers GET \/version with 404/,
    ) as string,
  });
  const { url } = await project.environment.status();
  expect((await fetch(url ?? '')).status).toBe(200);
});

async function createProject() {
  const folder = await mkdtemp(join(tmpdir(), 'maestro-deploy-script-'));
  const config = join(folder, 'maestro.config.ts');
  const example = join(root, 'examples', 'first-deploy');
  for (const name of ['maestro.config.ts', 'services', '.gitignore']) {
    await cp(join(example, name), join(folder, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(config, (await readFile(config, 'utf8')).replace('8000', '0'));
  await writeFile(join(folder, '.env'), 'API_TOKEN=token-of-the-test\n', { mode: 0o600 });
  const git = (...args: string[]) =>
    run('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], { cwd: folder });
  const commit = async () => {
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'change');
  };
  await git('init', '--quiet');
  await commit();
  const environment = await openEnvironment({ config, environment: 'development' });
  const flags = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning'];
  return {
    folder,
    environment,
    commit,
    deploy: async () => (await run(process.execPath, [...flags, script, config, 'development'])).stdout,
    [Symbol.asyncDispose]: async () => {
      await environment.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
