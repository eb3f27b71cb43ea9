import type { Instance, JobRunner } from '@maestro/bluegreen';
import type { MountSecrets } from '@maestro/bluegreen/docker';
import { messageOf } from '@maestro/core';
import { openContainerSecrets, secretsEntrypoint } from '@maestro/secrets/docker';

import { prepareObtainable } from '../release/obtainable-secrets.ts';
import type { Parts } from '../release/parts.ts';
import type { ServiceDefinition } from '../release/release-definition.ts';
import { noContainerUser } from './errors.ts';

interface RefillOptions {
  /** Asked for only where something was emptied. */
  readonly instances: () => Promise<readonly Instance[]>;
  readonly signal: AbortSignal;
}

/** Brings the secrets of a release to its containers, in memory of the engine's machine. */
export interface ReleaseSecrets {
  readonly mount: MountSecrets;
  /** Fills again what a restart of the machine or of the engine has emptied. */
  refill(options: RefillOptions): Promise<void>;
  /** Runs jobs, and leaves nothing of their secrets in memory once they have ended. */
  clearingJobs(jobs: JobRunner): JobRunner;
  /** Once no container is left. */
  removeAll(signal: AbortSignal | undefined): Promise<void>;
}

type SecretsParts = Pick<Parts, 'clock' | 'definitions' | 'environment' | 'logger' | 'secrets'>;

// What stands before a program that reads its environment; the image needs nothing but a shell for it.
export const entrypoint = ['/bin/sh', '-c', secretsEntrypoint, 'secrets-entrypoint'];

export function openReleaseSecrets(parts: SecretsParts): ReleaseSecrets {
  const { environment, clock, logger } = parts;
  const { project, name, images } = environment;
  const containers = openContainerSecrets({ engine: images?.engine, project, environment: name, clock, logger });
  return {
    mount: async ({ service, slot, release, secrets, signal }) => {
      const container = (await definitionOf(parts, release, service))?.container;
      const owner = container?.user;
      if (owner === undefined || owner === null) throw noContainerUser(name, [service]);
      const place = { service, ...(slot === null ? {} : { slot }) };
      const { volume, target, fileVariables } = await containers.inject({ ...place, owner, secrets, signal });
      return { volume, target, fileVariables, ...(container?.secretsAs === 'variables' ? { entrypoint } : {}) };
    },
    refill: async ({ instances, signal }) => {
      if (parts.secrets === null) return;
      const emptied = (await containers.list({ signal })).filter(({ state }) => state !== 'filled');
      if (emptied.length === 0) return;
      const known = await instances();
      await containers.reinject({
        secretsFor: async ({ service, slot }) => {
          const instance = known.find((one) => one.service === service && one.slot === slot);
          if (instance === undefined || instance.state === 'stopped') return undefined;
          const definition = await definitionOf(parts, instance.release, service);
          const prepared = definition === undefined ? null : await prepareObtainable(parts, definition, signal);
          return prepared?.forContainer(service);
        },
        signal,
      });
    },
    clearingJobs: (jobs) => {
      const clear = async (service: string): Promise<void> => {
        try {
          await containers.remove({ service });
        } catch (error) {
          // A job that goes on still has them.
          logger.warn('the secrets of a job stay in memory', { service, reason: messageOf(error) });
        }
      };
      return {
        run: async (spec, options) => {
          try {
            return await jobs.run(spec, options);
          } finally {
            if (Object.keys(spec.secrets).length > 0) await clear(spec.service);
          }
        },
        end: async (job, options) => {
          await jobs.end(job, options);
          await clear(job.service);
        },
      };
    },
    removeAll: async (signal) => {
      for (const place of await containers.list({ signal })) await containers.remove({ ...place, signal });
    },
  };
}

async function definitionOf(
  { definitions }: SecretsParts,
  release: string,
  service: string,
): Promise<ServiceDefinition | undefined> {
  return (await definitions.read(release)).services.find(({ name }) => name === service);
}
