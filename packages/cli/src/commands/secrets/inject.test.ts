import type { EnvironmentSecrets } from '@maestro/orchestrator';
import { expect, it, vi } from 'vitest';

import { fakeSecrets } from '../../testing/fake-environment.ts';
import { runMaestro } from '../../testing/run-maestro.ts';

const mount = { target: '/run/secrets', readOnly: true, noCopy: true, fileVariables: {} } as const;
const services = [
  { service: 'api', slot: 'blue', volume: 'shop.production.api.blue.secrets', secrets: [{ name: 'A', version: 'v1' }] },
  { service: 'web', slot: 'blue', volume: 'shop.production.web.blue.secrets', secrets: [{ name: 'A', version: 'v1' }] },
].map((one) => ({ ...one, ...mount }));

it('fills volumes, tells progress, and how containers mount them', async () => {
  const at = '2026-01-15T12:00:00.000Z';
  const volume = 'shop.production.api.blue.secrets';
  const injected = { type: 'secrets-injected', service: 'api', slot: 'blue', volume, names: ['A'], at } as const;
  const inject = vi.fn<EnvironmentSecrets['inject']>((options) => {
    options?.onEvent?.({ ...injected, changed: true, swappable: true, durationMs: 300 });
    options?.onEvent?.({ ...injected, changed: false, swappable: false, durationMs: 30 });
    return Promise.resolve({ store: 'AWS', services });
  });
  const environment = { secrets: fakeSecrets({ inject }) };
  const { stdout, stderr } = await runMaestro('secrets inject api web --slot blue -e production', { environment });
  expect(inject).toHaveBeenCalledWith(expect.objectContaining({ services: ['api', 'web'], slot: 'blue' }));
  expect(stdout.split('\n')).toEqual([
    'api  blue  shop.production.api.blue.secrets',
    'web  blue  shop.production.web.blue.secrets',
    'In memory: 1 of AWS.',
    'A container gets them by --mount type=volume,source=<volume>,target=/run/secrets,readonly,volume-nocopy',
    '',
  ]);
  expect(stderr).toMatch(/into shop\S+ … 300 ms; this kernel may swap them out\n.* … are there already\n$/);
  const { jsonLines } = await runMaestro('secrets inject -e production --json', { environment });
  expect(inject).toHaveBeenLastCalledWith(expect.objectContaining({ services: undefined, slot: undefined }));
  expect(jsonLines().at(-1)).toEqual({ type: 'result', ok: true, store: 'AWS', services });
});

it('says so when no service needs a secret', async () => {
  const environment = { secrets: fakeSecrets({ inject: () => Promise.resolve({ store: 'AWS', services: [] }) }) };
  const { stdout } = await runMaestro('secrets inject -e production', { environment });
  expect(stdout).toBe('No service of production needs a secret.\n');
});

it('fills again what is empty', async () => {
  const filled = [{ service: 'api', slot: 'blue', volume: 'v.api' }];
  const left = [
    { service: 'old', slot: null, volume: 'v.old', reason: 'not-needed' },
    { service: 'web', slot: 'blue', volume: 'v.web', reason: 'stopped' },
  ];
  const reinject = vi.fn().mockResolvedValueOnce({ filled, left }).mockResolvedValue({ filled: [], left: [] });
  const environment = { secrets: fakeSecrets({ reinject }) };
  expect((await runMaestro('secrets inject --emptied -e production', { environment })).stdout).toBe(
    'api  blue  v.api  filled\nold  -     v.old  left empty: no service of the configuration needs it\n' +
      'web  blue  v.web  left empty until it is started\n',
  );
  expect((await runMaestro('secrets inject --emptied -e production', { environment })).stdout).toBe(
    'No volume is empty.\n',
  );
  const { jsonLines } = await runMaestro('secrets inject --emptied -e production --json', { environment });
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, filled: [], left: [] }]);
});

it('prints a unit of systemd that does so, and nothing else', async () => {
  const { stdout } = await runMaestro('secrets inject --unit -e production', {});
  expect(stdout).toContain('[Unit]\nDescription=Secrets of shop production in the memory of this host\n');
  expect(stdout).toContain(
    '\nUser=deploy\nWorkingDirectory=/srv/shop\nExecStart=/usr/bin/node /srv/shop/node_modules/.bin/maestro ' +
      'secrets inject --emptied -c /srv/shop/maestro.config.ts -e production --timeout 5m\n',
  );
  const { jsonLines } = await runMaestro('secrets inject --unit -e production --json', {});
  expect(jsonLines()).toEqual([
    { type: 'result', ok: true, name: 'maestro-secrets-shop-production.service', text: stdout.trimEnd() },
  ]);
});

it.each(['api --emptied', '--emptied --slot blue', '--unit --slot blue', '--unit --emptied', 'api --unit'])(
  'is misused by %s',
  async (words) => {
    expect((await runMaestro(`secrets inject ${words} -e production`, {})).exitCode).toBe(2);
  },
);
