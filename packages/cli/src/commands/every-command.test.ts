import { MaestroError } from '@maestro/core';
import type { Environment } from '@maestro/orchestrator';
import { describe, expect, it } from 'vitest';

import { leavesOf } from '../command-tree.ts';
import type { Library } from '../library.ts';
import { commandLine } from '../parse-arguments.ts';
import { fakeEnvironment, fakeImages, fakeMigrations, fakeSecrets } from '../testing/fake-environment.ts';
import { heldLock, proxyView, sampleLogs, sampleMetrics } from '../testing/operations-data.ts';
import { RecordedStream } from '../testing/recorded-stream.ts';
import { runMaestro } from '../testing/run-maestro.ts';
import { deployed, healthyStatus, records, release, sampleImage, samplePlan } from '../testing/sample-data.ts';

/** A command line that goes well, and what comes of it. */
interface Row {
  /** What stands behind the command. */
  readonly words?: string;
  readonly environment?: Partial<Environment>;
  readonly library?: Partial<Library>;
  /** What people read. */
  readonly shown: RegExp;
  /** Names of the fields of its result; null for a program that has this one's streams, and its exit code. */
  readonly fields: readonly string[] | null;
  readonly exitCode?: number;
  /** `alone`: it needs no environment, so that nothing of one can fail. */
  readonly needs?: 'alone';
}

const says =
  <T>(value: T) =>
  () =>
    Promise.resolve(value);

const image = sampleImage('shop-api', 'a');
const { digest } = image;
const tag = 'production-abc1234';
const built = {
  release,
  services: [{ service: 'api', repository: 'shop-api', tag, digest, revision: 'abc1234', built: true }],
};
const moved = { release, images: [{ repository: 'shop-api', tag, digest }] };
const saved = { ...moved, file: '/tmp/shop.tar', sizeBytes: 4_100 };
const diff = { from: '.env', to: 'AWS', secrets: [{ name: 'NEW', change: 'added' as const, from: 'f1' }] };
const ofRelease = ['release', 'outcome', 'durationMs', 'switchMs', 'reason', 'unjudged', 'services', 'failedHooks'];

