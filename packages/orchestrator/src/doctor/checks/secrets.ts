import { stat } from 'node:fs/promises';

import type { AwsIdentity } from '@maestro/secrets/aws';

import { check } from '../check.ts';
import { failed, type Judgement, ok, warning } from '../finding.ts';
import { looked, Nothing } from '../nothing.ts';
import { counted, listed, quoted } from '../words.ts';
import type { SecretFacts } from '../world.ts';

const common = { group: 'secrets', saidBy: 'secrets' } as const;

export const secretChecks = [
  check({
    name: 'aws-identity',
    group: 'secrets',
    look: ({ awsIdentity }) => awsIdentity(),
    judge: judgeIdentity,
  }),
  check({ name: 'secrets', group: 'secrets', look: ({ secrets }) => secrets(), judge: judgeAccess }),
  check({
    ...common,
    name: 'secrets-present',
    look: ({ secrets, environment: { secrets: source } }) =>
      looked(secrets(), (found) => ({ ...found, file: source?.source === 'dotenv' ? source.file : null })),
    judge: judgePresence,
  }),
  check({
    name: 'env-file',
    group: 'secrets',
    look: async ({ environment: { secrets }, git }) => {
      if (secrets?.source !== 'dotenv') return new Nothing('no secrets in a file');
      const { file } = secrets;
      const found = await stat(file).catch(() => undefined);
      if (found === undefined) return new Nothing('there is no such file: see secrets');
      const { committable, tracked } = await git();
      return { file, mode: found.mode, isTracked: tracked.includes(file), isCommittable: committable.includes(file) };
    },
    judge: judgeEnvFile,
  }),
];

function judgeIdentity({ account, arn }: Pick<AwsIdentity, 'account' | 'arn'>): Judgement {
  return ok(`${arn} of the account ${account}`);
}

/** That each may be read, whether or not it is there. */
export function judgeAccess({ store, failures }: Pick<SecretFacts, 'failures' | 'store'>): Judgement {
  const denied = failures.filter(({ reason }) => reason === 'denied' || reason === 'undecryptable');
  const fix = 'maestro secrets policy --account "$(aws sts get-caller-identity --query Account --output text)"';
  if (denied.length > 0) return failed(`${listed(namesOf(denied))} may not be read in ${store}`, fix);
  const away = failures.filter(({ reason }) => reason === 'unavailable');
  if (away.length > 0) return failed(`${store} does not answer for ${listed(namesOf(away))}`, 'maestro secrets list');
  return ok(`${store} can be read`);
}

export function judgePresence(facts: Omit<SecretFacts, 'store'> & { readonly file: string | null }): Judgement {
  const { needed, failures, references, file } = facts;
  const missing = failures.filter(({ reason }) => reason === 'missing' || reason === 'version-gone');
  if (missing.length > 0) {
    const [first] = missing;
    const fix = file === null ? 'maestro secrets upload' : `echo "${first?.name ?? ''}='…'" >> ${quoted(file)}`;
    return failed(`missing: ${listed(namesOf(missing))}`, fix);
  }
  const deleted = failures.filter(({ reason }) => reason === 'pending-deletion');
  if (deleted.length > 0)
    return failed(`marked for deletion: ${listed(namesOf(deleted))}`, 'maestro secrets upload --restore');
  if (references !== null) return failed(references.message, references.hint ?? 'maestro secrets prepare');
  return ok(`${counted(needed.length, 'secret')}, all that services need`);
}

export function judgeEnvFile(facts: {
  readonly file: string;
  readonly mode: number;
  readonly isTracked: boolean;
  readonly isCommittable: boolean;
}): Judgement {
  const { file, mode, isTracked, isCommittable } = facts;
  if (isTracked)
    return failed(
      `${file} is committed: whoever has the repository has its secrets`,
      `git rm --cached ${quoted(file)}`,
    );
  if (isCommittable) return failed(`git does not ignore ${file}`, `echo '.env*' >> .gitignore`);
  if ((mode & 0o077) !== 0) return warning(`others than its owner may open ${file}`, `chmod 600 ${quoted(file)}`);
  return ok('only its owner may open it, and git ignores it');
}

function namesOf(failures: SecretFacts['failures']): readonly string[] {
  return failures.map(({ name }) => name);
}
