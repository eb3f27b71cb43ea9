import {
  alternatingUsers,
  rotateByService,
  type RotatedSecret,
  rotateSecret,
  type RotatingSecretStore,
  singleUser,
} from '@maestro/secrets';

import type { PlannedRotation, RotateOptions, RotationResult } from './environment-secrets.ts';
import { rotationStopped } from './errors.ts';
import { openLoginDatabase } from './open-login-database.ts';
import { type RegisteredRotation, type SecretRotation, wantedRotations } from './registered-rotations.ts';
import { type SecretParts, writableStore } from './secret-parts.ts';

/** Rotates one secret after the other, and stops at the first that cannot be rotated. */
export async function rotateSecrets(parts: SecretParts, options: RotateOptions): Promise<RotationResult> {
  const { dryRun = false, signal } = options;
  const source = writableStore(parts);
  const wanted = wantedRotations(parts.environment, options);
  const store = await source.writable();
  const planned = await Promise.all(wanted.map((rotation) => planOf(rotation, store, signal)));
  if (dryRun) return { store: source.name, planned, rotated: [] };

  const names = wanted.map(({ secret }) => secret);
  const rotated: RotatedSecret[] = [];
  return parts.alone(`rotate ${names.join(', ')}`, async () => {
    for (const [index, rotation] of wanted.entries()) {
      try {
        signal?.throwIfAborted();
        rotated.push(await rotate(rotation, store, parts, options));
      } catch (error) {
        throw rotationStopped(error, { rotated: names.slice(0, index), left: names.slice(index) });
      }
    }
    return { store: source.name, planned, rotated };
  });
}

async function planOf(
  rotation: SecretRotation,
  store: RotatingSecretStore,
  signal: AbortSignal | undefined,
): Promise<PlannedRotation> {
  const { secret, service } = rotation;
  const { current, previous, pending } = (await store.describe(secret, { signal }))?.stages ?? {};
  const isUnfinished = pending !== undefined && pending !== current && pending !== previous;
  return {
    name: secret,
    by: rotation.service === null ? 'aws' : rotation.rotation.strategy,
    service,
    version: current ?? null,
    unfinished: isUnfinished ? pending : null,
  };
}

async function rotate(
  rotation: SecretRotation,
  store: RotatingSecretStore,
  parts: SecretParts,
  { versionsInUse = [], token, onEvent, signal }: RotateOptions,
): Promise<RotatedSecret> {
  const { clock, logger } = parts;
  const { secret: name } = rotation;
  if (rotation.service === null) {
    const { version } = await rotateByService({ store, name, token, clock, signal });
    return { name, version, previous: undefined, outcome: 'rotated' };
  }
  const running = await parts.versionsInUse(name, signal);
  return rotateSecret({
    store,
    name,
    strategy: await strategyOf(rotation, store, parts, signal),
    versionsInUse: [...new Set([...running, ...versionsInUse])],
    token,
    onEvent,
    clock,
    logger,
    signal,
  });
}

async function strategyOf(
  registered: RegisteredRotation,
  store: RotatingSecretStore,
  { clock, logger }: SecretParts,
  signal: AbortSignal | undefined,
) {
  const { strategy, users, probe } = registered.rotation;
  const database = await openLoginDatabase(registered, { store, clock, logger, signal });
  return strategy === 'single-user' ? singleUser({ database, probe }) : alternatingUsers({ database, users, probe });
}
