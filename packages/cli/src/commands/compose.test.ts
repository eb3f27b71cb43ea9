import { expect, it, vi } from 'vitest';

import { runMaestro } from '../testing/run-maestro.ts';

const text = 'services: {}\n';
const finding = {
  path: 'services.api.privileged',
  line: 12,
  column: 5,
  message: 'privileged',
  advice: 'name what it needs',
};

it('prints the compose file of an environment', async () => {
  const renderComposeFile = vi.fn().mockResolvedValue({ environment: 'demo', file: null, text });
  const printed = await runMaestro('compose -e demo -c shop.yaml', { library: { renderComposeFile } });
  expect(printed).toMatchObject({ exitCode: 0, stdout: text, stderr: '' });
  expect(renderComposeFile).toHaveBeenCalledWith(
    expect.objectContaining({ environment: 'demo', config: 'shop.yaml', out: undefined }),
  );
  const { jsonLines } = await runMaestro('compose -e demo --json', { library: { renderComposeFile } });
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, environment: 'demo', file: null, text }]);
});

it('says which file it wrote, and replaces one of somebody else only with --yes', async () => {
  const renderComposeFile = vi.fn().mockResolvedValue({ environment: 'demo', file: '/srv/docker-compose.yml', text });
  const written = await runMaestro('compose --out /srv -e demo', { library: { renderComposeFile } });
  expect(written.stdout).toMatch(/^Wrote \S*srv\/docker-compose\.yml of demo\./);
  expect(renderComposeFile).toHaveBeenLastCalledWith(expect.objectContaining({ out: '/srv', replace: undefined }));
  const { jsonLines } = await runMaestro('compose --out /srv -e demo --yes --json', { library: { renderComposeFile } });
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, environment: 'demo', file: '/srv/docker-compose.yml' }]);
  expect(renderComposeFile).toHaveBeenLastCalledWith(expect.objectContaining({ replace: true }));
});

it('needs the name of an environment to print one', async () => {
  const { exitCode, stderr } = await runMaestro('compose', {});
  expect(exitCode).toBe(2);
  expect(stderr).toContain('Next: maestro compose render -e <name>, or set MAESTRO_ENVIRONMENT');
});

it('imports a compose file without an environment, and says what had no equivalent', async () => {
  const imported = { file: '/srv/maestro.config.yaml', services: ['api', 'web'], findings: [finding] };
  const importComposeFile = vi.fn().mockResolvedValue(imported);
  const { stdout, exitCode } = await runMaestro('compose import docker-compose.yml', {
    library: { importComposeFile },
  });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    /^docker-compose\.yml:12:5 services\.api\.privileged\n {2}privileged\n {2}Instead: name what it needs\nWrote \S*srv\/maestro\.config\.yaml: 2 services\. 1 without an equivalent/,
  );
  const { jsonLines } = await runMaestro('compose import docker-compose.yml --out a.yaml -e demo --yes --json', {
    library: { importComposeFile },
  });
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, ...imported }]);
  expect(importComposeFile).toHaveBeenLastCalledWith(
    expect.objectContaining({ file: 'docker-compose.yml', out: 'a.yaml', environment: 'demo', replace: true }),
  );
});
