import { MaestroError } from '@maestro/core';
import { describe, expect, it } from 'vitest';

import type { Judgement } from '../finding.ts';
import type { ProgramFacts } from '../look-at-programs.ts';
import * as certificates from './certificates.ts';
import { judgeClocks } from './clock.ts';
import * as databases from './databases.ts';
import * as engine from './engine.ts';
import * as calls from './gates-and-hooks.ts';
import * as repository from './image-repository.ts';
import { judgeMemory, judgeNode } from './machine.ts';
import * as proxy from './proxy.ts';
import * as release from './release.ts';
import * as secrets from './secrets.ts';
import * as sources from './sources.ts';
import * as state from './state.ts';

const mb = 1024 ** 2;
const gb = 1024 ** 3;
const day = 86_400_000;
const now = Date.UTC(2026, 0, 15);

type Case = readonly [name: string, judged: Judgement, status: Judgement['status'], message: RegExp];

function judge(cases: readonly Case[]): void {
  it.each(cases)('%s', (_, { status, message, fix }, wanted, said) => {
    expect({ status, message }).toEqual({ status: wanted, message: expect.stringMatching(said) as string });
    // Whoever is told of a fault is told what to type.
    expect(fix !== undefined && fix !== '').toBe(wanted === 'failed' || wanted === 'warning');
  });
}

describe('the machine', () => {
  judge([
    ['a new Node', judgeNode({ version: '24.1.0' }), 'ok', /Node 24\.1\.0/],
    ['the oldest Node', judgeNode({ version: '22.18.0' }), 'ok', /./],
    ['an old minor version', judgeNode({ version: '22.17.9' }), 'failed', /22\.17\.9 is too old, expected 22\.18/],
    ['an old Node', judgeNode({ version: '20.99.0' }), 'failed', /too old/],
    ['much memory', judgeMemory({ availableBytes: gb, totalBytes: 2 * gb }), 'ok', /^1\.0 GB of 2\.0 GB/],
    ['little memory', judgeMemory({ availableBytes: 200 * mb, totalBytes: gb }), 'warning', /^200 MB/],
    ['no memory', judgeMemory({ availableBytes: 9 * mb, totalBytes: gb }), 'failed', /too few/],
    ['the same time', judgeClocks([{ of: 'AWS', offsetMs: -900 }]), 'ok', /as that of AWS/],
    [
      'the furthest of two clocks',
      judgeClocks([
        { of: 'AWS', offsetMs: 900 },
        { of: 'the image repository', offsetMs: -20_000 },
      ]),
      'warning',
      /^20 s ahead of that of the image repository$/,
    ],
    ['a clock that AWS refuses', judgeClocks([{ of: 'AWS', offsetMs: 3_600_000 }]), 'failed', /60 min behind.*refused/],
  ]);
});

describe('the state', () => {
  const place = { folder: '/srv/shop/.maestro', place: '/srv/shop', isFolder: true, isWritable: true };
  const owned = { folder: '/srv/.maestro', mode: 0o40711, owner: 1000, user: 1000 };
  const disk = { place: '/srv/a b', freeBytes: 50 * gb, freeFiles: 100_000 };
  judge([
    ['a folder that is yet to be made', state.judgeFolder(place), 'ok', /made by the first deployment/],
    ['a file in its place', state.judgeFolder({ ...place, isFolder: false }), 'failed', /is a file/],
    ['a folder of others', state.judgeFolder({ ...place, isWritable: false }), 'failed', /cannot be written to/],
    ['its own', state.judgePermissions(owned), 'ok', /only its owner/],
    ['write permission of a group', state.judgePermissions({ ...owned, mode: 0o40770 }), 'failed', /may write/],
    ['another owner', state.judgePermissions({ ...owned, owner: 0 }), 'warning', /belongs to the user 0/],
    ['another owner, seen by root', state.judgePermissions({ ...owned, user: 0 }), 'ok', /./],
    ['a roomy disk', state.judgeDisk(disk), 'ok', /^50 GB are free$/],
    ['a disk with little room', state.judgeDisk({ ...disk, freeBytes: 500 * mb }), 'warning', /500 MB/],
    ['a full disk', state.judgeDisk({ ...disk, freeBytes: 3 * mb }), 'failed', /3\.0 MB are free: too few/],
    ['a disk of too many files', state.judgeDisk({ ...disk, freeFiles: 3 }), 'failed', /only 3 more files/],
    ['a disk that does not count files', state.judgeDisk({ ...disk, freeFiles: null }), 'ok', /./],
  ]);

  it('names a path as the shell takes it', () => {
    expect(state.judgeDisk({ ...disk, freeBytes: 0 }).fix).toMatch(/^df -h '\/srv\/a b' /);
  });
});

