import type { BatchEvent, BatchPlan, BatchResult, BatchStatus, MigrationFinding } from '@maestro/orchestrator';
import { MaestroError } from '@maestro/core';
import { expect, it, vi } from 'vitest';

import { interrupted } from '../../errors.ts';
import { fakeMigrations } from '../../testing/fake-environment.ts';
import { runMaestro } from '../../testing/run-maestro.ts';
import { minutesAgo } from '../../testing/sample-data.ts';

type Migrations = Parameters<typeof fakeMigrations>[0];

/** Runs `migrate …` on an environment that answers as told. */
function migrate(words: string, answers: Migrations, options: Parameters<typeof runMaestro>[1] = {}) {
  return runMaestro(`migrate ${words} -e production`, {
    ...options,
    environment: { migrations: fakeMigrations(answers) },
  });
}

const add = {
  name: '0002_add_total',
  phase: 'expand',
  path: '/shop/api/migrations/0002_add_total.up.sql',
  checksum: 'c1',
  late: false,
  transaction: true,
  lockTimeoutMs: null,
  statementTimeoutMs: null,
  statements: ['ALTER TABLE orders ADD total int;', 'UPDATE orders SET total = 0'],
  done: 0,
} as const;
const fill = {
  ...add,
  name: '0003_fill',
  path: '/shop/api/migrations/0003_fill.ts',
  late: true,
  transaction: false,
  statements: null,
  done: 0,
};
const nothing = {
  service: 'web',
  phase: 'expand',
  isNew: false,
  migrations: [],
  waiting: [],
  hooks: null,
  hash: 'h2',
} as const;
const plan: BatchPlan = {
  hash: 'abc123',
  databases: [
    { name: 'api', plan: { ...nothing, service: 'api', migrations: [add, fill], waiting: ['0004_drop'], hash: 'h1' } },
    { name: 'web', plan: nothing },
  ],
};

it('shows by a dry run the exact SQL, what is no SQL as comments, and the hash', async () => {
  const answer = vi.fn().mockResolvedValue(plan);
  const { stdout, exitCode } = await migrate('run --dry-run --service api --service web --phase all', { plan: answer });
  expect(answer).toHaveBeenCalledWith(expect.objectContaining({ services: ['api', 'web'], phase: 'all' }));
  expect(exitCode).toBe(0);
  expect(stdout.split('\n')).toEqual([
    '-- api: 2 to apply',
    '-- 0004_drop waits for: maestro migrate run --phase contract -e production',
    '',
    '-- 0002_add_total: expand, one transaction',
    'ALTER TABLE orders ADD total int;',
    'UPDATE orders SET total = 0;',
    '',
    '-- 0003_fill: expand, no transaction, late',
    '-- runs /shop/api/migrations/0003_fill.ts',
    '',
    '-- web: up to date',
    '',
    '-- Plan abc123',
    '-- Pass it to migrate run with --plan to run exactly this, or nothing.',
    '',
  ]);
  const { jsonLines } = await migrate('run --dry-run --json', { plan: answer });
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, dryRun: true, ...plan }]);
});

it('says in a dry run whose hooks are called', async () => {
  const [api] = plan.databases;
  const hooks = { path: '/shop/api/migrations/hooks.ts', checksum: 'c' };
  const hooked = { hash: 'a', databases: [{ name: 'api', plan: { ...nothing, ...api?.plan, hooks } }] };
  const { stdout } = await migrate('run --dry-run', { plan: () => Promise.resolve(hooked) });
  expect(stdout).toContain('-- calls the hooks of /shop/api/migrations/hooks.ts\n\n-- 0002_add_total: expand');
});

it('says which statements of a migration were done before, and that there is nothing to apply', async () => {
  const rest = { ...add, done: 1, statements: ['UPDATE orders SET total = 0'] };
  const [api] = plan.databases;
  const unfinished = {
    hash: 'a',
    databases: [{ name: 'api', plan: { ...nothing, ...api?.plan, migrations: [rest] } }],
  };
  const half = await migrate('run --dry-run', { plan: () => Promise.resolve(unfinished) });
  expect(half.stdout).toContain(
    '-- 0002_add_total: expand, one transaction, its first 1 statements were done before\n',
  );
  const upToDate = { hash: 'a', databases: [{ name: 'web', plan: nothing }] };
  const done = await migrate('run --dry-run', { plan: () => Promise.resolve(upToDate) });
  expect(done.stdout).toContain('\n-- Nothing to apply.\n-- Plan a\n');
});

