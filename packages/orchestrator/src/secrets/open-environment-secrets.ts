import { resolve } from 'node:path';

import { selectServices } from '@maestro/registry';
import { diffSecrets, type ListableStore, prepareSecrets, runWithSecrets, uploadSecrets } from '@maestro/secrets';

import { type EnvironmentSecretStore, openDotenv, openSecretStore } from '../open-secret-store.ts';
import type {
  DiffOptions,
  EnvironmentSecret,
  EnvironmentSecrets,
  PolicyOptions,
  PreparedEnvironment,
  PrepareOptions,
  RunCommandOptions,
  UploadOptions,
  UploadResult,
} from './environment-secrets.ts';
import { noRotation, noSecretStore } from './errors.ts';
import { injectSecrets, reinjectSecrets } from './inject-secrets.ts';
import { namesOf, needingServices } from './needed-secrets.ts';
import { readByRotation, registeredRotations } from './registered-rotations.ts';
import { rotateSecrets } from './rotate-secrets.ts';
import { type SecretParts, storeOf, writableStore } from './secret-parts.ts';

export function openEnvironmentSecrets(parts: SecretParts): EnvironmentSecrets {
  return {
    prepare: (options = {}) => prepare(parts, options),
    list: (options = {}) => list(parts, options),
    diff: (options) => diff(parts, options),
    upload: (options) => upload(parts, options),
    run: (options) => run(parts, options),
    policy: (options) => policy(parts, options),
    rotate: (options = {}) => rotateSecrets(parts, options),
    inject: (options = {}) => injectSecrets(parts, options),
    reinject: (options = {}) => reinjectSecrets(parts, options),
  };
}

async function prepare(
  parts: SecretParts,
  { services: names, ...options }: PrepareOptions,
): Promise<PreparedEnvironment> {
  const { environment, clock, logger } = parts;
  const services = needingServices(environment, names);
  const store = storeOf(parts);
  if (services.length === 0) return { store: store.name, services: [] };
  const { versions } = await prepareSecrets({ store, services, clock, logger, ...options });
  return {
    store: store.name,
    services: Object.entries(versions).map(([service, own]) => ({
      service,
      secrets: Object.entries(own).map(([name, version]) => ({ name, version })),
    })),
  };
}

async function list(
  parts: SecretParts,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<readonly EnvironmentSecret[]> {
  const { environment } = parts;
  const rotated = registeredRotations(environment).map((one) => ({
    name: one.service,
    secrets: [one.secret, ...readByRotation(one)],
  }));
  const services = [...needingServices(environment), ...rotated];
  const held = new Map((await storeOf(parts).list({ signal })).map((secret) => [secret.name, secret]));
  return [...new Set([...held.keys(), ...namesOf(services)])].sort().map((name) => {
    const secret = held.get(name);
    const state = secret === undefined ? 'missing' : secret.deletedAt === undefined ? 'stored' : 'pending-deletion';
    return {
      name,
      services: [...new Set(services.filter(({ secrets }) => secrets.includes(name)).map((one) => one.name))],
      state,
      version: secret?.stages.current ?? null,
      kmsKey: secret?.kmsKey ?? null,
      tags: secret?.tags ?? {},
    };
  });
}

async function diff(parts: SecretParts, { file, environment, services, signal }: DiffOptions) {
  const to = environment === undefined ? writableStore(parts) : storeOf(parts);
  await using other = environment === undefined ? null : otherStore(parts, environment);
  const from = other ?? (await fileOf(parts, file));
  return await diffSecrets({ from, to, ...wantedOf(parts, services), signal, clock: parts.clock });
}

async function upload(parts: SecretParts, options: UploadOptions): Promise<UploadResult> {
  const { environment, clock, logger } = parts;
  const { file, services, dryRun = false, restore = false, kmsKey, tags, onEvent, signal } = options;
  const to = await writableStore(parts).writable();
  const from = await fileOf(parts, file);
  const compared = await diffSecrets({ from, to, ...wantedOf(parts, services), signal, clock });
  if (dryRun) return { diff: compared, created: [], changed: [], restored: [] };
  const written = await uploadSecrets({
    from,
    to,
    diff: compared,
    restore,
    kmsKey,
    tags: { 'maestro:project': environment.project, 'maestro:environment': environment.name, ...tags },
    onEvent,
    logger,
    clock,
    signal,
  });
  return { diff: compared, ...written };
}

async function run(parts: SecretParts, options: RunCommandOptions) {
  const { environment, clock, logger } = parts;
  const { command, args, service, redactOutput, pass, signal } = options;
  // What a database is reached with is for whoever migrates it; a service has it only where it names it itself.
  const needing = selectServices(environment.services, service === undefined ? undefined : [service]);
  const secrets = [...new Set(needing.flatMap((one) => one.secrets))];
  const all = namesOf(needingServices(environment));
  const common = { command, args, redactOutput, pass, withhold: all, signal, clock };
  if (secrets.length === 0) return runWithSecrets({ ...common, secrets: {} });
  const services = [{ name: 'run', secrets }];
  const prepared = await prepareSecrets({ store: storeOf(parts), services, clock, logger, signal });
  return runWithSecrets({ ...common, secrets: prepared.forService('run') });
}

async function policy({ environment }: SecretParts, options: PolicyOptions) {
  const { use, account, services, secrets = [], kmsKeys } = options;
  const source = environment.secrets;
  if (source?.source !== 'aws') throw noSecretStore(environment.name, 'does not keep its secrets in AWS');
  const { leastPrivilegePolicy } = await import('@maestro/secrets/aws');
  const { regions, prefix } = source;
  const common = { use, account, regions, prefix, kmsKeys };
  if (use !== 'rotate') {
    const names = [...namesOf(needingServices(environment, services)), ...secrets];
    return leastPrivilegePolicy({ ...common, secrets: names });
  }
  const own = selectServices(environment.services, services).map(({ name }) => name);
  const rotations = registeredRotations(environment).filter(({ service }) => own.includes(service));
  const rotated = rotations.map(({ secret }) => secret);
  const lambdas = secrets.filter((name) => !rotated.includes(name));
  if (rotated.length + lambdas.length === 0) throw noRotation(environment.name, null);
  const reads = rotations.flatMap(readByRotation).filter((name) => !rotated.includes(name));
  return leastPrivilegePolicy({ ...common, secrets: rotated, reads, lambdas });
}

function otherStore({ other, logger }: SecretParts, name: string): EnvironmentSecretStore {
  const environment = other(name);
  return storeOf({ environment, secrets: openSecretStore(environment, { logger }) });
}

function fileOf({ environment, logger }: SecretParts, file: string | undefined): Promise<ListableStore> {
  const { root, name, stateFolder } = environment;
  return openDotenv(file ?? resolve(root, `.env.${name}`), { stateFolder, logger });
}

/** With services only what they need is looked at, and nothing is listed. What a rotation makes comes from no file. */
function wantedOf({ environment }: SecretParts, services: readonly string[] | undefined) {
  const rotated = registeredRotations(environment).map(({ secret }) => secret);
  return services === undefined ? { rotated } : { rotated, names: namesOf(needingServices(environment, services)) };
}
