import { check } from '../check.ts';
import { failed, type Judgement, ok, skipped, warning } from '../finding.ts';
import { looked, Nothing } from '../nothing.ts';
import { counted, listed } from '../words.ts';
import type { DatabaseFacts, MigrationFacts, World } from '../world.ts';

/** The oldest that are still looked after by who makes them. */
const oldest = { postgresql: 12, mysql: 8, mariadb: 10, sqlite: 3 } as const;

const common = { group: 'databases', saidBy: 'databases' } as const;

export const databaseChecks = [
  check({ name: 'databases', group: 'databases', look: ({ databases }) => databases(), judge: judgeReach }),
  check({ ...common, name: 'database-versions', look: ({ databases }) => databases(), judge: judgeVersions }),
  check({ ...common, name: 'migrations', look: reached, judge: judgePending }),
  check({ ...common, name: 'contract-migrations', look: reached, judge: judgeWaiting }),
  check({ ...common, name: 'migrations-drift', look: reached, judge: judgeDrift }),
  check({ ...common, name: 'migrations-unfinished', look: reached, judge: judgeUnfinished }),
  check({ ...common, name: 'migrations-lint', look: reached, judge: judgeLint }),
];

/** Those whose databases can tell: the others are said by `databases`. */
function reached({ migrations }: World): Promise<readonly MigrationFacts[] | Nothing> {
  return looked(migrations(), (found) => {
    const known = found.filter(({ status }) => status !== null);
    return known.length === 0 ? new Nothing('cannot be told: see databases') : known;
  });
}

export function judgeReach(found: readonly DatabaseFacts[]): Judgement {
  const away = found.filter(({ failure }) => failure !== null);
  const [first] = away;
  if (first?.failure === undefined || first.failure === null) return ok(listed(found.map(({ service }) => service)));
  const { message, hint = 'maestro migrate status' } = first.failure;
  const others = away.length > 1 ? ` (and ${listed(away.slice(1).map(({ service }) => service))})` : '';
  return failed(`${first.service}${others}: ${message}`, hint);
}

export function judgeVersions(found: readonly DatabaseFacts[]): Judgement {
  const known = found.flatMap(({ service, adapter, version }) =>
    version === null ? [] : [{ service, version, kind: kindOf(adapter, version) }],
  );
  if (known.length === 0) return skipped('cannot be told: see databases');
  const old = known.find(({ version, kind }) => majorOf(version) < oldest[kind]);
  if (old !== undefined) {
    const message = `${old.service}: ${old.kind} ${old.version} is older than ${oldest[old.kind]}, the oldest that is looked after`;
    return warning(message, 'maestro migrate status');
  }
  return ok(
    listed([...new Set(known.map(({ kind, version }) => `${kind} ${/\d+(?:\.\d+)*/.exec(version)?.[0] ?? ''}`))]),
  );
}

/** Those that a deployment applies; it may be the next one that brings them. */
export function judgePending(found: readonly MigrationFacts[]): Judgement {
  const pending = namesBy(found, ({ pending: all, waiting }) => all.filter((name) => !waiting.includes(name)));
  return pending === null ? ok('nothing is pending') : warning(`pending: ${pending}`, 'maestro deploy');
}

export function judgeWaiting(found: readonly MigrationFacts[]): Judgement {
  const waiting = namesBy(found, (status) => status.waiting);
  if (waiting === null) return ok('none waits');
  return warning(`they wait until the version before is gone: ${waiting}`, 'maestro migrate run --phase contract');
}

export function judgeDrift(found: readonly MigrationFacts[]): Judgement {
  const drifted = namesBy(found, (status) => status.drifted);
  if (drifted !== null) return failed(`changed after they were applied: ${drifted}`, 'maestro migrate status');
  const missing = namesBy(found, (status) => status.missing);
  if (missing !== null) return failed(`applied, and their files are gone: ${missing}`, 'maestro migrate status');
  return ok('applied migrations are as their files');
}

export function judgeUnfinished(found: readonly MigrationFacts[]): Judgement {
  const unknown = namesBy(found, ({ unfinished }) =>
    unfinished.flatMap((one) => (one.unknown === null ? [] : [one.name])),
  );
  if (unknown !== null)
    return failed(`nobody knows whether a statement was done: ${unknown}`, 'maestro migrate repair --help');
  const unfinished = namesBy(found, (status) => status.unfinished.map(({ name }) => name));
  return unfinished === null ? ok('none') : failed(`cut off in the middle: ${unfinished}`, 'maestro migrate run');
}

/** Of what is pending only: what was applied cannot be changed any more. */
export function judgeLint(found: readonly MigrationFacts[]): Judgement {
  const findings = found.flatMap(({ status, findings: all }) =>
    all.filter(({ file }) => status?.pending.some((name) => file.startsWith(name)) === true),
  );
  const [first] = findings.toSorted((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'));
  if (first === undefined) return ok('nothing is wrong with what is pending');
  const { service, file, line, why, severity } = first;
  const message = `${service}: ${file}:${line}: ${why}${findings.length > 1 ? `, and ${counted(findings.length - 1, 'more finding')}` : ''}`;
  return severity === 'error' ? failed(message, 'maestro migrate lint') : warning(message, 'maestro migrate lint');
}

type Status = NonNullable<MigrationFacts['status']>;

/** `api 0002_add, 0003_index; web 0001_first`; null for none. */
function namesBy(found: readonly MigrationFacts[], names: (status: Status) => readonly string[]): string | null {
  const parts = found.flatMap(({ service, status }) => {
    const own = status === null ? [] : names(status);
    return own.length === 0 ? [] : [`${service} ${listed(own)}`];
  });
  return parts.length === 0 ? null : parts.join('; ');
}

function kindOf(adapter: DatabaseFacts['adapter'], version: string): keyof typeof oldest {
  return adapter === 'mysql' && /mariadb/i.test(version) ? 'mariadb' : adapter;
}

function majorOf(version: string): number {
  return Number(/\d+/.exec(version)?.[0] ?? 0);
}
