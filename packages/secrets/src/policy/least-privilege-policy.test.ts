import { matchesGlob } from 'node:path';

import { describe, expect, it } from 'vitest';

import { leastPrivilegePolicy, type LeastPrivilegePolicyOptions, type PolicyDocument } from '../aws.ts';
import {
  alternatingUsers,
  diffSecrets,
  prepareSecrets,
  rotateByService,
  rotateSecret,
  uploadSecrets,
} from '../index.ts';
import { FakeSecretsManager, MemoryLoginDatabase, MemorySecretStore, type RecordedCall } from '../testing.ts';

const account = '123456789012';
const prefix = 'shop/production/';
const regions = ['eu-central-1', 'eu-west-1'] as const;
const kmsKeys = [`arn:aws:kms:eu-central-1:${account}:key/1`];

/** What IAM is asked about a call. */
interface Asked {
  readonly action: string;
  readonly resource: string;
  readonly region: string;
  readonly via?: string;
}

interface InRegion extends RecordedCall {
  readonly region: string;
}

/** What the service checks for each call, by its documentation. A secret that is not there yet has a name and no suffix. */
function askedFor({ action, ids, region }: InRegion, existing: ReadonlySet<string>): readonly Asked[] {
  const arn = (id: string) =>
    `arn:aws:secretsmanager:${region}:${account}:secret:${id}${existing.has(id) ? '-x1Y2z3' : ''}`;
  const on = (name: string, resources: readonly string[]) =>
    resources.map((resource) => ({ action: `secretsmanager:${name}`, resource, region }));
  const via = `secretsmanager.${region}.amazonaws.com`;
  const key = (name: string) => kmsKeys.map((resource) => ({ action: `kms:${name}`, resource, region, via }));
  switch (action) {
    case 'BatchGetSecretValue':
      return [...on(action, ['any']), ...on('GetSecretValue', ids.map(arn)), ...key('Decrypt')];
    case 'ListSecrets':
      return on(action, ['any']);
    case 'GetSecretValue':
      return [...on(action, ids.map(arn)), ...key('Decrypt')];
    case 'CreateSecret':
      return [
        ...on(action, ids.map(arn)),
        ...on('TagResource', ids.map(arn)),
        ...key('GenerateDataKey'),
        ...key('Decrypt'),
      ];
    case 'PutSecretValue':
      return [...on(action, ids.map(arn)), ...key('GenerateDataKey'), ...key('Decrypt')];
    default:
      return on(action, ids.map(arn));
  }
}

function allows({ Statement }: PolicyDocument, { action, resource, region, via }: Asked): boolean {
  return Statement.some(({ Action, Resource, Condition }) => {
    const { 'aws:RequestedRegion': wanted, 'kms:ViaService': services } = Condition?.StringEquals ?? {};
    return (
      Action.includes(action) &&
      Resource.some((pattern) => isMatch(pattern, resource)) &&
      (wanted?.includes(region) ?? true) &&
      (services?.includes(via ?? '') ?? true)
    );
  });
}

/** IAM's wildcards; a `*` matches slashes too. */
function isMatch(pattern: string, text: string): boolean {
  return pattern === '*' || matchesGlob(text.replaceAll('/', '|'), pattern.replaceAll('/', '|'));
}

/** Every document with one thing less: a statement, an action, a resource, a value of a condition. */
function lesser({ Statement, ...document }: PolicyDocument): readonly PolicyDocument[] {
  return Statement.flatMap((statement, index) => {
    const others = Statement.filter((_, other) => other !== index);
    const without = (values: readonly string[], at: number) => values.filter((_, other) => other !== at);
    const conditions = Object.entries(statement.Condition?.StringEquals ?? {});
    const smaller = [
      ...statement.Action.map((_, at) => ({ ...statement, Action: without(statement.Action, at) })),
      ...statement.Resource.map((_, at) => ({ ...statement, Resource: without(statement.Resource, at) })),
      ...conditions.flatMap(([key, values]) =>
        values.map((_, at) => ({ ...statement, Condition: { StringEquals: { [key]: without(values, at) } } })),
      ),
    ];
    return [others, ...smaller.map((one) => [...others, one])].map((rest) => ({ ...document, Statement: rest }));
  });
}