const ran: BatchResult = {
  databases: [
    { name: 'api', outcome: 'done', applied: ['0002_add_total', '0003_fill'] },
    { name: 'web', outcome: 'done', applied: [] },
  ],
};
const failure = {
  code: 'MIGRATIONS_FAILED',
  message: 'ops: no such table',
  hint: 'correct the file',
  retryable: false,
};
const partly: BatchResult = {
  databases: [...ran.databases, { name: 'ops', outcome: 'failed', applied: ['0001_a'], error: failure }],
};

it('runs what is pending and says what each database got', async () => {
  const run = vi.fn().mockResolvedValue(ran);
  const { stdout, exitCode } = await migrate('run --plan abc123', { run });
  expect(run).toHaveBeenCalledWith(
    expect.objectContaining({ services: undefined, phase: 'expand', planHash: 'abc123' }),
  );
  expect(exitCode).toBe(0);
  expect(stdout).toBe('api  done        applied 0002_add_total, 0003_fill\nweb  up to date\n');
});

it('exits with 1 where a database failed, and still says what the others got', async () => {
  const { stdout, stderr, exitCode } = await migrate('run', { run: () => Promise.resolve(partly) });
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^ops {2}failed {6}applied 0001_a; MIGRATIONS_FAILED: ops: no such table$/m);
  expect(stderr).toBe('CLI_MIGRATIONS_FAILED: 1 of 3 databases are not done: ops\nNext: correct the file\n');
  const { jsonLines } = await migrate('run --json', { run: () => Promise.resolve(partly) });
  expect(jsonLines()).toEqual([
    {
      type: 'result',
      ok: false,
      dryRun: false,
      ...partly,
      error: { code: 'CLI_MIGRATIONS_FAILED', message: '1 of 3 databases are not done: ops', hint: 'correct the file' },
    },
  ]);
});

it('says as the reason for a run that did not get everywhere that somebody interrupted it', async () => {
  const stop = new AbortController();
  const stopped: BatchResult = {
    databases: [
      { name: 'api', outcome: 'stopped', applied: ['0002_add_total'] },
      { name: 'web', outcome: 'untouched', applied: [] },
    ],
  };
  const run = () => {
    stop.abort(interrupted('SIGINT'));
    return Promise.resolve(stopped);
  };
  const { exitCode, stdout, stderr } = await migrate('run', { run }, { signal: stop.signal });
  expect(exitCode).toBe(130);
  expect(stdout).toBe('api  stopped    applied 0002_add_total\nweb  untouched\n');
  expect(stderr).toContain('CLI_INTERRUPTED');
});

const refusedDatabases = [{ name: 'api', error: { code: 'MIGRATIONS_DRIFTED', message: 'api: changed' } }];

it.each([
  ['MIGRATIONS_BATCH_REFUSED', 3],
  ['MIGRATIONS_PLAN_CHANGED', 3],
  ['ORCHESTRATOR_NO_DATABASE', 2],
  ['MIGRATIONS_DATABASE_FAILED', 1],
])('ends with %s as exit code %i, with what is wrong with each database', async (code, expected) => {
  const details = { databases: refusedDatabases };
  const error = new MaestroError(code, 'none was touched', { hint: 'maestro migrate status', details });
  const { exitCode, jsonLines, stderr } = await migrate('run --json', { run: () => Promise.reject(error) });
  expect(exitCode).toBe(expected);
  expect(stderr).toContain(`${code}: none was touched\nNext: maestro migrate status -e production\n`);
  expect(jsonLines()).toEqual([
    {
      type: 'result',
      ok: false,
      error: { code, message: 'none was touched', hint: 'maestro migrate status -e production' },
      databases: refusedDatabases,
    },
  ]);
});

it('tells what happens as lines of JSON, and in words', async () => {
  const event: BatchEvent = { type: 'database-started', database: 'api', planned: 2 };
  const run: Migrations['run'] = ({ onEvent } = {}) => {
    onEvent?.({ ...event, at: minutesAgo(0) });
    return Promise.resolve(ran);
  };
  const { jsonLines } = await migrate('run --json', { run });
  expect(jsonLines()[0]).toEqual({ ...event, at: minutesAgo(0) });
  expect((await migrate('run', { run })).stderr).toBe('12:03:04 migrate api …\n');
});

