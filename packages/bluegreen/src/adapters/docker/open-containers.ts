import { join } from 'node:path';

import { type Clock, type Logger, silentLogger, systemClock } from '@maestro/core';

import type { Generation } from '../../plan/generation.ts';
import type { ExecInInstance } from '../../ports/instance-exec.ts';
import type { InstanceLogs } from '../../ports/instance-logs.ts';
import type { JobRunner } from '../../ports/job-runner.ts';
import type { CommandProbe } from '../../ports/probe.ts';
import type { MountSecrets } from '../../ports/secrets-mount.ts';
import type { SlotAddresses } from '../../ports/slot-addresses.ts';
import { AddressBook, type Reach } from './address-book.ts';
import { dockerCommandProbe } from './command-probe.ts';
import type { Scope } from './container-labels.ts';
import { dockerExec } from './docker-exec.ts';
import { DockerJobs } from './docker-jobs.ts';
import { DockerLogs } from './docker-logs.ts';
import { DockerRuntime } from './docker-runtime.ts';
import { engineAddress, type EngineCertificates } from './engine-address.ts';
import { engineInfo } from './engine-answers.ts';
import { EngineClient } from './engine-client.ts';
import { EngineContainers } from './engine-containers.ts';
import { EngineImages, type FetchImage } from './engine-images.ts';
import { EngineStreams } from './engine-stream.ts';
import { EnvironmentNetwork } from './environment-network.ts';
import { engineFailed } from './errors.ts';
import { addressesByPlace } from './observed-instances.ts';

export interface ContainersOptions extends Scope {
  /** An absolute path; what outlives the deployer besides containers is kept in it. */
  readonly stateFolder: string;
  /** `unix:///…` or `tcp://<host>:<port>`; by default `DOCKER_HOST`, else the usual socket. */
  readonly engine?: string | undefined;
  /** For an engine behind TLS; by default those that `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` name for `DOCKER_HOST`. */
  readonly certificates?: EngineCertificates | undefined;
  /** Of the environment's network, such as `10.200.4.0/22`; one that nothing has by default. */
  readonly subnet?: string | undefined;
  /**
   * How containers are reached: at their addresses in the network, or where these lead nowhere at ports of 127.0.0.1. By default what
   * the engine says of itself decides: Docker Desktop and rootless engines publish ports.
   */
  readonly reach?: Reach | undefined;
  /** Makes an image available and returns its name there; by default it is looked for under its digest, and not pulled. */
  readonly fetchImage?: FetchImage | undefined;
  /** Without it an instance with secrets is refused. */
  readonly mountSecrets?: MountSecrets | undefined;
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
}

/** The containers of an environment, without what routes to them. */
export interface Containers {
  readonly runtime: DockerRuntime;
  readonly jobs: JobRunner;
  readonly addresses: SlotAddresses;
  /** Runs the command of a health check in containers. */
  readonly commandProbe: CommandProbe;
  readonly logs: InstanceLogs;
  readonly exec: ExecInInstance;
  /** Where what listens on this machine is reached from containers: its own address in their network, as far as it is known. */
  servicesHost(options?: { readonly signal?: AbortSignal | undefined }): Promise<string>;
  /** Makes the network, and sees to it that what is live comes back after a restart. */
  ensureRunning(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Ends and removes all containers, and the network. */
  remove(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

const shutdownStopMs = 10_000;

/** Opens the containers of an environment; the engine is not asked yet. */
export function openContainers(
  options: ContainersOptions & { readonly generation: () => Promise<Generation | null> },
): Containers {
  const { project, environment, generation, mountSecrets, fetchImage } = options;
  const { clock = systemClock, logger = silentLogger } = options;
  const scope = { project, environment };
  const client = new EngineClient({ address: engineAddress(options), clock });
  const streams = new EngineStreams({ address: client.address, clock });
  const containers = new EngineContainers({ client, scope });
  const network = new EnvironmentNetwork({ client, scope, subnet: options.subnet });
  const images = new EngineImages({ client, fetchImage });
  const reach = reachOf(client, options.reach);
  const addresses = new AddressBook({
    file: join(options.stateFolder, 'addresses.json'),
    network,
    reach,
    observed: async () => {
      const listed = await containers.list('instance').catch((error: unknown) => {
        throw engineFailed(client.address, 'list the containers', error);
      });
      return addressesByPlace(listed);
    },
    logger,
  });
  const common = { scope, engine: client.address, containers, images, network, mountSecrets };
  const runtime = new DockerRuntime({ ...common, addresses, reach, generation, clock, logger });
  const jobs = new DockerJobs({ ...common, clock });
  return {
    runtime,
    jobs,
    addresses,
    commandProbe: dockerCommandProbe(containers),
    logs: new DockerLogs({ engine: client.address, streams, containers, clock }),
    exec: dockerExec({ client, streams, containers }),
    servicesHost: (call) => addresses.servicesHost(call),
    ensureRunning: async ({ signal } = {}) => {
      await Promise.all([network.ensure({ signal }), runtime.keepLiveRunning({ signal })]);
    },
    remove: async ({ signal } = {}) => {
      await Promise.all([jobs.removeAll({ signal }), runtime.removeAll({ timeoutMs: shutdownStopMs, signal })]);
      await network.remove({ signal });
      addresses.forget();
    },
  };
}

/** Asked once: an engine stays what it is. */
function reachOf(client: EngineClient, wanted: Reach | undefined): () => Promise<Reach> {
  let found = wanted;
  return async () => {
    if (found !== undefined) return found;
    try {
      const info = await client.read({ method: 'GET', path: '/info' }, engineInfo);
      const isApart = info.OperatingSystem === 'Docker Desktop' || info.SecurityOptions.includes('name=rootless');
      found = isApart ? 'published' : 'bridge';
      return found;
    } catch (error) {
      throw engineFailed(client.address, 'say what it is', error);
    }
  };
}