const rows: Readonly<Record<string, Row>> = {
  init: {
    library: {
      initProject: says({
        folder: '/srv/shop',
        project: 'shop',
        services: [{ name: 'api', context: 'api', command: ['node', 'server.js'] }],
        written: ['maestro.config.ts'],
        kept: [],
        next: ['maestro deploy -e development'],
      }),
    },
    shown: /^1 service in \/srv\/shop:\n {2}api {2}api {2}node server\.js\n/,
    fields: ['folder', 'project', 'services', 'written', 'kept', 'next'],
    needs: 'alone',
  },
  doctor: {
    library: {
      examineEnvironment: says({
        environment: 'production',
        findings: [{ check: 'clock', group: 'machine' as const, status: 'ok' as const, message: 'it is right' }],
      }),
    },
    shown: /clock/,
    fields: ['environment', 'findings'],
  },
  plan: { environment: { plan: says(samplePlan) }, shown: /gateway/, fields: ['hash', 'steps', 'services'] },
  deploy: { environment: { deploy: says(deployed) }, shown: /gateway/, fields: ofRelease },
  rollback: {
    environment: { rollback: says({ ...deployed, outcome: 'rolled-back' as const }) },
    shown: /gateway/,
    fields: ofRelease,
  },
  resume: { environment: { resume: says(deployed) }, shown: /gateway/, fields: ofRelease },
  abort: {
    environment: { abort: says({ ...deployed, outcome: 'aborted' as const }) },
    shown: /aborted/i,
    fields: ofRelease,
  },
  status: {
    environment: { status: says(healthyStatus) },
    shown: /gateway {2}release/,
    fields: ['environment', 'url', 'services', 'jobs', 'drift', 'lock', 'interrupted'],
  },
  history: { environment: { history: says(records) }, shown: /deployed/, fields: ['releases'] },
  logs: {
    words: 'api',
    environment: { logs: () => Promise.resolve(sampleLogs(['begun'])) },
    shown: /^begun\n$/,
    fields: ['service', 'slot', 'release', 'lines'],
  },
  exec: {
    words: 'api -- ls -l',
    environment: { exec: says({ slot: 'blue' as const, exitCode: 7 }) },
    shown: /^$/,
    fields: null,
    exitCode: 7,
  },
  'images build': {
    environment: { images: fakeImages({ build: says(built) }) },
    shown: /api {2}shop-api/,
    fields: ['release', 'services'],
  },
  'images push': {
    environment: { images: fakeImages({ push: says(built) }) },
    shown: /Remembered as/,
    fields: ['release', 'services'],
  },
  'images tag': {
    words: 'api production-abc1234 stable',
    environment: { images: fakeImages({ tag: says(image) }) },
    shown: /shop-api:stable is/,
    fields: ['image'],
  },
  'images list': {
    environment: { images: fakeImages({ list: says([image]) }) },
    shown: /^shop-api/,
    fields: ['images'],
  },
  'images history': {
    environment: { images: fakeImages({ history: says([]) }) },
    shown: /No releases/,
    fields: ['releases'],
  },
  'images rollback': {
    environment: { images: fakeImages({ rollback: says(built) }) },
    shown: /Remembered as/,
    fields: ['release', 'services'],
  },
  'images scan': {
    environment: {
      images: fakeImages({
        scan: says([
          { service: 'api', digest, report: { scanner: 'trivy', database: null, findings: [] }, allowed: [] },
        ]),
      }),
    },
    shown: /0 findings/,
    fields: ['images'],
  },
  'images prune': {
    environment: { images: fakeImages({ prune: says({ remove: [], removed: [], keep: [], freedBytes: 0 }) }) },
    shown: /No images/,
    fields: ['dryRun', 'remove', 'removed', 'keep', 'freedBytes'],
  },
  'images save': {
    words: 'shop.tar',
    environment: { images: fakeImages({ save: says(saved) }) },
    shown: /^Saved/,
    fields: ['release', 'file', 'images', 'sizeBytes'],
  },
  'images load': {
    words: 'shop.tar',
    environment: { images: fakeImages({ load: says(saved) }) },
    shown: /^Loaded/,
    fields: ['release', 'file', 'images', 'sizeBytes'],
  },
  'images mirror': {
    words: 'https://registry.example.com/team',
    environment: { images: fakeImages({ mirror: says({ ...moved, to: 'https://registry.example.com/team' }) }) },
    shown: /^Mirrored/,
    fields: ['release', 'to', 'images'],
  },
  'migrate run': {
    environment: {
      migrations: fakeMigrations({ run: says({ databases: [{ name: 'api', outcome: 'done', applied: ['0001_a'] }] }) }),
    },
    shown: /api {2}done {2}applied 0001_a/,
    fields: ['dryRun', 'databases'],
  },
  'migrate status': {
    environment: { migrations: fakeMigrations({ status: says({ databases: [] }) }) },
    shown: /has a database/,
    fields: ['databases'],
  },
  'migrate rollback': {
    words: '--service api --yes',
    environment: { migrations: fakeMigrations({ rollback: says({ reverted: ['0002_b'] }) }) },
    shown: /api: reverted 0002_b/,
    fields: ['service', 'reverted'],
  },
  'migrate create': {
    words: 'api x',
    environment: { migrations: fakeMigrations({ create: says(['/shop/0002_x.up.sql']) }) },
    shown: /0002_x\.up\.sql/,
    fields: ['service', 'files'],
  },
  'migrate lint': {
    environment: { migrations: fakeMigrations({ lint: says([]) }) },
    shown: /No findings/,
    fields: ['findings'],
  },
  'migrate repair': {
    words: '--service api --applied 0002_b',
    environment: { migrations: fakeMigrations({ repair: says(undefined) }) },
    shown: /api: noted/,
    fields: ['service', 'applied'],
  },
  'migrate adopt': {
    words: '--service api --from prisma',
    environment: {
      migrations: fakeMigrations({ adopt: says({ from: 'prisma' as const, found: [], adopted: [], known: [] }) }),
    },
    shown: /nothing to record/,
    fields: ['service', 'dryRun', 'from', 'found', 'adopted', 'known'],
  },
  'secrets prepare': {
    environment: { secrets: fakeSecrets({ prepare: says({ store: 'AWS', services: [] }) }) },
    shown: /needs a secret/,
    fields: ['store', 'services'],
  },
  'secrets upload': {
    environment: { secrets: fakeSecrets({ upload: says({ diff, created: [], changed: [], restored: [] }) }) },
    shown: /NEW/,
    fields: ['dryRun', 'from', 'to', 'secrets', 'created', 'changed', 'restored'],
  },
  'secrets list': {
    environment: { secrets: fakeSecrets({ list: says([]) }) },
    shown: /No secrets/,
    fields: ['secrets'],
  },
  'secrets diff': {
    environment: { secrets: fakeSecrets({ diff: says(diff) }) },
    shown: /NEW/,
    fields: ['from', 'to', 'secrets'],
  },
  'secrets run': {
    words: '-- ls -l',
    environment: { secrets: fakeSecrets({ run: says({ exitCode: 7, signal: null }) }) },
    shown: /^$/,
    fields: null,
    exitCode: 7,
  },
  'secrets rotate': {
    environment: { secrets: fakeSecrets({ rotate: says({ store: 'AWS', planned: [], rotated: [] }) }) },
    shown: /rotate/,
    fields: ['dryRun', 'store', 'planned', 'rotated'],
  },
  'secrets inject': {
    environment: { secrets: fakeSecrets({ inject: says({ store: 'AWS', services: [] }) }) },
    shown: /needs a secret/,
    fields: ['store', 'services'],
  },
  'secrets policy': {
    words: '--account 123456789012',
    environment: { secrets: fakeSecrets({ policy: says({ Version: '2012-10-17' as const, Statement: [] }) }) },
    shown: /2012-10-17/,
    fields: ['policy'],
  },
  'lock status': {
    environment: { lock: { status: says(heldLock), release: says(null) } },
    shown: /^Held by ana@ci-7/,
    fields: ['lock'],
  },
  'lock release': {
    environment: { lock: { status: says(null), release: says({ ...heldLock, state: 'abandoned' as const }) } },
    shown: /^Freed the lock/,
    fields: ['released'],
  },
  'proxy show': {
    environment: { proxy: { show: says(proxyView) } },
    shown: /generation 41/,
    fields: ['environment', 'url', 'generation', 'services'],
  },
  metrics: {
    environment: { metrics: says(sampleMetrics) },
    shown: /^maestro_generation\{release="/m,
    fields: ['metrics', 'file'],
  },
  'compose render': {
    library: { renderComposeFile: says({ environment: 'production', file: null, text: 'services: {}\n' }) },
    shown: /^services: \{\}\n$/,
    fields: ['environment', 'file', 'text'],
  },
  'compose import': {
    words: 'docker-compose.yml',
    library: { importComposeFile: says({ file: '/srv/maestro.config.yaml', services: ['api'], findings: [] }) },
    shown: /^Wrote .*: 1 service\. Everything had an equivalent\.\n$/,
    fields: ['file', 'services', 'findings'],
    needs: 'alone',
  },
  stop: { words: '--yes', environment: { stop: says(undefined) }, shown: /^Stopped/, fields: ['environment'] },
  completion: { words: 'bash', shown: /complete -F _maestro maestro/, fields: ['shell', 'script'], needs: 'alone' },
};

const stream = new RecordedStream({ isTTY: false });
const commands = leavesOf(commandLine({ stdout: stream, stderr: stream }, () => undefined)).map(({ path }) => path);

it('has a row of every command', () => {
  expect(Object.keys(rows).toSorted()).toEqual(commands.toSorted());
});

/** With the environment's flags where a program's own arguments do not follow. */
function lineOf(path: string, { words = '', needs }: Row, flags: string): string {
  const end = words.indexOf('-- ');
  const [own, rest] = end === -1 ? [words, ''] : [words.slice(0, end), words.slice(end)];
  return `${path} ${own} ${needs === 'alone' ? '' : '-e production'} ${flags} ${rest}`;
}

/** Every function of it refuses. */
function refusing<T extends object>(parts: T, error: Error): T {
  const refuse = () => Promise.reject(error);
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]: [string, unknown]) => {
      if (typeof part === 'function') return [name, refuse];
      return [name, typeof part === 'object' && part !== null ? refusing(part, error) : part];
    }),
  ) as T;
}

