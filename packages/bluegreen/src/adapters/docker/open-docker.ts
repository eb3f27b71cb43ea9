import type { Generation } from '../../plan/generation.ts';
import type { ExecInInstance } from '../../ports/instance-exec.ts';
import type { InstanceLogs } from '../../ports/instance-logs.ts';
import type { JobRunner } from '../../ports/job-runner.ts';
import type { CommandProbe } from '../../ports/probe.ts';
import type { Router } from '../../ports/router.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { TrafficSource } from '../../ports/traffic.ts';
import { type NginxOptions, openNginx } from '../nginx/open-nginx.ts';
import { type Containers, type ContainersOptions, openContainers } from './open-containers.ts';

export interface DockerOptions extends ContainersOptions {
  /** How nginx is run; that of this machine by default. */
  readonly nginx?: Pick<NginxOptions, 'goodbyeMs' | 'program' | 'workerUser'> | undefined;
}

/** An environment of containers on one Docker Engine, behind nginx. */
export interface DockerEnvironment {
  readonly runtime: Runtime;
  readonly router: Router;
  readonly traffic: TrafficSource;
  readonly jobs: JobRunner;
  /** For `openBlueGreen`: runs the command of a health check in containers. */
  readonly commandProbe: CommandProbe;
  readonly logs: InstanceLogs;
  readonly exec: ExecInInstance;
  /** Starts nginx where it has served before, makes the network, and sees to it that what is live comes back after a restart. */
  ensureRunning(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Has a new nginx take over from the one that runs, with no moment in which nobody listens. */
  replaceProxy(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Ends nginx and every container, the live ones too, and removes containers and network; volumes stay. */
  shutdown(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

/**
 * Opens a Docker environment and makes its network where that is not there; nothing else is started yet. Also while the engine is
 * away, once the environment has been deployed to: traffic can then still be switched. Throws `BLUEGREEN_ENGINE_UNREACHABLE`,
 * `BLUEGREEN_ENGINE_FAILED`, `BLUEGREEN_NETWORK_UNFIT`.
 */
export async function openDocker(
  options: DockerOptions,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<DockerEnvironment> {
  const { stateFolder, clock, logger } = options;
  const containers: Containers = openContainers({ ...options, generation: () => generation() });
  const servicesHost = await containers.servicesHost({ signal });
  const nginx = openNginx({
    ...options.nginx,
    stateFolder,
    slots: containers.addresses,
    servicesHost,
    clock,
    logger,
  });
  const generation = (): Promise<Generation | null> => nginx.router.generation();
  return {
    runtime: containers.runtime,
    router: nginx.router,
    traffic: nginx.traffic,
    jobs: containers.jobs,
    commandProbe: containers.commandProbe,
    logs: containers.logs,
    exec: containers.exec,
    ensureRunning: async (call) => {
      // First what serves: it needs no engine.
      await nginx.ensureRunning(call);
      await containers.ensureRunning(call);
    },
    replaceProxy: (call) => nginx.replaceProxy(call),
    shutdown: async (call) => {
      await nginx.shutdown();
      await containers.remove(call);
    },
  };
}