const row = { checksum: 'c', phase: 'expand', at: minutesAgo(5), durationMs: 3, by: 'ada@work' } as const;
const clean = { pending: [], waiting: [], late: [], drifted: [], missing: [], unfinished: [] };
const status: BatchStatus = {
  databases: [
    { name: 'api', status: { service: 'api', applied: [{ ...row, name: '0001_a' }], ...clean } },
    {
      name: 'web',
      status: {
        service: 'web',
        applied: [],
        pending: ['0001_a', '0002_b', '0003_c'],
        waiting: ['0003_c'],
        late: ['0002_b'],
        drifted: ['0005_e'],
        missing: ['0006_f'],
        unfinished: [
          { name: '0007_g', direction: 'up', done: 2, total: 3, unknown: 'DROP TABLE x' },
          { name: '0008_h', direction: 'up', done: 1, total: 2, unknown: null },
        ],
      },
    },
  ],
};
const away = { code: 'MIGRATIONS_DATABASE_FAILED', message: 'ops: refused', hint: 'start it', retryable: false };

it('shows where each database stands', async () => {
  const answer = vi.fn().mockResolvedValue(status);
  const { stdout, exitCode } = await migrate('status --service api', { status: answer });
  expect(answer).toHaveBeenCalledWith(expect.objectContaining({ services: ['api'] }));
  expect(exitCode).toBe(0);
  expect(stdout.trimEnd().split('\n')).toEqual([
    'api  1 applied  up to date  last 0001_a, 5 min ago by ada@work',
    'web  0 applied  3 pending',
    '  pending     0001_a',
    '  pending     0002_b  late: a newer one is applied',
    '  waits       0003_c  for: maestro migrate run --phase contract -e production',
    '  drifted     0005_e  its file changed after it was applied',
    '  missing     0006_f  it was applied, and has no file',
    '  unfinished  0007_g  2 of 3 statements; nobody knows about: DROP TABLE x',
    '  unfinished  0008_h  1 of 2 statements',
  ]);
  const { jsonLines } = await migrate('status --json', { status: answer });
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, ...status }]);
});

it('exits with 1 where a database cannot be asked, and shows the others', async () => {
  const partial: BatchStatus = { databases: [...status.databases.slice(0, 1), { name: 'ops', error: away }] };
  const { stdout, stderr, exitCode } = await migrate('status', { status: () => Promise.resolve(partial) });
  expect(exitCode).toBe(1);
  expect(stdout).toContain('\nops  unknown    MIGRATIONS_DATABASE_FAILED: ops: refused\n');
  expect(stderr).toBe('CLI_MIGRATIONS_FAILED: the status of ops is not known\nNext: start it\n');
});

it.each(['run', 'run --dry-run', 'status'])('says by %s that there is no database', async (words) => {
  const none = () => Promise.resolve({ databases: [] });
  const answers = { run: none, status: none, plan: () => Promise.resolve({ databases: [], hash: 'a' }) };
  expect(await migrate(words, answers)).toMatchObject({
    exitCode: 0,
    stdout: 'No service of production has a database.\n',
  });
});

it.each([
  ['', { steps: 1 }],
  ['--steps 3', { steps: 3 }],
  ['--to 0001_a', { to: '0001_a' }],
])('reverts migrations of one service: rollback %s', async (words, target) => {
  const rollback = vi.fn().mockResolvedValue({ reverted: ['0003_c', '0002_b'] });
  const finished = await migrate(`rollback --service api ${words} --yes`, { rollback });
  expect(rollback).toHaveBeenCalledWith(expect.objectContaining({ service: 'api', ...target }));
  expect(finished).toMatchObject({ exitCode: 0, stdout: 'api: reverted 0003_c, 0002_b.\n' });
  const { jsonLines } = await migrate(`rollback --service api ${words} --yes --json`, { rollback });
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, service: 'api', reverted: ['0003_c', '0002_b'] }]);
});

it('asks before it reverts anything', async () => {
  const rollback = vi.fn().mockResolvedValue({ reverted: [] });
  const unasked = await migrate('rollback --service api', { rollback });
  expect(unasked).toMatchObject({ exitCode: 2 });
  const asked = await migrate('rollback --service api --to 0001_a', { rollback }, { terminal: true, typed: 'y\n' });
  expect(asked.stderr).toContain('Revert what was applied after 0001_a in the database of api of production?');
  expect(asked.stdout).toContain('api: nothing to revert.\n');
  expect(rollback).toHaveBeenCalledTimes(1);
});

