import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { silentLogger, systemClock } from '@maestro/core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { examineEnvironment } from '../../src/index.ts';
import { FileLock } from '../../src/lock/file-lock.ts';
import { finding, run } from './faults.ts';
import { configuration, createProject, type Project } from './project.ts';
import { runAndDie } from './run-and-die.ts';

const timeout = 60_000;
const canMount = process.platform === 'linux' && process.getuid?.() === 0;

interface Fault {
  readonly fault: string;
  /** Injects it, and returns what takes it away again. */
  readonly inject: (project: Project) => Promise<() => unknown>;
  readonly check: string;
  readonly status: 'failed' | 'warning';
  readonly message: RegExp;
  readonly fix: RegExp;
}

const state = (project: Project, ...path: readonly string[]) => join(project.folder, '.maestro/demo', ...path);

async function replaced(file: string, contents: string | ((before: string) => string)): Promise<() => Promise<void>> {
  const before = await readFile(file, 'utf8');
  await writeFile(file, typeof contents === 'string' ? contents : contents(before));
  return () => writeFile(file, before);
}

async function added(project: Project, path: string, contents: string): Promise<() => Promise<void>> {
  await project.write({ [path]: contents });
  return () => rm(join(project.folder, path));
}

/** The registry with another environment beside the one that is deployed. */
function configured(environment: object, services: object = configuration.services) {
  return (project: Project) => {
    const environments = { demo: { ...configuration.environments.demo, ...environment } };
    return replaced(project.config, JSON.stringify({ ...configuration, services, environments }));
  };
}

/** The same with gates and hooks of api, or of the environment. */
function withCalls(service: object, environment: object = {}) {
  const { api, web } = configuration.services;
  return configured(environment, { api: { ...api, ...service }, web });
}

