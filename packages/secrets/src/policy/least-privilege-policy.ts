import { parseSecretId } from '../plan/secret-id.ts';

/** What somebody with a policy does: reads secrets, uploads them (and looks at the difference first), or rotates them. */
export type PolicyUse = 'read' | 'upload' | 'rotate';

export interface LeastPrivilegePolicyOptions {
  readonly use: PolicyUse;
  /** Names or ids as services need them, and those that their values refer to. */
  readonly secrets: readonly string[];
  /** Those that are read only, such as the login of who changes passwords in a rotation. */
  readonly reads?: readonly string[] | undefined;
  /** Those that AWS rotates with a Lambda, to `rotate`; who asks it to must also be allowed to invoke that function. */
  readonly lambdas?: readonly string[] | undefined;
  /** What stands before each name in AWS: `shop/production/`. */
  readonly prefix?: string | undefined;
  /** As the store has them: all are read in, the first one is written to. */
  readonly regions: readonly [string, ...string[]];
  /** Twelve digits. */
  readonly account: string;
  /** ARNs of the keys that the secrets are encrypted with; AWS's own key needs no permission. */
  readonly kmsKeys?: readonly string[] | undefined;
}

/** A policy document of IAM, as its console and `aws iam create-policy` take it. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: { readonly StringEquals: Readonly<Record<string, readonly string[]>> };
}

/** Actions that IAM cannot limit to single secrets. What a batch gives is still checked for each secret. */
const unlimited: Readonly<Record<PolicyUse, readonly string[]>> = {
  read: ['BatchGetSecretValue'],
  upload: ['BatchGetSecretValue', 'ListSecrets'],
  rotate: ['BatchGetSecretValue'],
};

const writing: Readonly<Record<PolicyUse, readonly string[]>> = {
  read: [],
  upload: [
    'CreateSecret',
    'DescribeSecret',
    'PutSecretValue',
    'RestoreSecret',
    'TagResource',
    'UpdateSecretVersionStage',
  ],
  rotate: ['DescribeSecret', 'PutSecretValue', 'UpdateSecretVersionStage'],
};

/**
 * The permissions that the store of AWS Secrets Manager needs for one use of these secrets, and none beyond: each action on
 * exactly these names, in these regions.
 */
export function leastPrivilegePolicy(options: LeastPrivilegePolicyOptions): PolicyDocument {
  const { use, secrets, reads = [], lambdas = [], regions, kmsKeys = [] } = options;
  const [first] = regions;
  const read = [...secrets, ...reads];
  const statements = [
    {
      Sid: 'Ask',
      Action: named(unlimited[use]),
      Resource: read.length === 0 ? [] : ['*'],
      Condition: { StringEquals: { 'aws:RequestedRegion': regions } },
    },
    {
      Sid: 'Read',
      Action: named(['GetSecretValue']),
      Resource: regions.flatMap((region) => arnsIn(region, read, options)),
    },
    { Sid: 'Write', Action: named(writing[use]), Resource: arnsIn(first, secrets, options) },
    {
      Sid: 'RotateByLambda',
      Action: named(['DescribeSecret', 'RotateSecret']),
      Resource: arnsIn(first, lambdas, options),
    },
    {
      Sid: 'Keys',
      Action: use === 'read' ? ['kms:Decrypt'] : ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: read.length === 0 ? [] : kmsKeys,
      Condition: { StringEquals: { 'kms:ViaService': regions.map(serviceIn) } },
    },
  ];
  const needed = statements.filter(({ Action, Resource }) => Action.length > 0 && Resource.length > 0);
  return { Version: '2012-10-17', Statement: needed.map((statement) => ({ ...statement, Effect: 'Allow' as const })) };
}

function named(actions: readonly string[]): readonly string[] {
  return actions.map((action) => `secretsmanager:${action}`);
}

/**
 * The service adds a dash and six characters to each name: six `?` match these and no other secret's. A name alone is what
 * IAM is asked about while there is no such secret.
 */
function arnsIn(
  region: string,
  secrets: readonly string[],
  { use, prefix = '', account }: LeastPrivilegePolicyOptions,
): readonly string[] {
  const names = [...new Set(secrets.map((id) => parseSecretId(id).name))].sort();
  return names.flatMap((name) => {
    if (name.startsWith('arn:')) return [name.replace(/^(arn:[\w-]+:secretsmanager:)[\w-]+/, `$1${region}`)];
    const arn = `arn:${partitionOf(region)}:secretsmanager:${region}:${account}:secret:${prefix}${name}`;
    return use === 'upload' ? [arn, `${arn}-??????`] : [`${arn}-??????`];
  });
}

function serviceIn(region: string): string {
  return `secretsmanager.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
