import { MaestroError } from '@maestro/core';
import type { InitResult } from '@maestro/orchestrator';
import { expect, it, vi } from 'vitest';

import { runMaestro } from '../testing/run-maestro.ts';

const result: InitResult = {
  folder: '/srv/shop',
  project: 'shop',
  services: [
    { name: 'api', context: 'services/api', command: ['node', 'server.js'] },
    { name: 'web', context: 'services/web', command: null },
  ],
  written: ['maestro.config.ts', '.gitignore'],
  kept: ['.env.example'],
  next: ['git init', 'maestro deploy -e development'],
};

it('tells what was found, written and kept, and what to type now', async () => {
  const initProject = vi.fn().mockResolvedValue(result);
  const { exitCode, stdout } = await runMaestro('init /srv/shop', { library: { initProject } });
  expect(initProject).toHaveBeenCalledWith(expect.objectContaining({ folder: '/srv/shop' }));
  expect(exitCode).toBe(0);
  expect(stdout.split('\n')).toEqual([
    '2 services in /srv/shop:',
    '  api  services/api  node server.js',
    '  web  services/web  as its image says',
    '',
    'Written:',
    '  maestro.config.ts',
    '  .gitignore',
    '',
    'There already, and left as it is:',
    '  .env.example',
    '',
    'Next:',
    '  git init',
    '  maestro deploy -e development',
    '',
  ]);
  const { jsonLines } = await runMaestro('init --json', { library: { initProject } });
  expect(initProject).toHaveBeenLastCalledWith(expect.objectContaining({ folder: undefined }));
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, ...result }]);
});

it('exits with 2 where there is no service', async () => {
  const error = new MaestroError('ORCHESTRATOR_NO_SERVICES', 'there is no service', { hint: 'npm pkg set a=b' });
  const initProject = () => Promise.reject(error);
  const { exitCode, stderr } = await runMaestro('init', { library: { initProject } });
  expect(exitCode).toBe(2);
  expect(stderr).toBe('ORCHESTRATOR_NO_SERVICES: there is no service\nNext: npm pkg set a=b\n');
});