const faults: readonly Fault[] = [
  {
    fault: 'a registry with a mistake',
    inject: (project) => replaced(project.config, (text) => text.replace('"port": 0', '"port": "eighty"')),
    check: 'configuration-valid',
    status: 'failed',
    message: /environments\.demo\.proxy\.port/,
    fix: /maestro\.config\.json/,
  },
  {
    fault: 'an environment that the registry does not have',
    inject: (project) => replaced(project.config, (text) => text.replace('"demo"', '"staging"')),
    check: 'environment',
    status: 'failed',
    message: /no environment is named "demo"/,
    fix: /maestro plan --environment staging/,
  },
  {
    fault: 'a file that is not committed',
    inject: (project) => added(project, 'services/web/draft', 'a'),
    check: 'working-tree',
    status: 'warning',
    message: /^1 uncommitted file: services\/web\/draft/,
    fix: /^git add --all && git commit/,
  },
  {
    fault: 'a service whose folder is gone',
    inject: async (project) => {
      const folder = join(project.folder, 'services/web');
      await rename(folder, `${folder}.moved`);
      return () => rename(`${folder}.moved`, folder);
    },
    check: 'service-folders',
    status: 'failed',
    message: /there is no services\/web/,
    fix: /maestro\.config\.json/,
  },
  {
    fault: 'state that git would commit',
    inject: (project) => replaced(join(project.folder, '.gitignore'), '.env\n'),
    check: 'ignored-state',
    status: 'warning',
    message: /git does not ignore \.maestro\/demo/,
    fix: /^echo '\/\.maestro\/demo\/' >> \.gitignore$/,
  },
  {
    fault: 'a state folder that others may write to',
    inject: async (project) => {
      const { mode } = await stat(state(project));
      await chmod(state(project), 0o777);
      return () => chmod(state(project), mode);
    },
    check: 'state-permissions',
    status: 'failed',
    message: /others than its owner may write/,
    fix: /^chmod go-w .*\.maestro\/demo$/,
  },
  {
    fault: 'a missing secret',
    inject: (project) => replaced(join(project.folder, '.env'), "OTHER='s3cret-canary'\n"),
    check: 'secrets-present',
    status: 'failed',
    message: /^missing: TOKEN$/,
    fix: /^echo "TOKEN='…'" >> .*\.env$/,
  },
  {
    fault: 'no file with secrets at all',
    inject: async (project) => {
      await rename(join(project.folder, '.env'), join(project.folder, '.env.moved'));
      return () => rename(join(project.folder, '.env.moved'), join(project.folder, '.env'));
    },
    check: 'secrets',
    status: 'failed',
    message: /\.env/,
    fix: /\.env/,
  },
  {
    fault: 'a file with secrets that everybody may open',
    inject: async (project) => {
      await chmod(join(project.folder, '.env'), 0o644);
      return () => chmod(join(project.folder, '.env'), 0o600);
    },
    check: 'env-file',
    status: 'warning',
    message: /others than its owner may open/,
    fix: /^chmod 600 .*\.env$/,
  },
  {
    fault: 'a file with secrets that git would commit',
    inject: (project) => replaced(join(project.folder, '.gitignore'), '.maestro/\n'),
    check: 'env-file',
    status: 'failed',
    message: /git does not ignore/,
    fix: /^echo '\.env\*' >> \.gitignore$/,
  },
  {
    fault: 'a file with secrets that is committed',
    inject: async (project) => {
      await run(project.folder, 'git', 'add', '--force', '.env');
      return () => run(project.folder, 'git', 'rm', '--quiet', '--cached', '.env');
    },
    check: 'env-file',
    status: 'failed',
    message: /is committed/,
    fix: /^git rm --cached .*\.env$/,
  },
  {
    fault: 'a database that nobody listens for',
    inject: configured(
      {},
      {
        ...configuration.services,
        api: {
          ...configuration.services.api,
          database: { adapter: 'postgresql', host: '127.0.0.1', port: 1, database: 'shop', user: 'shop' },
        },
      },
    ),
    check: 'databases',
    status: 'failed',
    message: /^api: .*(ECONNREFUSED|127\.0\.0\.1)/,
    fix: /./,
  },
  {
    fault: 'a pending migration',
    inject: (project) =>
      added(project, 'services/api/migrations/0002_more.up.sql', 'CREATE TABLE more (id INTEGER);\n'),
    check: 'migrations',
    status: 'warning',
    message: /^pending: api 0002_more$/,
    fix: /^maestro deploy$/,
  },
  {
    fault: 'a migration that waits for the contract phase',
    inject: (project) =>
      added(project, 'services/api/migrations/0002_drop.up.sql', '-- phase: contract\nDROP TABLE orders;\n'),
    check: 'contract-migrations',
    status: 'warning',
    message: /api 0002_drop$/,
    fix: /^maestro migrate run --phase contract$/,
  },
  {
    fault: 'an applied migration that was changed',
    inject: (project) =>
      replaced(join(project.folder, 'services/api/migrations/0001_create_orders.up.sql'), 'CREATE TABLE other (id);\n'),
    check: 'migrations-drift',
    status: 'failed',
    message: /^changed after they were applied: api 0001_create_orders$/,
    fix: /^maestro migrate status$/,
  },
  {
    fault: 'a pending migration that breaks the running version',
    inject: (project) =>
      added(project, 'services/api/migrations/0002_rename.up.sql', 'ALTER TABLE orders RENAME TO invoices;\n'),
    check: 'migrations-lint',
    status: 'failed',
    message: /^api: 0002_rename\.up\.sql:1: /,
    fix: /^maestro migrate lint$/,
  },
  {
    fault: 'a gate whose program is not there',
    inject: withCalls({ gates: { unit: { command: ['./check.sh'] } } }),
    check: 'gate-programs',
    status: 'failed',
    message: /^the gate unit of api: there is no \.\/check\.sh$/,
    fix: /^\$EDITOR .*maestro\.config\.json$/,
  },
  {
    fault: 'a gate whose program is not installed',
    inject: withCalls({}, { gates: { lint: { command: ['no-such-linter', '.'] } } }),
    check: 'gate-programs',
    status: 'failed',
    message: /^the gate lint: no-such-linter is not on the PATH$/,
    fix: /^command -v no-such-linter$/,
  },
  {
    fault: 'a program that is looked for where it is not',
    inject: withCalls({ gates: { unit: { command: ['server.mjs'] } } }),
    check: 'gate-programs',
    status: 'failed',
    message: /^the gate unit of api: server\.mjs is in its folder, expected \.\/server\.mjs$/,
    fix: /^\$EDITOR .*maestro\.config\.json$/,
  },
  {
    fault: 'a hook that may not be run',
    inject: withCalls({}, { hooks: { beforeSwitch: [{ command: ['services/api/server.mjs'] }] } }),
    check: 'hook-programs',
    status: 'failed',
    message: /^a hook before switch: .*services\/api\/server\.mjs may not be run$/,
    fix: /^chmod \+x .*services\/api\/server\.mjs$/,
  },
  {
    fault: 'a hook for an interpreter that is not installed',
    inject: async (project) => {
      const file = join(project.folder, 'announce');
      await writeFile(file, '#!/usr/bin/env no-such-interpreter\n', { mode: 0o755 });
      const undo = await withCalls({}, { hooks: { afterSwitch: [{ command: ['./announce'] }] } })(project);
      return async () => {
        await undo();
        await rm(file);
      };
    },
    check: 'hook-programs',
    status: 'failed',
    message: /^a hook after switch: .*\/announce is for no-such-interpreter, which is not there$/,
    fix: /^head -1 .*\/announce$/,
  },
  {
    fault: 'a request to a job, which is asked nothing',
    inject: withCalls({ strategy: 'job', route: undefined, gates: { smoke: { http: { path: '/' } } } }),
    check: 'gate-requests',
    status: 'failed',
    message: /^the gate smoke of api is never asked/,
    fix: /^\$EDITOR .*maestro\.config\.json$/,
  },
  {
    fault: 'more tries than a request has time for',
    inject: withCalls({ gates: { smoke: { http: { path: '/', tries: 100 }, timeoutMs: 5_000 } } }),
    check: 'gate-requests',
    status: 'warning',
    message: /^the gate smoke of api: 100 tries/,
    fix: /^\$EDITOR .*maestro\.config\.json$/,
  },
  {
    fault: 'coverage that git would commit',
    inject: withCalls({ gates: { unit: { command: ['true'], coverage: { lines: 80 } } } }),
    check: 'gate-coverage',
    status: 'warning',
    message: /git does not ignore services\/api\/coverage\/coverage-summary\.json/,
    fix: /^echo '\/services\/api\/coverage\/coverage-summary\.json' >> \.gitignore$/,
  },
  {
    fault: 'coverage that cannot be written',
    inject: withCalls({ gates: { unit: { command: ['true'], coverage: { file: 'version/lines.json', lines: 80 } } } }),
    check: 'gate-coverage',
    status: 'failed',
    message: /^the gate unit of api: .*version\/lines\.json cannot be written$/,
    fix: /^ls -ld .*services\/api\/version$/,
  },
  {
    fault: 'a variable that a gate is to get and nobody has set',
    inject: withCalls({ gates: { unit: { command: ['true'], pass: ['NOBODY_HAS_SET_THIS'] } } }),
    check: 'passed-variables',
    status: 'warning',
    message: /^the gate unit of api is to get NOBODY_HAS_SET_THIS: not set here$/,
    fix: /^export NOBODY_HAS_SET_THIS=…$/,
  },
  {
    fault: 'a deadline in seconds',
    inject: withCalls({}, { hooks: { beforeSwitch: [{ command: ['true'], timeoutMs: 30 }] } }),
    check: 'call-deadlines',
    status: 'warning',
    message: /^a hook before switch has 30 ms: too little/,
    fix: /^\$EDITOR .*maestro\.config\.json$/,
  },
  {
    fault: 'a lock that somebody holds',
    inject: async (project) => {
      const lock = new FileLock({ folder: state(project, 'locks'), clock: systemClock, logger: silentLogger });
      const held = await lock.acquire('deploy 01TEST');
      return () => held[Symbol.asyncDispose]();
    },
    check: 'lock',
    status: 'warning',
    message: /^held by .*\(pid \d+\) for deploy 01TEST, since \d+ s$/,
    fix: /^maestro lock status$/,
  },
  {
    fault: 'a link to a generation that is not there',
    inject: async (project) => {
      const link = state(project, 'live');
      const target = await readlink(link);
      await rm(link);
      await symlink('generations/77', link);
      return async () => {
        await rm(link);
        await symlink(target, link);
      };
    },
    check: 'generation',
    status: 'failed',
    message: /generations\/77/,
    fix: /^ls -l .*live/,
  },
  {
    fault: 'a lost definition of what is live',
    inject: async (project) => {
      await rename(state(project, 'releases'), state(project, 'releases.moved'));
      return () => rename(state(project, 'releases.moved'), state(project, 'releases'));
    },
    check: 'generation',
    status: 'failed',
    message: /its definition is lost/,
    fix: /^maestro deploy$/,
  },
  {
    fault: 'images that somebody has removed',
    inject: async (project) => {
      await rename(state(project, 'images'), state(project, 'images.moved'));
      return () => rename(state(project, 'images.moved'), state(project, 'images'));
    },
    check: 'rollback-images',
    status: 'warning',
    message: /^no rollback to \w+ \(api, web\): images are gone$/,
    fix: /^maestro images history$/,
  },
  {
    fault: 'an instance that does not answer',
    inject: async (project) => {
      const instances = await readFile(state(project, 'instances.json'), 'utf8');
      const pid = Number(/"pid": ?(\d+)/.exec(instances)?.[1]);
      process.kill(pid, 'SIGSTOP');
      return () => process.kill(pid, 'SIGCONT');
    },
    check: 'health',
    status: 'failed',
    message: /is unhealthy/,
    fix: /^maestro logs (api|web)$/,
  },
];

