import { type Clock, isMaestroError, poll } from '@maestro/core';

import { endedWith } from '../../ended-with.ts';
import { BlueGreenError, jobTimeout, slotBusy } from '../../errors.ts';
import type { JobResult, JobRunner, JobSpec } from '../../ports/job-runner.ts';
import type { MountSecrets } from '../../ports/secrets-mount.ts';
import { jobName, labels, type Scope } from './container-labels.ts';
import { jobContainer } from './container-spec.ts';
import type { EngineAddress } from './engine-address.ts';
import type { EngineContainers } from './engine-containers.ts';
import type { EngineImages } from './engine-images.ts';
import type { EnvironmentNetwork } from './environment-network.ts';
import { engineFailed, notStarted, secretsUnwanted } from './errors.ts';

export interface DockerJobsOptions {
  readonly scope: Scope;
  readonly engine: EngineAddress;
  readonly containers: EngineContainers;
  readonly images: EngineImages;
  readonly network: EnvironmentNetwork;
  readonly mountSecrets: MountSecrets | undefined;
  readonly clock: Clock;
}

interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

const intervalMs = 100;
const shownLines = 20;
/** Between being asked to end and being forced to. */
const stopMs = 10_000;

/** Jobs as containers that run once. */
export class DockerJobs implements JobRunner {
  readonly #options: DockerJobsOptions;

  constructor(options: DockerJobsOptions) {
    this.#options = options;
  }

  async run(
    { timeoutMs, ...spec }: JobSpec & { readonly timeoutMs: number },
    { signal }: Cancellable = {},
  ): Promise<JobResult> {
    const { scope, engine } = this.#options;
    const container = jobName(scope, spec);
    try {
      if (!(await this.#isThere(spec, container, { signal }))) await this.#begin(spec, container, { signal });
      return await this.#end(container, { timeoutMs, signal });
    } catch (error) {
      throw engineFailed(engine, `run ${container}`, error);
    }
  }

  async end(job: Pick<JobSpec, 'job' | 'release' | 'service'>, { signal }: Cancellable = {}): Promise<void> {
    const { containers, engine, scope } = this.#options;
    const container = jobName(scope, job);
    try {
      const found = await containers.inspect(container, { signal });
      const of = found?.Config.Labels ?? {};
      if (found === undefined || of[labels.role] !== 'job' || of[labels.release] !== job.release) return;
      if (found.State.Running) await containers.stop(container, { timeoutMs: stopMs });
      await containers.remove(found.Id, { signal });
    } catch (error) {
      throw engineFailed(engine, `end ${container}`, error);
    }
  }

  /** Also those that run: the environment is being shut down. */
  async removeAll({ signal }: Cancellable): Promise<void> {
    const { containers, engine } = this.#options;
    try {
      for (const { Id } of await containers.list('job', { signal })) await containers.remove(Id, { signal });
    } catch (error) {
      throw engineFailed(engine, 'remove the jobs', error);
    }
  }

  /** Whether this very job was begun by a deployer that did not see its end. */
  async #isThere(spec: JobSpec, container: string, { signal }: Cancellable): Promise<boolean> {
    const { containers } = this.#options;
    const found = await containers.inspect(container, { signal });
    if (found === undefined) return false;
    const of = found.Config.Labels ?? {};
    const isSame = of[labels.release] === spec.release && of[labels.config] === spec.configHash;
    if (isSame && found.State.Status !== 'created') return true;
    if (found.State.Running) throw slotBusy(container, of[labels.image] ?? 'another image');
    if (of[labels.role] === 'job') await containers.remove(found.Id, { signal });
    return false;
  }

  async #begin(spec: JobSpec, container: string, { signal }: Cancellable): Promise<void> {
    const { scope, containers, images, network, engine, mountSecrets } = this.#options;
    const secrets = Object.keys(spec.secrets);
    if (secrets.length > 0 && mountSecrets === undefined) throw secretsUnwanted(container, secrets);
    const image = await images.resolve(spec, { name: container, signal });
    await network.ensure({ signal });
    const request = { service: spec.service, slot: null, release: spec.release, secrets: spec.secrets, signal };
    const mount = secrets.length === 0 ? undefined : await mountSecrets?.(request);
    try {
      const json = jobContainer({ scope, spec, network: network.name, image, secrets: mount });
      const id = await containers.create(container, json, { signal });
      for (const joined of spec.container?.networks ?? []) await containers.join(id, joined, { signal });
      await containers.start(id, { signal });
    } catch (error) {
      await this.#discard(container);
      throw notStarted(engine, { name: container, container, image: image.reference }, error);
    }
  }

  /** By its labels: of this name may also be one that somebody else made. */
  async #discard(container: string): Promise<void> {
    const { containers } = this.#options;
    const listed = await containers.list('job').catch(() => []);
    const begun = listed.filter(({ Names }) => Names.includes(`/${container}`));
    await Promise.all(begun.map(({ Id }) => containers.remove(Id).catch(() => undefined)));
  }

  /**
   * Looks at it again and again: the engine's own waiting for an end is over when the engine is started anew. A job whose engine
   * cannot be reached goes on, and stays to be waited for by the next call.
   */
  async #end(
    container: string,
    { timeoutMs, signal }: Cancellable & { readonly timeoutMs: number },
  ): Promise<JobResult> {
    const { containers, clock } = this.#options;
    const looking = poll({
      probe: (probing) => containers.inspect(container, { signal: probing }).catch(whileUnreachable),
      accept: (found) => found !== 'unreachable' && found?.State.Running !== true,
      intervalMs,
      deadlineMs: timeoutMs,
      clock,
      signal,
    });
    const { accepted, value } = await looking.catch(async (error: unknown) => {
      if (signal?.aborted === true) await containers.remove(container).catch(() => undefined);
      throw error;
    });
    if (value === undefined) throw removedMeanwhile(container);
    if (!accepted) await containers.stop(container, { timeoutMs: stopMs });
    const lines = await containers.logs([container], shownLines);
    await containers.remove(container);
    if (!accepted || value === 'unreachable') throw jobTimeout(container, { timeoutMs, lines });
    const { ExitCode, OOMKilled } = value.State;
    return { exitCode: ExitCode, exit: OOMKilled ? 'out of memory' : endedWith(ExitCode), lines };
  }
}

function whileUnreachable(error: unknown): 'unreachable' {
  if (isMaestroError(error, 'BLUEGREEN_ENGINE_UNREACHABLE')) return 'unreachable';
  throw error;
}

function removedMeanwhile(container: string): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_START_FAILED', `${container} was removed while it ran`, {
    hint: 'somebody else removed it: run the job again',
  });
}
