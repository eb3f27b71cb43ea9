import { type Clock, createEmitter, type Logger, type Observer, silentLogger, systemClock } from '@maestro/core';

import { notAvailable, pendingDeletions, uploadStopped } from '../errors.ts';
import type { SecretsEvent } from '../events.ts';
import { isSame, type SecretDifference, type SecretsDiff } from '../plan/secrets-diff.ts';
import type { CreateSecretOptions, ManagedSecretStore } from '../ports/managed-secret-store.ts';
import type { SecretStore, StoredSecret } from '../ports/secret-store.ts';

export interface UploadSecretsOptions extends Pick<CreateSecretOptions, 'kmsKey' | 'tags'> {
  readonly from: SecretStore;
  readonly to: ManagedSecretStore;
  /** What `diffSecrets` said of the two: exactly this is done, or refused where either side is another one by now. */
  readonly diff: SecretsDiff;
  /** Takes back the deletion of names that wait for it; without it they are refused before anything is written. */
  readonly restore?: boolean | undefined;
  readonly onEvent?: Observer<SecretsEvent> | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface UploadedSecrets {
  /** Names by what was done, in the order of the diff; all empty where there was nothing to do. */
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly restored: readonly string[];
}

type Done = 'created' | 'changed' | 'restored';

/**
 * Writes what a diff says, each secret on condition that it still is as the diff saw it. `kmsKey` and `tags` are for
 * secrets that are created. Stops at the first that cannot be written, with what was and was not written in the error:
 * `SECRETS_CONFLICT` where somebody else was faster, `SECRETS_VERSION_GONE` where the source has changed,
 * `SECRETS_PENDING_DELETION` before anything is written, or what the store throws. Repeating it is safe.
 */
export async function uploadSecrets(options: UploadSecretsOptions): Promise<UploadedSecrets> {
  const { to, diff, restore = false, clock = systemClock, logger = silentLogger } = options;
  const emit = createEmitter<SecretsEvent>({ onEvent: options.onEvent, clock, logger });
  const pending = diff.secrets.filter(({ change }) => change === 'pending-deletion');
  if (pending.length > 0 && !restore) throw pendingDeletions(to.name, pending.map(nameOf));

  const open = diff.secrets.filter(({ change }) => ['added', 'changed', 'pending-deletion'].includes(change));
  const values = await valuesAsSeen(options, open);
  const done: Record<Done, string[]> = { created: [], changed: [], restored: [] };
  for (const [index, difference] of open.entries()) {
    const { name } = difference;
    try {
      options.signal?.throwIfAborted();
      const how = await write(difference, values.get(name), options);
      done[how].push(name);
      emit({ type: 'secret-uploaded', store: to.name, name, change: how });
    } catch (error) {
      const written = open.slice(0, index).map(nameOf);
      throw uploadStopped(error, { store: to.name, written, left: open.slice(index).map(nameOf) });
    }
  }
  return done;
}

/** A file that was edited since it was compared would bring values that nobody has seen the difference of. */
async function valuesAsSeen({ from, signal }: UploadSecretsOptions, open: readonly SecretDifference[]) {
  if (open.length === 0) return new Map<string, StoredSecret>();
  const pins = new Map(open.flatMap(({ name, from: version }) => (version === undefined ? [] : [[name, { version }]])));
  const { found, failed } = await from.fetch(open.map(nameOf), { pins, signal });
  if (failed.size === 0) return found;
  const failures = [...failed].map(([name, failure]) => ({ need: { name, services: [], through: [] }, ...failure }));
  throw notAvailable(from.name, failures);
}

async function write(
  { name, change, to: replacing }: SecretDifference,
  secret: StoredSecret | undefined,
  { to, kmsKey, tags, signal }: UploadSecretsOptions,
): Promise<Done> {
  if (secret === undefined) throw new Error(`the source gave no answer for ${name}`);
  switch (change) {
    case 'added':
      await to.create(name, secret.value, { kmsKey, tags, signal });
      return 'created';
    case 'pending-deletion':
      await restored(name, secret, { to, signal });
      return 'restored';
    default:
      await to.put(name, secret.value, { replacing, signal });
      return 'changed';
  }
}

/** What it holds is seen only once its deletion was taken back. */
async function restored(
  name: string,
  secret: StoredSecret,
  { to, signal }: Pick<UploadSecretsOptions, 'to' | 'signal'>,
): Promise<void> {
  await to.restore(name, { signal });
  const { found, failed } = await to.fetch([name], { signal });
  const there = found.get(name);
  if (there === undefined) {
    const failure = failed.get(name) ?? { reason: 'missing' };
    throw notAvailable(to.name, [{ need: { name, services: [], through: [] }, ...failure }]);
  }
  if (!isSame(there, secret)) await to.put(name, secret.value, { replacing: there.version, signal });
}

function nameOf({ name }: SecretDifference): string {
  return name;
}