function subject(stored: Readonly<Record<string, string>>) {
  const first = new FakeSecretsManager({ region: regions[0] });
  const second = new FakeSecretsManager({ region: regions[1], replicaOf: first });
  for (const [name, value] of Object.entries(stored)) first.set(prefix + name, value);
  const existing = new Set(Object.keys(stored).map((name) => prefix + name));
  const open = () => first.store({ prefix, replicas: [second], deadlineMs: 2000 });
  const asked = () =>
    [first, second].flatMap(({ region, calls }) => calls.flatMap((call) => askedFor({ ...call, region }, existing)));
  return { first, second, open, asked };
}

/** The calls of each use, with the first region out of reach for a while. */
const uses: Readonly<Record<LeastPrivilegePolicyOptions['use'], () => Promise<readonly Asked[]>>> = {
  async read() {
    const { first, open, asked } = subject({ URL: 'pg://{{maestro:PART}}', PART: 'one' });
    const services = [{ name: 'api', secrets: ['URL'] }];
    const { versions } = await prepareSecrets({ store: open(), services });
    first.set(`${prefix}PART`, 'two');
    await prepareSecrets({ store: open(), services, versions });
    first.fail({ error: 'unreachable' });
    await prepareSecrets({ store: open(), services });
    return asked();
  },
  async upload() {
    const { first, open, asked } = subject({ URL: 'one', GONE: 'two', SAME: 'three' });
    first.delete(`${prefix}GONE`);
    const from = new MemorySecretStore({ URL: 'new', GONE: 'new', SAME: 'three', NEW: 'new' });
    const diff = await diffSecrets({ from, to: open() });
    await uploadSecrets({ from, to: open(), diff, restore: true, tags: { team: 'shop' } });
    from.set('SAME', 'another');
    first.fail({ error: 'unreachable', action: 'BatchGetSecretValue' });
    await uploadSecrets({ from, to: open(), diff: await diffSecrets({ from, to: open() }) });
    return asked();
  },
  async rotate() {
    const login = JSON.stringify({ username: 'api', password: 'one' });
    const { first, open, asked } = subject({ LOGIN: login, ADMIN: login, KEY: 'one' });
    await prepareSecrets({
      store: open(),
      services: [{ name: 'rotation', secrets: ['ADMIN#username', 'ADMIN#password'] }],
    });
    const database = new MemoryLoginDatabase({ api: 'one', api_clone: 'x' });
    await rotateSecret({ store: open(), name: 'LOGIN', strategy: alternatingUsers({ database }) });
    first.rotateBy(`${prefix}KEY`, { create: () => 'two' });
    await rotateByService({ store: open(), name: 'KEY', intervalMs: 1 });
    for (const name of ['LOGIN', 'ADMIN']) {
      first.fail({ error: 'unreachable' });
      await open().fetch([name]);
    }
    return asked();
  },
};

const secrets: Readonly<Record<LeastPrivilegePolicyOptions['use'], readonly string[]>> = {
  read: ['URL', 'PART#key'],
  upload: ['URL', 'GONE', 'SAME', 'NEW'],
  rotate: ['LOGIN'],
};

const reads = ['ADMIN'];
const lambdas = ['KEY'];

