import { expect, it } from 'vitest';

import { checkRegistry } from './checks/check-registry.ts';
import { formatPath } from './checks/problem.ts';
import { defineRegistry } from './define-registry.ts';
import { merge } from './plan/merge.ts';
import { resolveEnvironment } from './resolve-environment.ts';

const shop = defineRegistry({
  project: 'shop',
  services: { api: { context: 'services/api', command: ['node', 'api.ts'] } },
  environments: { demo: { runtime: 'embedded', proxy: { port: 0 } } },
});

function resolved(change: object) {
  const checked = checkRegistry(merge(shop, change));
  if (!checked.valid) throw new Error(problemsOf(change).join('\n'));
  return resolveEnvironment({ registry: checked.registry, file: '/shop/maestro.config.ts', root: '/shop' }, 'demo');
}

function problemsOf(change: object): string[] {
  const checked = checkRegistry(merge(shop, change));
  return checked.valid ? [] : checked.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

const api = (change: object) => ({ services: { api: change } });
const gate = (change: object) => api({ gates: { unit: change } });
const demo = (change: object) => ({ environments: { demo: change } });

it('decides where and for how long gates are run, and when', () => {
  const { services, gates } = resolved(
    merge(
      api({
        gates: {
          unit: { command: ['npm', 'test'], coverage: { lines: 80 } },
          smoke: { http: { path: '/', statuses: ['200-204'], body: { contains: 'ok' }, tries: 3 }, timeoutMs: 5_000 },
          load: { command: ['./load'], after: 'probe', pass: ['TOKEN'] },
        },
      }),
      demo({ gates: { lint: { command: ['npm', 'run', 'lint'] } } }),
    ) as object,
  );
  const command = { kind: 'command', timeoutMs: 600_000, pass: [], coverage: null };
  expect(gates).toEqual([
    { ...command, name: 'lint', command: ['npm', 'run', 'lint'], folder: '/shop', after: 'images' },
  ]);
  const folder = '/shop/services/api';
  expect(services[0]?.gates).toEqual([
    {
      ...{ ...command, name: 'unit', command: ['npm', 'test'], folder, after: 'images' },
      coverage: { file: `${folder}/coverage/coverage-summary.json`, minimum: { lines: 80 } },
    },
    {
      ...{ name: 'smoke', kind: 'http', after: 'probe' },
      check: {
        ...{ kind: 'http', path: '/', statuses: [[200, 204]], body: { contains: 'ok' } },
        ...{ timeoutMs: 5_000, deadlineMs: 5_000, intervalMs: 500, failures: 3 },
      },
    },
    { ...command, name: 'load', command: ['./load'], folder, after: 'probe', pass: ['TOKEN'] },
  ]);
});

it('puts hooks into the order of the stages, whatever the order they are written in', () => {
  const hook = (name: string) => ({ command: [name] });
  const { services, hooks } = resolved(
    merge(
      api({ hooks: { afterSwitch: [hook('purge')], beforeBuild: [hook('generate'), hook('format')] } }),
      demo({ hooks: { beforeSwitch: [{ ...hook('announce'), timeoutMs: 1_000 }] } }),
    ) as object,
  );
  expect(services[0]?.hooks.map(({ stage, when, command, folder }) => [when, stage, command[0], folder])).toEqual([
    ['before', 'build', 'generate', '/shop/services/api'],
    ['before', 'build', 'format', '/shop/services/api'],
    ['after', 'switch', 'purge', '/shop/services/api'],
  ]);
  expect(hooks).toEqual([
    { stage: 'switch', when: 'before', command: ['announce'], timeoutMs: 1_000, pass: [], folder: '/shop' },
  ]);
});

it('gives a job time to end', () => {
  expect(resolved(api({ strategy: 'job' })).services[0]?.strategy).toEqual({ kind: 'job', timeoutMs: 600_000 });
  expect(resolved(api({ strategy: 'job', jobTimeoutMs: 1 })).services[0]?.strategy).toMatchObject({ timeoutMs: 1 });
});

it.each([
  [
    api({ gates: { 'Unit tests': { command: ['true'] } } }),
    'services.api.gates["Unit tests"]: expected a name of at most 41 lower-case letters, digits and dashes that starts with a letter',
  ],
  [gate({}), 'services.api.gates.unit.command: missing, expected what the gate asks'],
  [gate({ command: [] }), 'services.api.gates.unit.command: expected a program'],
  [
    gate({ command: ['true'], http: { path: '/' } }),
    'services.api.gates.unit.http: expected only where there is no command',
  ],
  [gate({ http: { path: 'health' } }), 'services.api.gates.unit.http.path: expected a path that starts with "/"'],
  [
    gate({ http: { path: '/' }, after: 'images' }),
    'services.api.gates.unit.after: expected "probe" where a request is sent',
  ],
  [
    gate({ http: { path: '/' }, coverage: { lines: 1 } }),
    'services.api.gates.unit.coverage: expected only where there is a command',
  ],
  [
    gate({ command: ['true'], coverage: { lines: 101 } }),
    'services.api.gates.unit.coverage.lines: expected a percentage from 0 to 100',
  ],
  [
    gate({ command: ['true'], pass: ['token'] }),
    'services.api.gates.unit.pass[0]: expected a name of capital letters, digits and underscores',
  ],
  [gate({ comand: ['true'] }), 'services.api.gates.unit.comand: unknown key, did you mean "command"?'],
  [
    demo({ gates: { all: { http: { path: '/' } } } }),
    'environments.demo.gates.all.http: unknown key, expected one of command, coverage, after, timeoutMs, pass',
  ],
  [api({ hooks: { beforeSwich: [] } }), 'services.api.hooks.beforeSwich: unknown key, did you mean "beforeSwitch"?'],
  [
    api({ hooks: { beforeSwitch: { command: ['true'] } } }),
    'services.api.hooks.beforeSwitch: expected a list of hooks, not an object',
  ],
  [api({ jobTimeoutMs: 1 }), 'services.api.jobTimeoutMs: expected only where the strategy is "job"'],
  [api({ strategy: 'job', route: { path: '/' } }), 'services.api.route: expected only where the strategy is not "job"'],
])('refuses %j', (change, problem) => {
  expect(problemsOf(change)).toContain(problem);
});