it('writes the files of a new migration', async () => {
  const create = vi.fn().mockResolvedValue([`${process.cwd()}/api/migrations/0002_x.ts`]);
  const { stdout } = await migrate('create api x --ts', { create });
  expect(create).toHaveBeenCalledWith({ service: 'api', name: 'x', kind: 'typescript' });
  expect(stdout).toBe('api/migrations/0002_x.ts\n');
  await migrate('create api x', { create });
  expect(create).toHaveBeenLastCalledWith({ service: 'api', name: 'x', kind: 'sql' });
});

const finding: MigrationFinding = {
  service: 'api',
  file: '0002_drop.up.sql',
  line: 3,
  column: 1,
  rule: 'drop-column',
  phase: 'expand',
  severity: 'error',
  why: 'the running version reads it',
  fix: 'put it into the contract phase',
};

it('exits with 3 where the lint finds an error, and with 0 for warnings alone', async () => {
  const refused = await migrate('lint', { lint: () => Promise.resolve([finding]) });
  expect(refused.exitCode).toBe(3);
  expect(refused.stdout.split('\n')).toEqual([
    'api: 0002_drop.up.sql:3:1 error drop-column (expand)',
    '  the running version reads it',
    '  Fix: put it into the contract phase',
    '1 errors, 0 warnings.',
    '',
  ]);
  expect(refused.stderr).toMatch(/^CLI_LINT_REFUSED: 1 error in the migrations\nNext: /);
  const lint = vi.fn().mockResolvedValue([{ ...finding, severity: 'warning' }]);
  const warned = await migrate('lint --service api --json', { lint });
  expect(lint).toHaveBeenCalledWith(expect.objectContaining({ services: ['api'] }));
  expect(warned).toMatchObject({ exitCode: 0 });
  expect(warned.jsonLines()).toEqual([{ type: 'result', ok: true, findings: [{ ...finding, severity: 'warning' }] }]);
  expect((await migrate('lint', { lint: () => Promise.resolve([]) })).stdout).toBe('No findings.\n');
});

it.each([
  ['--applied 0002_b', { applied: '0002_b' }],
  ['--retry 0002_b', { retry: '0002_b' }],
])('notes what is known of a statement: repair %s', async (words, target) => {
  const repair = vi.fn().mockResolvedValue(undefined);
  const { stdout } = await migrate(`repair --service api ${words}`, { repair });
  expect(repair).toHaveBeenCalledWith(expect.objectContaining({ service: 'api', ...target }));
  expect(stdout).toBe('api: noted.\nNext: maestro migrate run --service api -e production\n');
});

it('records what another tool has applied', async () => {
  const adoption = { from: 'alembic', found: ['1a2b3c'], adopted: ['0001_a', '0002_b'], known: ['0000_z'] };
  const adopt = vi.fn().mockResolvedValue(adoption);
  const { stdout } = await migrate('adopt --service api --from alembic --table old --dry-run', { adopt });
  expect(adopt).toHaveBeenCalledWith(
    expect.objectContaining({ service: 'api', from: 'alembic', table: 'old', upTo: undefined, dryRun: true }),
  );
  expect(stdout).toBe('api: would record 2, 1 were recorded before:\n  0001_a\n  0002_b\n');
  const { jsonLines } = await migrate('adopt --service api --from plain --up-to 0002_b --json', { adopt });
  expect(adopt).toHaveBeenLastCalledWith(expect.objectContaining({ from: 'plain', upTo: '0002_b', dryRun: false }));
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, service: 'api', dryRun: false, ...adoption }]);
  adopt.mockResolvedValue({ ...adoption, adopted: [], known: [] });
  expect((await migrate('adopt --service api --from prisma', { adopt })).stdout).toBe('api: nothing to record.\n');
});

it.each([
  ['repair --service api', 'repair needs --applied <migration> or --retry <migration>'],
  ['repair --service api --applied a --retry b', "option '--retry <migration>' cannot be used with"],
  ['rollback --service api --steps 1 --to x', "option '--to <migration>' cannot be used with"],
  ['run --dry-run --plan x', "option '--dry-run' cannot be used with"],
  ['adopt --service api --from plain', '--from plain needs --up-to <migration>'],
  ['adopt --service api --from prisma --table x', '--table makes no sense with --from prisma'],
  ['adopt --service api', "required option '--from <tool>' not specified"],
])('explains why "maestro migrate %s" makes no sense', async (words, message) => {
  const { exitCode, stderr } = await migrate(words, {});
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`CLI_USAGE: ${message}`);
});