describe.each(['read', 'upload', 'rotate'] as const)('a policy to %s', (use) => {
  const policy = leastPrivilegePolicy({
    use,
    secrets: secrets[use],
    ...(use === 'rotate' ? { reads, lambdas } : {}),
    prefix,
    regions,
    account,
    kmsKeys,
  });

  it('allows every call, and everything in it is needed for one', async () => {
    const asked = await uses[use]();
    expect(asked.filter((one) => !allows(policy, one))).toEqual([]);
    const spare = lesser(policy).filter((less) => asked.every((one) => allows(less, one)));
    // Of a secret that is created, only the name is asked about; of one that is there, only the ARN.
    const names = use === 'upload' ? /:secret:shop\/production\/(?:\w+|NEW-\?{6})$/ : /^$/;
    const unexplained = spare.filter(
      (less) => !missingResources(policy, less).some((resource) => names.test(resource)),
    );
    expect(unexplained).toEqual([]);
  });

  it('allows nothing with other secrets, in other regions, or with their keys elsewhere', () => {
    const arn = (name: string, region: string) => `arn:aws:secretsmanager:${region}:${account}:secret:${prefix}${name}`;
    const [name = ''] = secrets[use];
    for (const action of ['GetSecretValue', 'PutSecretValue', 'DescribeSecret', 'DeleteSecret', 'CreateSecret']) {
      for (const resource of [
        arn(`${name}_OTHER-x1Y2z3`, 'eu-central-1'),
        arn(`${name}/deep-x1Y2z3`, 'eu-central-1'),
        arn(`${name}-x1Y2z3-x1Y2z3`, 'eu-central-1'),
        arn(`${name}-x1Y2z3`, 'us-east-1'),
      ]) {
        expect(allows(policy, { action: `secretsmanager:${action}`, resource, region: 'eu-central-1' })).toBe(false);
      }
    }
    const deleting = arn(`${name}-x1Y2z3`, 'eu-central-1');
    expect(allows(policy, { action: 'secretsmanager:DeleteSecret', resource: deleting, region: 'eu-central-1' })).toBe(
      false,
    );
    const key = { action: 'kms:Decrypt', resource: kmsKeys[0] ?? '', region: 'eu-central-1' };
    expect(allows(policy, key)).toBe(false);
    expect(allows(policy, { ...key, via: 's3.eu-central-1.amazonaws.com' })).toBe(false);
    expect(allows(policy, { action: 'secretsmanager:BatchGetSecretValue', resource: 'any', region: 'us-east-1' })).toBe(
      false,
    );
  });
});

/** What a lesser document no longer names, in the statement that it takes it from. */
function missingResources(whole: PolicyDocument, less: PolicyDocument): readonly string[] {
  const left = new Map(less.Statement.map(({ Sid, Resource }) => [Sid, new Set(Resource)]));
  return whole.Statement.flatMap(({ Sid, Resource }) => Resource.filter((one) => left.get(Sid)?.has(one) === false));
}

it('lets who has secrets rotated by AWS alone read none of them', () => {
  const policy = leastPrivilegePolicy({ use: 'rotate', secrets: [], lambdas: ['A'], regions, account, kmsKeys });
  expect(policy.Statement).toEqual([
    {
      Sid: 'RotateByLambda',
      Effect: 'Allow',
      Action: ['secretsmanager:DescribeSecret', 'secretsmanager:RotateSecret'],
      Resource: [`arn:aws:secretsmanager:eu-central-1:${account}:secret:A-??????`],
    },
  ]);
});

it('writes in the first region only', () => {
  const { Statement } = leastPrivilegePolicy({ use: 'rotate', secrets: ['A'], regions, account });
  const write = Statement.find(({ Action }) => Action.includes('secretsmanager:PutSecretValue'));
  expect(write?.Resource).toEqual([`arn:aws:secretsmanager:eu-central-1:${account}:secret:A-??????`]);
});

it('names each secret once, by name or ARN, and no key where AWS has its own', () => {
  const arn = `arn:aws:secretsmanager:eu-central-1:${account}:secret:theirs-AbCdEf`;
  const policy = leastPrivilegePolicy({ use: 'read', secrets: ['A#one', 'A#two', arn], prefix, regions, account });
  expect(policy.Statement.map(({ Sid }) => Sid)).toEqual(['Ask', 'Read']);
  expect(policy.Statement[1]?.Resource).toEqual([
    `arn:aws:secretsmanager:eu-central-1:${account}:secret:${prefix}A-??????`,
    arn,
    `arn:aws:secretsmanager:eu-west-1:${account}:secret:${prefix}A-??????`,
    arn.replace('eu-central-1', 'eu-west-1'),
  ]);
});

it.each([
  ['cn-north-1', 'arn:aws-cn:secretsmanager:cn-north-1', 'secretsmanager.cn-north-1.amazonaws.com.cn'],
  ['us-gov-west-1', 'arn:aws-us-gov:secretsmanager:us-gov-west-1', 'secretsmanager.us-gov-west-1.amazonaws.com'],
])('names the partition of %s', (region, arn, service) => {
  const policy = JSON.stringify(
    leastPrivilegePolicy({ use: 'read', secrets: ['A'], regions: [region], account, kmsKeys }),
  );
  expect(policy).toContain(`"${arn}:`);
  expect(policy).toContain(`"${service}"`);
});