describe('the sources', () => {
  const changed = ['api/a', 'api/b', 'api/c', 'api/d', 'api/e', 'api/f'];
  judge([
    ['no git', sources.judgeGit({ version: null, isRepository: false }), 'failed', /not installed/],
    ['no repository', sources.judgeGit({ version: '2.39', isRepository: false }), 'failed', /in no git repository/],
    ['no commit', sources.judgeCommit({ commit: null }), 'failed', /nothing is committed/],
    ['changes', sources.judgeWorkingTree({ changed, refuses: false }), 'warning', /^6 uncommitted.*api\/e and 1 more$/],
    ['changes where commits are deployed', sources.judgeWorkingTree({ changed, refuses: true }), 'failed', /commits/],
    ['a shallow clone', sources.judgeClone({ isShallow: true }), 'warning', /missing/],
    ['missing folders', sources.judgeSources({ file: '/srv/c.ts', missing: ['api', 'web'] }), 'failed', /api, web/],
  ]);
});

describe('the engine', () => {
  judge([
    ['a new engine', engine.judgeVersion({ version: '27.1.1', apiVersion: '1.46' }), 'ok', /27\.1\.1/],
    ['the oldest engine', engine.judgeVersion({ version: '20.10.24', apiVersion: '1.41' }), 'ok', /./],
    ['an old engine', engine.judgeVersion({ version: '20.9.0', apiVersion: '1.41' }), 'failed', /too old/],
    ['an old interface', engine.judgeVersion({ version: '24.0.0', apiVersion: '1.40' }), 'failed', /1\.40 is too old/],
    ['an engine that tells no time', engine.judgeClock({ clockOffsetMs: null }), 'ok', /does not tell/],
    ['a clock behind', engine.judgeClock({ clockOffsetMs: -60_000 }), 'warning', /60 s behind/],
    ['BuildKit', engine.judgeBuilder({ hasBuildKit: true, buildx: null }), 'ok', /^BuildKit$/],
    ['the classic builder', engine.judgeBuilder({ hasBuildKit: false, buildx: null }), 'ok', /classic/],
    ['a missing buildx', engine.judgeBuilder({ hasBuildKit: true, buildx: '' }), 'failed', /no docker buildx/],
    ['buildx', engine.judgeBuilder({ hasBuildKit: false, buildx: 'v0.12.1' }), 'ok', /v0\.12\.1/],
    ['a good driver', engine.judgeStorage({ storageDriver: 'overlay2' }), 'ok', /overlay2/],
    ['a poor driver', engine.judgeStorage({ storageDriver: 'devicemapper' }), 'warning', /devicemapper/],
    ['warnings', engine.judgeWarnings({ warnings: ['WARNING: a', 'b'] }), 'warning', /^a; b$/],
    ['room for images', engine.judgeDisk({ freeBytes: 9 * gb }), 'ok', /9\.0 GB/],
    ['little room', engine.judgeDisk({ freeBytes: gb }), 'warning', /1\.0 GB/],
    ['no room', engine.judgeDisk({ freeBytes: 9 * mb }), 'failed', /9\.0 MB/],
  ]);
});

