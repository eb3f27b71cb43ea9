import type { ReleaseHistory } from '@maestro/image-store';
import type { ResolvedEnvironment } from '@maestro/registry';

import type { Environment } from './environment.ts';
import type { ImageParts } from './images/image-parts.ts';
import { openImages } from './images/open-images.ts';
import type { DeploymentLock } from './lock/deployment-lock.ts';
import { openEnvironmentLock } from './lock/environment-lock.ts';
import { openEnvironmentMigrations } from './migrations/open-migrations.ts';
import { observeMetrics } from './operations/metrics.ts';
import { viewProxy } from './operations/proxy-view.ts';
import { execInService } from './operations/run-beside.ts';
import { serviceLogs } from './operations/service-logs.ts';
import { abort, deploy, resume, rollback } from './release/conduct.ts';
import type { Parts } from './release/parts.ts';
import { proposeDeployment } from './release/propose-deployment.ts';
import { releasedSecrets } from './release/released-secrets.ts';
import { versionsInUse } from './release/versions-in-use.ts';
import { openEnvironmentSecrets } from './secrets/open-environment-secrets.ts';
import type { SecretParts } from './secrets/secret-parts.ts';
import { observeStatus } from './status.ts';

export interface ReleaseEnvironmentOptions extends Omit<SecretParts, 'alone' | 'releasedSecrets' | 'versionsInUse'> {
  readonly environment: ResolvedEnvironment;
  readonly lock: DeploymentLock;
  /** Opened with the first call that needs them, as the others are. */
  readonly parts: () => Promise<Parts>;
  readonly images: () => Promise<ImageParts>;
  readonly history: () => Promise<ReleaseHistory>;
}

/** An environment, whatever runs it. */
export function releaseEnvironment(options: ReleaseEnvironmentOptions): Environment {
  const { environment, lock, parts, images, history, secrets, other, clock, logger } = options;
  return {
    project: environment.project,
    name: environment.name,
    file: environment.file,
    plan: async (planOptions = {}) => {
      const signal = planOptions.signal ?? new AbortController().signal;
      const { plan, affected } = await proposeDeployment(await parts(), planOptions, signal);
      const { hash, steps, services } = plan;
      return { environment: environment.name, hash, steps, services, ...(affected !== undefined && { affected }) };
    },
    deploy: async (deployOptions = {}) => deploy(await parts(), deployOptions),
    rollback: async (rollbackOptions = {}) => rollback(await parts(), rollbackOptions),
    resume: async (runOptions = {}) => resume(await parts(), runOptions),
    abort: async (runOptions = {}) => abort(await parts(), runOptions),
    status: async ({ signal } = {}) => observeStatus(await parts(), signal),
    history: async ({ signal } = {}) => (await history()).list({ environment: environment.name }, { signal }),
    logs: async (logsOptions) => serviceLogs(await parts(), logsOptions),
    exec: async (execOptions) => execInService(await parts(), execOptions),
    metrics: async ({ signal } = {}) => observeMetrics(await parts(), signal),
    proxy: { show: async ({ signal } = {}) => viewProxy(await parts(), signal) },
    lock: openEnvironmentLock(lock),
    images: openImages(images),
    migrations: openEnvironmentMigrations({ environment, secrets, clock, logger }),
    secrets: openEnvironmentSecrets({
      environment,
      secrets,
      other,
      alone: async (purpose, work) => {
        await using _ = await lock.acquire(purpose);
        return await work();
      },
      versionsInUse: async (secret, signal) => versionsInUse(await parts(), secret, signal),
      releasedSecrets: async (signal) => releasedSecrets(await parts(), signal),
      clock,
      logger,
    }),
    stop: async ({ signal } = {}) => {
      await using _ = await lock.acquire('stop');
      await (await parts()).shutdown(signal);
    },
    // Nothing else stays open between two calls.
    [Symbol.asyncDispose]: async () => {
      await secrets?.[Symbol.asyncDispose]();
    },
  };
}
