import { type Clock, withDeadline } from '@maestro/core';

import { BlueGreenError, slotBusy, slotLive } from '../../errors.ts';
import { type Generation, liveSlot, receivesTraffic } from '../../plan/generation.ts';
import type { Instance, InstanceKey, InstanceSpec, Runtime } from '../../ports/runtime.ts';
import { slotName } from '../../slots.ts';
import { engineFailed, engineUnreachable } from './errors.ts';
import { type FoundReplica, instancesOf, readReplica } from './observed-instances.ts';
import { ReplicaStarter, type ReplicaStarterOptions } from './replica-starter.ts';
import { SharedAnswer } from './shared-answer.ts';

export interface DockerRuntimeOptions extends ReplicaStarterOptions {
  /** The generation that is live at the moment of asking. */
  readonly generation: () => Promise<Generation | null>;
  readonly clock: Clock;
}

interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

const observeMs = 60_000;

/** Instances as containers of one Docker Engine; what is known of them is read from the engine each time. */
export class DockerRuntime implements Runtime {
  readonly #options: DockerRuntimeOptions;
  readonly #starter: ReplicaStarter;
  readonly #observed = new SharedAnswer(async () => instancesOf(await this.#replicas()));
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: DockerRuntimeOptions) {
    this.#options = options;
    this.#starter = new ReplicaStarter(options);
  }

  /** Asks the engine once for all who look at the same time, as the probes of a release do. */
  observe({ signal }: Cancellable = {}): Promise<readonly Instance[]> {
    const { clock, engine } = this.#options;
    return withDeadline(() => this.#observed.get(), {
      deadlineMs: observeMs,
      clock,
      signal,
      onExpired: () => engineUnreachable(engine, new Error(`expected an answer within ${observeMs / 1000} s`)),
    });
  }

  start(spec: InstanceSpec, { signal }: Cancellable = {}): Promise<Instance> {
    return this.#inTurn(spec, async () => {
      const isLive = receivesTraffic(await this.#options.generation(), spec);
      const found = await this.#replicas({ key: spec, signal });
      const other = found.find((replica) => replica.state === 'running' && !isOf(replica, spec));
      if (other !== undefined) throw slotBusy(slotName(spec), other.image);
      await this.#starter.complete(spec, { found, signal });
      if (isLive) await this.#keepRunning(spec, { signal });
      const [instance] = instancesOf(await this.#replicas({ key: spec, signal }));
      if (instance !== undefined) return instance;
      const message = `the containers of ${slotName(spec)} went while they were started`;
      throw new BlueGreenError('BLUEGREEN_SLOT_EMPTY', message, { hint: 'somebody else removed them: start it again' });
    });
  }

  stop(
    { timeoutMs, ...key }: InstanceKey & { readonly timeoutMs: number },
    { signal }: Cancellable = {},
  ): Promise<void> {
    return this.#inTurn(key, async () => {
      if (receivesTraffic(await this.#options.generation(), key)) throw slotLive(slotName(key));
      await this.#stop(await this.#replicas({ key, signal }), { timeoutMs, signal });
    });
  }

  keepRunning(key: InstanceKey, { signal }: Cancellable = {}): Promise<void> {
    return this.#inTurn(key, () => this.#keepRunning(key, { signal }));
  }

  /** The same for all that is live, with one look at it. */
  async keepLiveRunning({ signal }: Cancellable = {}): Promise<void> {
    const generation = await this.#options.generation();
    const found = await this.#replicas({ signal });
    await this.#comeBack(
      found.filter(({ service, slot }) => liveSlot(generation, service) === slot),
      { what: 'keep what is live running', signal },
    );
  }

  async logs({ lines, ...key }: InstanceKey & { readonly lines: number }): Promise<readonly string[]> {
    const ids = (await this.#replicas({ key })).map(({ id }) => id);
    return await this.#told(`show the output of ${slotName(key)}`, this.#options.containers.logs(ids, lines));
  }

  /** Ends and removes every instance, the live ones too: the environment is being shut down. */
  async removeAll({ timeoutMs, signal }: Cancellable & { readonly timeoutMs: number }): Promise<void> {
    const { containers } = this.#options;
    const replicas = await this.#replicas({ signal });
    await this.#stop(replicas, { timeoutMs, signal });
    const removing = Promise.all(replicas.map(({ id }) => containers.remove(id, { signal })));
    await this.#told('remove the containers', removing);
  }

  async #keepRunning(key: InstanceKey, { signal }: Cancellable): Promise<void> {
    await this.#comeBack(await this.#replicas({ key, signal }), { what: `keep ${slotName(key)} running`, signal });
  }

  async #comeBack(
    replicas: readonly FoundReplica[],
    { what, signal }: Cancellable & { readonly what: string },
  ): Promise<void> {
    const keep = ({ id }: FoundReplica) => this.#options.containers.setRestart(id, 'always', { signal });
    await this.#told(what, Promise.all(replicas.filter(({ comesBack }) => !comesBack).map(keep)));
  }

  /** Stopped as it is told here a container stays stopped, also when its engine is started anew. */
  async #stop(
    replicas: readonly FoundReplica[],
    { timeoutMs, signal }: Cancellable & { readonly timeoutMs: number },
  ): Promise<void> {
    const { containers } = this.#options;
    const stopOne = async ({ id }: FoundReplica) => {
      // First, so that the engine does not start it again when it ends in between.
      await containers.setRestart(id, 'unless-stopped', { signal });
      await containers.stop(id, { timeoutMs, signal });
    };
    await this.#told('stop a container', Promise.all(replicas.filter(({ mayRun }) => mayRun).map(stopOne)));
  }

  /** Of the environment, or of one slot. */
  async #replicas(options: Cancellable & { readonly key?: InstanceKey } = {}): Promise<readonly FoundReplica[]> {
    const found = await this.#told('list the containers', this.#options.containers.inspectAll('instance', options));
    return found.flatMap((container) => readReplica(container) ?? []);
  }

  async #told<T>(what: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw engineFailed(this.#options.engine, what, error);
    }
  }

  /** One change of a slot at a time. */
  #inTurn<T>(key: InstanceKey, work: () => Promise<T>): Promise<T> {
    const name = slotName(key);
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(work);
    this.#turns.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  }
}

function isOf(replica: FoundReplica, spec: InstanceSpec): boolean {
  return replica.digest === spec.digest && replica.configHash === spec.configHash;
}