describe('the proxy', () => {
  const port = { host: '0.0.0.0', port: 80 };
  const running = { hasServed: true, isRunning: true, servesCurrent: true, isLive: true };
  const generation = { stateFolder: '/srv', isDefined: true };
  const live = { kind: 'live', number: 3, release: '01A' } as const;
  judge([
    [
      'free and own ports',
      proxy.judgePorts([
        { ...port, state: 'free' },
        { host: '', port: 443, state: 'ours' },
      ]),
      'ok',
      /^80 is free, 443 is the proxy's$/,
    ],
    [
      'a port of others',
      proxy.judgePorts([{ ...port, state: { refused: 'EADDRINUSE' } }]),
      'failed',
      /somebody else listens on 0\.0\.0\.0:80/,
    ],
    ['a port of root', proxy.judgePorts([{ ...port, state: { refused: 'EACCES' } }]), 'failed', /may not listen/],
    [
      'a foreign address',
      proxy.judgePorts([{ ...port, state: { refused: 'EADDRNOTAVAIL' } }]),
      'failed',
      /EADDRNOTAVAIL/,
    ],
    ['an old nginx', proxy.judgeProgram({ version: '1.18.0', isSupported: false }), 'failed', /1\.18\.0 is too old/],
    [
      'a configuration that is wrong',
      proxy.judgeConfiguration({ wrong: 'unknown directive\nfailed', hasServed: true }),
      'failed',
      /: unknown directive$/,
    ],
    ['no configuration yet', proxy.judgeConfiguration({ wrong: null, hasServed: false }), 'ok', /first deployment/],
    ['a proxy that serves', proxy.judgeRunning(running), 'ok', /serves/],
    [
      'a proxy that ended',
      proxy.judgeRunning({ ...running, isRunning: false, servesCurrent: false }),
      'failed',
      /nobody reaches/,
    ],
    [
      'a proxy that serves something else',
      proxy.judgeRunning({ ...running, servesCurrent: false }),
      'failed',
      /another configuration/,
    ],
    [
      'one that was stopped with its services',
      proxy.judgeRunning({ ...running, isRunning: false, isLive: false }),
      'ok',
      /stopped/,
    ],
    [
      'one that never ran',
      proxy.judgeRunning({ hasServed: false, isRunning: false, servesCurrent: false, isLive: false }),
      'ok',
      /first deployment/,
    ],
    ['a generation', proxy.judgeGeneration({ ...generation, live }), 'ok', /^3, of release 01A$/],
    [
      'a lost definition',
      proxy.judgeGeneration({ ...generation, live, isDefined: false }),
      'failed',
      /definition is lost/,
    ],
    [
      'an unreadable generation',
      proxy.judgeGeneration({ ...generation, live: { kind: 'unreadable', message: 'gone' } }),
      'failed',
      /gone/,
    ],
    ['leftovers', proxy.judgeLeftovers({ leftovers: ['/srv/nginx.conf.next'] }), 'warning', /nginx\.conf\.next/],
  ]);
});

describe('certificates', () => {
  const one = {
    certificateFile: '/tls/shop.pem',
    keyFile: '/tls/shop.key',
    hosts: [] as readonly string[],
    problem: null,
    keyFits: true,
    names: ['*.example.com', 'example.org'],
    expiresAt: now + 90 * day,
  };
  const names = (hosts: readonly string[], shownFor: readonly string[] = []) =>
    certificates.judgeNames({ certificates: [{ ...one, hosts: shownFor }], hosts });
  const expiry = (days: number) =>
    certificates.judgeExpiry({ certificates: [one, { ...one, expiresAt: now + days * day }], now });
  judge([
    [
      'a file that cannot be read',
      certificates.judgeFiles([{ ...one, problem: { file: '/tls/a b', reason: 'ENOENT' } }]),
      'failed',
      /ENOENT/,
    ],
    ['a key of another', certificates.judgeKeys([one, { ...one, keyFits: false }]), 'failed', /is not that of/],
    ['a name that a wildcard stands for', names(['shop.example.com', 'example.org']), 'ok', /\*\.example\.com/],
    ['a name two labels below a wildcard', names(['a.shop.example.com']), 'failed', /no certificate names a\.shop/],
    ['the parent of a wildcard', names(['example.com']), 'failed', /no certificate names example\.com/],
    ['a wildcard that is configured', names([], ['*.example.com']), 'ok', /./],
    [
      'a host that it is not made out for',
      names([], ['example.net']),
      'failed',
      /shop\.pem does not name example\.net/,
    ],
    ['half a year', expiry(180), 'ok', /in 90 d/],
    ['a month', expiry(29), 'warning', /in 29 d/],
    ['a week', expiry(7), 'failed', /in 7 d/],
    ['yesterday', expiry(-3), 'failed', /expired 3 d ago/],
    [
      'one to trust that is damaged',
      certificates.judgeTrusted([{ file: '/ca', reason: 'damaged' }]),
      'failed',
      /damaged/,
    ],
  ]);
});