describe.each(Object.entries(rows))('maestro %s', (path, row) => {
  const { environment = {}, library = {}, shown, fields, exitCode = 0 } = row;

  it('shows people what came of it', async () => {
    const finished = await runMaestro(lineOf(path, row, ''), { environment, library });
    expect(finished).toMatchObject({ exitCode, stdout: expect.stringMatching(shown) as string });
    expect(finished.rawStdout).toBe(finished.stdout);
  });

  it('shows the same with every global flag, on a terminal too', async () => {
    const plain = await runMaestro(lineOf(path, row, ''), { environment, library });
    for (const flags of ['--quiet', '--verbose', '--timeout 5m']) {
      const finished = await runMaestro(lineOf(path, row, flags), { environment, library });
      expect(finished).toMatchObject({ exitCode, stdout: plain.stdout });
      const onTerminal = await runMaestro(lineOf(path, row, flags), {
        environment,
        library,
        terminal: true,
        env: { NO_COLOR: '1' },
      });
      expect(onTerminal).toMatchObject({ exitCode, rawStdout: plain.stdout });
    }
    const uncoloured = await runMaestro(lineOf(path, row, '--no-color'), { environment, library, terminal: true });
    expect(uncoloured).toMatchObject({ exitCode, rawStdout: plain.stdout });
  });

  it('gives programs its result as the last line, and nothing but lines of JSON', async () => {
    const finished = await runMaestro(lineOf(path, row, '--json --quiet'), { environment, library });
    expect(finished.exitCode).toBe(exitCode);
    if (fields === null) {
      expect(finished.stdout).toBe('');
      return;
    }
    const { type, ok, ...result } = finished.jsonLines().at(-1) as Record<string, unknown>;
    expect({ type, ok }).toEqual({ type: 'result', ok: true });
    expect(Object.keys(result).toSorted()).toEqual(fields.toSorted());
  });

  it('exits with 2 for wrong usage, and says where the help is', async () => {
    const finished = await runMaestro(lineOf(path, row, '--frobnicate --json'));
    expect(finished.exitCode).toBe(2);
    expect(finished.jsonLines()).toEqual([
      {
        type: 'result',
        ok: false,
        error: { code: 'CLI_USAGE', message: "unknown option '--frobnicate'", hint: `maestro ${path} --help` },
      },
    ]);
  });

  // Nothing that completion does can fail.
  if (path !== 'completion')
    it('exits as the failure says, and tells it to people and programs', async () => {
      for (const [code, expected] of [
        ['ORCHESTRATOR_LOCKED', 3],
        ['ORCHESTRATOR_INTERRUPTED', 4],
        ['BLUEGREEN_ENGINE_UNREACHABLE', 1],
      ] as const) {
        const error = new MaestroError(code, 'it is so', { hint: 'do this' });
        const refused = {
          environment: refusing(fakeEnvironment({}), error),
          library: {
            examineEnvironment: () => Promise.reject(error),
            renderComposeFile: () => Promise.reject(error),
            initProject: () => Promise.reject(error),
            importComposeFile: () => Promise.reject(error),
          },
        };
        const options = { ...refused, environment: { ...refused.environment, [Symbol.asyncDispose]: says(undefined) } };
        const finished = await runMaestro(lineOf(path, row, '--json'), options);
        expect(finished.exitCode).toBe(expected);
        expect(finished.jsonLines().at(-1)).toMatchObject({ type: 'result', ok: false, error: { code } });
        expect(finished.stderr).toContain(`${code}: it is so`);
      }
    });

  if (row.needs !== 'alone')
    it('exits with 2 where no environment is named', async () => {
      const finished = await runMaestro(lineOf(path, row, '').replace('-e production', ''), { environment, library });
      expect(finished).toMatchObject({ exitCode: 2, stdout: '' });
      expect(finished.stderr).toMatch(/^CLI_USAGE: .* needs the name of an environment\n/);
    });
});