describe('doctor', () => {
  let project: Project;
  beforeAll(async () => {
    project = await createProject();
    await chmod(join(project.folder, '.env'), 0o600);
    await project.environment.deploy();
  }, timeout);
  afterAll(async () => {
    await project[Symbol.asyncDispose]();
  });

  it('finds nothing wrong with an environment that is well, and shows no secret', { timeout }, async () => {
    const { findings } = await examineEnvironment({ config: project.config, environment: 'demo' });
    expect(findings.filter(({ status }) => !['ok', 'skipped'].includes(status))).toEqual([]);
    expect(findings.length).toBeGreaterThanOrEqual(50);
    expect(new Set(findings.map(({ check }) => check)).size).toBe(findings.length);
    expect(JSON.stringify(findings)).not.toContain('s3cret-canary');
  });

  it.each(faults)('finds $fault', { timeout }, async ({ inject, check, status, message, fix }) => {
    const undo = await inject(project);
    try {
      const found = await finding({ config: project.config, check });
      expect(found).toMatchObject({
        status,
        message: expect.stringMatching(message) as string,
        fix: expect.stringMatching(fix) as string,
      });
      expect(JSON.stringify(found)).not.toContain('s3cret-canary');
    } finally {
      await undo();
    }
  });

  it('finds a port that somebody else listens on', { timeout }, async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const undo = await configured({ proxy: { port }, state: '.maestro/elsewhere' })(project);
    try {
      expect(await finding({ config: project.config, check: 'ports' })).toMatchObject({
        status: 'failed',
        message: `somebody else listens on 127.0.0.1:${port}`,
        fix: `ss --listening --tcp --numeric --processes 'sport = :${port}'`,
      });
      server.close();
      await once(server, 'close');
      expect(await finding({ config: project.config, check: 'ports' })).toMatchObject({ status: 'ok' });
    } finally {
      server.close();
      await undo();
    }
  });

  it('says nothing of migrations that nobody can ask for', { timeout }, async () => {
    const away = { adapter: 'postgresql', host: '127.0.0.1', port: 1, database: 'shop', user: 'shop' };
    const services = { ...configuration.services, api: { ...configuration.services.api, database: away } };
    const undo = await configured({}, services)(project);
    try {
      const { findings } = await examineEnvironment({ config: project.config, environment: 'demo' });
      const about = findings.filter(({ check }) => /migrations|database-versions/.test(check));
      expect(about.map(({ check, status }) => [check, status])).toEqual(about.map(({ check }) => [check, 'skipped']));
    } finally {
      await undo();
    }
  });

  it('takes the port of its own proxy for its own', { timeout }, async () => {
    const port = Number(new URL((await project.environment.status()).url ?? '').port);
    const undo = await configured({ proxy: { port } })(project);
    try {
      const found = await finding({ config: project.config, check: 'ports' });
      expect(found).toMatchObject({ status: 'ok', message: `${port} is the proxy's` });
    } finally {
      await undo();
    }
  });

  it('tells a check that takes too long, and all others', { timeout }, async () => {
    // A server that accepts, and never says a word.
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const silent = { adapter: 'postgresql', host: '127.0.0.1', port, database: 'shop', user: 'shop' };
    const services = { ...configuration.services, api: { ...configuration.services.api, database: silent } };
    const undo = await configured({}, services)(project);
    try {
      const options = { config: project.config, environment: 'demo', deadlineMs: 1_500 };
      const { findings } = await examineEnvironment(options);
      const found = findings.find(({ check }) => check === 'databases');
      expect(found).toMatchObject({ status: 'failed', code: 'ORCHESTRATOR_CHECK_TIMEOUT' });
      expect(findings.length).toBeGreaterThanOrEqual(50);
    } finally {
      server.close();
      await undo();
    }
  });
});