describe('the image repository', () => {
  const of = (code: string, message = code) => new MaestroError(code, message, { hint: 'docker login' });
  const refused = of('IMAGE_STORE_UNAUTHORIZED');
  const denied = of('IMAGE_STORE_DENIED');
  const away = of('IMAGE_STORE_UNREACHABLE');
  judge([
    ['one that answers', repository.judgeReach({ pullFailure: refused }), 'ok', /answers/],
    ['one that is away', repository.judgeReach({ pullFailure: away }), 'failed', /UNREACHABLE/],
    ['a login that is refused', repository.judgeLogin({ pullFailure: refused }), 'failed', /UNAUTHORIZED/],
    ['a login that is known', repository.judgeLogin({ pullFailure: denied }), 'ok', /knows/],
    ['a login that cannot be tried', repository.judgeLogin({ pullFailure: away }), 'skipped', /see image-repository$/],
    ['reading that is not allowed', repository.judgePull({ pullFailure: denied, exists: null }), 'failed', /DENIED/],
    ['reading without a login', repository.judgePull({ pullFailure: refused, exists: null }), 'skipped', /-login$/],
    ['reading of nothing', repository.judgePull({ pullFailure: null, exists: false }), 'ok', /nothing was pushed/],
    [
      'writing that is not allowed',
      repository.judgePush({ pullFailure: null, pushFailure: denied }),
      'failed',
      /DENIED/,
    ],
    [
      'writing without a login',
      repository.judgePush({ pullFailure: refused, pushFailure: refused }),
      'skipped',
      /-login$/,
    ],
    [
      'a repository of ECR that is yet to be made',
      repository.judgePush({ pullFailure: null, pushFailure: of('IMAGE_STORE_PUSH_FAILED', '404, NAME_UNKNOWN') }),
      'ok',
      /first push/,
    ],
    [
      'a push that fails otherwise',
      repository.judgePush({ pullFailure: null, pushFailure: of('IMAGE_STORE_PUSH_FAILED') }),
      'failed',
      /PUSH_FAILED/,
    ],
  ]);
});

describe('secrets', () => {
  const one = { needed: ['A', 'B'], failures: [], references: null, file: '/srv/.env' };
  const failing = (reason: 'denied' | 'missing' | 'pending-deletion' | 'unavailable') =>
    [{ name: 'A', reason }] as const;
  const file = { file: '/srv/.env', mode: 0o600, isTracked: false, isCommittable: false };
  judge([
    [
      'one that may not be read',
      secrets.judgeAccess({ store: 'AWS', failures: failing('denied') }),
      'failed',
      /A may not be read/,
    ],
    [
      'one that nobody answers for',
      secrets.judgeAccess({ store: 'AWS', failures: failing('unavailable') }),
      'failed',
      /not answer/,
    ],
    ['one that is missing', secrets.judgeAccess({ store: 'AWS', failures: failing('missing') }), 'ok', /can be read/],
    ['a missing one', secrets.judgePresence({ ...one, failures: failing('missing') }), 'failed', /^missing: A$/],
    [
      'a missing one in AWS',
      secrets.judgePresence({ ...one, failures: failing('missing'), file: null }),
      'failed',
      /./,
    ],
    [
      'one that is to be deleted',
      secrets.judgePresence({ ...one, failures: failing('pending-deletion') }),
      'failed',
      /deletion: A/,
    ],
    [
      'one that refers to nothing',
      secrets.judgePresence({ ...one, references: { code: 'X', message: 'B refers', retryable: false } }),
      'failed',
      /B refers/,
    ],
    ['all', secrets.judgePresence(one), 'ok', /^2 secrets/],
    ['a file for its owner', secrets.judgeEnvFile(file), 'ok', /only its owner/],
    ['a file for everybody', secrets.judgeEnvFile({ ...file, mode: 0o644 }), 'warning', /others/],
    ['a file that is not ignored', secrets.judgeEnvFile({ ...file, isCommittable: true }), 'failed', /does not ignore/],
    [
      'a file that is committed',
      secrets.judgeEnvFile({ ...file, isCommittable: true, isTracked: true }),
      'failed',
      /committed/,
    ],
  ]);
});

describe('databases', () => {
  const reached = { service: 'api', adapter: 'postgresql', version: '15.4 (Debian 15.4-1)', failure: null } as const;
  const failure = { code: 'X', message: 'connection refused', retryable: true };
  const status = {
    service: 'api',
    applied: [],
    pending: [],
    waiting: [],
    late: [],
    drifted: [],
    missing: [],
    unfinished: [],
  };
  const at = (change: Partial<typeof status>) => [
    { service: 'api', status: { ...status, ...change }, failure: null, findings: [] },
  ];
  const cut = (unknown: string | null) => ({ name: '0002_b', direction: 'up', done: 1, total: 2, unknown }) as const;
  const unfinished = (unknown: string | null) => [
    { service: 'api', status: { ...status, unfinished: [cut(unknown)] }, failure: null, findings: [] },
  ];
  const finding = (file: string, severity: 'error' | 'warning') =>
    ({
      service: 'api',
      file,
      line: 3,
      column: 1,
      rule: 'r',
      phase: 'expand',
      severity,
      why: `${file} locks`,
      fix: '',
    }) as const;
  const linted = (severity: 'error' | 'warning') => [
    {
      service: 'api',
      status: { ...status, pending: ['0002_b'] },
      failure: null,
      findings: [finding('0001_a.up.sql', 'error'), finding('0002_b.up.sql', severity)],
    },
  ];
  judge([
    ['one that answers', databases.judgeReach([reached]), 'ok', /^api$/],
    [
      'two that do not',
      databases.judgeReach([
        { ...reached, failure },
        { ...reached, service: 'web', failure },
      ]),
      'failed',
      /^api \(and web\): connection refused$/,
    ],
    [
      'a version',
      databases.judgeVersions([reached, { ...reached, adapter: 'mysql', version: '10.11.14-MariaDB-0' }]),
      'ok',
      /^postgresql 15\.4, mariadb 10\.11\.14$/,
    ],
    [
      'an old version',
      databases.judgeVersions([{ ...reached, version: '9.6.24' }]),
      'warning',
      /postgresql 9\.6\.24 is older than 12/,
    ],
    [
      'no version at all',
      databases.judgeVersions([{ ...reached, version: null, failure }]),
      'skipped',
      /see databases$/,
    ],
    [
      'an old MySQL',
      databases.judgeVersions([{ ...reached, adapter: 'mysql', version: '5.7.44' }]),
      'warning',
      /5\.7\.44/,
    ],
    [
      'what is pending',
      databases.judgePending(at({ pending: ['0001_a', '0002_b'], waiting: ['0002_b'] } as never)),
      'warning',
      /^pending: api 0001_a$/,
    ],
    ['what waits', databases.judgeWaiting(at({ waiting: ['0002_b'] } as never)), 'warning', /api 0002_b$/],
    [
      'what only waits is not pending',
      databases.judgePending(at({ pending: ['0002_b'], waiting: ['0002_b'] } as never)),
      'ok',
      /./,
    ],
    ['what was changed', databases.judgeDrift(at({ drifted: ['0001_a'] } as never)), 'failed', /changed after/],
    ['what has no file', databases.judgeDrift(at({ missing: ['0001_a'] } as never)), 'failed', /files are gone/],
    ['what was cut off', databases.judgeUnfinished(unfinished(null)), 'failed', /cut off/],
    ['what nobody knows', databases.judgeUnfinished(unfinished('DROP TABLE a')), 'failed', /nobody knows/],
    ['an error in what is pending', databases.judgeLint(linted('error')), 'failed', /^api: 0002_b\.up\.sql:3: /],
    ['a warning about what is pending', databases.judgeLint(linted('warning')), 'warning', /0002_b/],
    [
      'an error in what was applied',
      databases.judgeLint(linted('error').map((one) => ({ ...one, status }))),
      'ok',
      /./,
    ],
  ]);
});

describe('the release', () => {
  const sighting = {
    holder: 'ana@ci (pid 1)',
    since: new Date(now - 90_000).toISOString(),
    purpose: 'deploy 01A',
    token: 1,
    renewedAt: '',
    state: 'held' as 'abandoned' | 'held',
    leaseLeftMs: 0,
  };
  const live = {
    slot: 'blue',
    release: '01A',
    image: 'a',
    digest: 'd',
    state: 'running',
    healthy: true,
    since: '',
  } as const;
  const service = (instance: object | null) => ({
    services: [{ name: 'api', url: null, live: instance as never, idle: null, canaryPercent: null }],
  });
  const cutOff = { release: '01A', kind: 'deploy', startedAt: '', lastStep: 'start api', switched: true } as const;
  const record = { id: '01A' } as never;
  const images = (stored: boolean) => [
    { release: record, images: [{ name: 'api', image: 'a', digest: 'd', stored }] as never },
  ];
  judge([
    ['a lock that is free', release.judgeLock({ sighting: null, now }), 'ok', /free/],
    [
      'a lock that is held',
      release.judgeLock({ sighting, now }),
      'warning',
      /^held by ana@ci \(pid 1\) for deploy 01A, since 90 s$/,
    ],
    [
      'a lock that was left',
      release.judgeLock({ sighting: { ...sighting, state: 'abandoned' }, now }),
      'warning',
      /^abandoned/,
    ],
    [
      'a release that was cut off',
      release.judgeInterrupted({ interrupted: cutOff }),
      'failed',
      /after its traffic was switched/,
    ],
    [
      'drift',
      release.judgeDrift({
        drift: [{ service: 'api', slot: 'blue', detail: 'api is gone', next: 'maestro deploy api' }],
      }),
      'warning',
      /api is gone/,
    ],
    ['what answers', release.judgeHealth(service(live)), 'ok', /^api answer$/],
    [
      'what crashed',
      release.judgeHealth(service({ ...live, state: 'crashed', healthy: false })),
      'failed',
      /api is crashed/,
    ],
    ['what is silent', release.judgeHealth(service({ ...live, healthy: false })), 'failed', /api is unhealthy/],
    ['nothing live', release.judgeHealth(service(null)), 'ok', /nothing is live/],
    ['images that are there', release.judgeImages(images(true)), 'ok', /last release/],
    ['images that are gone', release.judgeImages(images(false)), 'warning', /^no rollback to 01A \(api\)/],
  ]);
});