describe('doctor, of an environment of its own', () => {
  it('changes nothing before the first deployment, and after it', { timeout }, async () => {
    await using project = await createProject();
    await examineEnvironment({ config: project.config, environment: 'demo' });
    expect(await readdir(project.folder)).not.toContain('.maestro');
    await project.environment.deploy();
    const before = await everyFile(state(project));
    await examineEnvironment({ config: project.config, environment: 'demo' });
    expect(await everyFile(state(project))).toEqual(before);
  });

  it('finds a release that was cut off, and the lock that its deployer left', { timeout }, async () => {
    await using project = await createProject();
    await runAndDie(project, 'finished', 'start:api');
    const { findings } = await examineEnvironment({ config: project.config, environment: 'demo' });
    const found = new Map(findings.map((one) => [one.check, one]));
    expect(found.get('interrupted')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(
        /^deploy \w+ was cut off before its traffic was switched, in the step: /,
      ) as string,
      fix: 'maestro resume',
    });
    expect(found.get('lock')).toMatchObject({
      status: 'warning',
      message: expect.stringMatching(/^abandoned by /) as string,
      fix: 'maestro lock release',
    });
    await project.environment.abort();
  });

  it('finds a proxy that was killed', { timeout }, async () => {
    await using project = await createProject();
    await project.environment.deploy();
    const log = await readFile(state(project, 'daemon.log'), 'utf8');
    process.kill(Number(/"pid":(\d+)/.exec(log)?.[1]), 'SIGKILL');
    await expect.poll(async () => (await project.environment.status()).url).toBeNull();
    expect(await finding({ config: project.config, check: 'proxy-running' })).toMatchObject({
      status: 'failed',
      message: 'the proxy does not run: nobody reaches what is live',
      fix: 'maestro deploy',
    });
    await project.environment.deploy();
    expect(await finding({ config: project.config, check: 'proxy-running' })).toMatchObject({ status: 'ok' });
  });

  it('finds a shallow clone', { timeout }, async () => {
    await using project = await createProject();
    await project.commit({ 'services/web/version': '2' });
    const clone = `${project.folder}-clone`;
    onTestFinished(() => rm(clone, { recursive: true, force: true }));
    await run(project.folder, 'git', 'clone', '--quiet', '--depth', '1', `file://${project.folder}`, clone);
    const found = await finding({ config: join(clone, 'maestro.config.json'), check: 'whole-clone' });
    expect(found).toMatchObject({ status: 'warning', fix: 'git fetch --unshallow' });
  });

  it('finds no repository, no commit and no configuration', { timeout }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maestro-doctor-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const nowhere = await examineEnvironment({ cwd: folder, environment: 'demo' });
    expect(nowhere.findings).toMatchObject([
      { check: 'configuration', status: 'failed', fix: 'maestro init', code: 'REGISTRY_NOT_FOUND' },
    ]);
    const config = join(folder, 'maestro.config.json');
    await writeFile(config, JSON.stringify(configuration));
    expect(await finding({ config, check: 'git' })).toMatchObject({ status: 'failed', fix: 'git init' });
    expect(await finding({ config, check: 'commit' })).toMatchObject({ status: 'skipped' });
    await run(folder, 'git', 'init', '--quiet');
    expect(await finding({ config, check: 'commit' })).toMatchObject({
      status: 'failed',
      fix: "git add --all && git commit --message 'First commit'",
    });
  });

  it.runIf(canMount)('finds a full disk', { timeout }, async () => {
    await using project = await createProject();
    const folder = join(project.folder, '.maestro');
    await project.write({ '.maestro/none': '' });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]);
    try {
      expect(await finding({ config: project.config, check: 'state-disk' })).toMatchObject({
        status: 'failed',
        message: expect.stringMatching(/^8(\.0)? MB are free: too few/) as string,
        fix: expect.stringMatching(/^df -h /) as string,
      });
    } finally {
      execFileSync('umount', ['--lazy', folder]);
    }
  });
});

/** Paths and contents; what a running daemon writes by itself is left out. */
async function everyFile(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.log'));
  const read = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return `${path} ${(await stat(path)).mtimeMs} ${(await readFile(path)).byteLength}`;
  });
  return (await Promise.all(read)).sort();
}