describe('gates and hooks', () => {
  const file = '/srv/shop/maestro.config.json';
  const programs = (problem: ProgramFacts['problem']) =>
    calls.judgePrograms({ file, found: [{ by: 'the gate unit of api', program: 'check.sh', problem }] });
  const requests = (request: object) => {
    const asked = { by: 'the gate smoke of api', ofJob: false, tries: 1, intervalMs: 500, deadlineMs: 30_000 };
    return calls.judgeRequests({ file, found: [{ ...asked, ...request }] });
  };
  const coverage = (facts: object, committable: readonly string[] = []) => {
    const found = { by: 'the gate unit', file: '/srv/shop/coverage/a.json', isFolder: false, place: '/srv/shop' };
    return calls.judgeCoverage({ root: '/srv/shop', found: [{ ...found, isWritable: true, ...facts }], committable });
  };
  const deadline = (timeoutMs: number) =>
    calls.judgeDeadlines({ file, found: [{ by: 'a hook before switch', timeoutMs }] });
  judge([
    ['a program that is there', programs(null), 'ok', /^check\.sh$/],
    ['one that is nowhere', programs({ kind: 'missing', onPath: false, beside: false }), 'failed', /there is no check/],
    ['one that is not installed', programs({ kind: 'missing', onPath: true, beside: false }), 'failed', /on the PATH$/],
    [
      'one in its folder',
      programs({ kind: 'missing', onPath: true, beside: true }),
      'failed',
      /expected \.\/check\.sh$/,
    ],
    [
      'one that is no program',
      programs({ kind: 'not-executable', file: '/a b' }),
      'failed',
      /^the .*: \/a b may not be run/,
    ],
    [
      'one for an interpreter that is not installed',
      programs({ kind: 'no-interpreter', file: '/a', interpreter: 'ruby' }),
      'failed',
      /\/a is for ruby, which is not there/,
    ],
    ['a request', requests({}), 'ok', /^1 request$/],
    ['a request to a job', requests({ ofJob: true }), 'failed', /is never asked: a job has no instance/],
    ['tries that just fit', requests({ tries: 60 }), 'ok', /./],
    [
      'more tries than fit',
      requests({ tries: 61 }),
      'warning',
      /61 tries, one each 500 ms, do not fit into its 30000 ms/,
    ],
    ['a file of coverage', coverage({}), 'ok', /^1 file$/],
    ['a folder in its place', coverage({ isFolder: true }), 'failed', /a\.json is a folder$/],
    ['a place that is closed', coverage({ isWritable: false }), 'failed', /cannot be written$/],
    ['one that git sees', coverage({}, ['/srv/shop/coverage/a.json']), 'warning', /does not ignore coverage\/a\.json/],
    ['variables that are set', calls.judgeVariables([{ by: 'the gate unit', unset: [] }]), 'ok', /all are set/],
    [
      'a variable that is not',
      calls.judgeVariables([{ by: 'the gate unit', unset: ['AWS_PROFILE'] }]),
      'warning',
      /^the gate unit is to get AWS_PROFILE: not set here$/,
    ],
    ['a usual deadline', deadline(60_000), 'ok', /^60 s at most$/],
    ['a deadline in seconds', deadline(60), 'warning', /^a hook before switch has 60 ms: too little/],
    ['a deadline of hours', deadline(7_200_000), 'warning', /^a hook before switch has 2 h, in which nobody else can/],
  ]);
});
