import { type Clock, isoTime, systemClock } from '@maestro/core';

import { slotBusy, slotLive, startFailed } from '../errors.ts';
import { receivesTraffic } from '../plan/generation.ts';
import type { Probe, ProbeResult } from '../ports/probe.ts';
import type { Instance, InstanceAddress, InstanceKey, InstanceSpec, Runtime } from '../ports/runtime.ts';
import { slotName } from '../slots.ts';
import type { MemoryRouter } from './memory-router.ts';

export interface MemoryRuntimeOptions {
  /** Tells which slots are live, and where probes through it go. */
  readonly router: MemoryRouter;
  readonly clock?: Clock | undefined;
  /** What a running instance answers to probes; healthy by default. */
  readonly health?: ((instance: Instance) => ProbeResult) | undefined;
  /** Why an instance cannot be started; undefined, as by default, when it can. */
  readonly refusal?: ((spec: InstanceSpec) => string | undefined) | undefined;
}

const firstPort = 50_000;

/** A runtime whose instances are records. Give its `probe` to `openBlueGreen`, too: nothing listens at their addresses. */
export class MemoryRuntime implements Runtime {
  readonly #options: MemoryRuntimeOptions;
  readonly #clock: Clock;
  readonly #instances = new Map<string, Instance>();
  readonly #kept = new Set<string>();
  readonly #printed = new Map<string, string[]>();
  /** By the port less the first one, the name of the slot and the replica that have it. */
  readonly #ports: { readonly name: string; readonly replica: number }[] = [];

  constructor(options: MemoryRuntimeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  observe(): Promise<readonly Instance[]> {
    return Promise.resolve([...this.#instances.values()]);
  }

  async start(spec: InstanceSpec): Promise<Instance> {
    const name = slotName(spec);
    const before = this.#instances.get(name);
    if (before?.state === 'running') {
      if (before.digest === spec.digest && before.configHash === spec.configHash) return before;
      throw slotBusy(name, before.image);
    }
    const { service, slot, release, image, digest, configHash } = spec;
    const labels = { service, slot, release, image, digest, configHash };
    const instance: Instance = {
      ...labels,
      state: 'running',
      addresses: Array.from({ length: spec.replicas ?? 1 }, (_, replica) => this.#addressOf(name, replica)),
      restarts: 0,
      imageHealth: null,
      startedAt: isoTime(this.#clock),
      exit: null,
    };
    this.#printed.set(name, []);
    this.#kept.delete(name);
    const reason = this.#options.refusal?.(spec);
    if (reason !== undefined) {
      this.#instances.set(name, { ...instance, state: 'crashed', exit: reason });
      throw startFailed(name, reason, 'start it with another command');
    }
    this.#instances.set(name, instance);
    return Promise.resolve(instance);
  }

  stop(key: InstanceKey & { readonly timeoutMs: number }): Promise<void> {
    const name = slotName(key);
    if (receivesTraffic(this.#options.router.live, key)) return Promise.reject(slotLive(name));
    this.#kept.delete(name);
    this.#end(name, { state: 'stopped', exit: 'SIGTERM' });
    return Promise.resolve();
  }

  keepRunning(key: InstanceKey): Promise<void> {
    if (this.#instances.get(slotName(key))?.state === 'running') this.#kept.add(slotName(key));
    return Promise.resolve();
  }

  logs({ lines, ...key }: InstanceKey & { readonly lines: number }): Promise<readonly string[]> {
    return Promise.resolve(lines === 0 ? [] : (this.#printed.get(slotName(key)) ?? []).slice(-lines));
  }

  /** Answers for the instance at an address, or for the one the router would choose. */
  readonly probe: Probe = ({ url, headers }) => {
    const instance = this.#at(url, headers);
    if (instance?.state !== 'running') {
      return Promise.resolve({ healthy: false, reason: 'refused', detail: 'nothing listens at its port' });
    }
    return Promise.resolve(this.#options.health?.(instance) ?? { healthy: true });
  };

  /** Ends an instance as if by itself; one that is kept running is at once started again. */
  crash(key: InstanceKey, exit = 'exit code 1'): void {
    const name = slotName(key);
    const instance = this.#instances.get(name);
    if (instance?.state === 'running' && this.#kept.has(name)) {
      const { restarts } = instance;
      this.#instances.set(name, { ...instance, restarts: restarts + 1, startedAt: isoTime(this.#clock) });
    } else this.#end(name, { state: 'crashed', exit });
  }

  /** Adds a line to what an instance printed. */
  print(key: InstanceKey, line: string): void {
    this.#printed.get(slotName(key))?.push(line);
  }

  #at(url: string, headers: Readonly<Record<string, string>>): Instance | undefined {
    const direct = this.#ports[Number(new URL(url).port) - firstPort];
    if (direct !== undefined) return this.#instances.get(direct.name);
    const key = this.#options.router.destination(url, headers);
    return key === null ? undefined : this.#instances.get(slotName(key));
  }

  #end(name: string, end: Pick<Instance, 'state' | 'exit'>): void {
    const instance = this.#instances.get(name);
    if (instance?.state === 'running') this.#instances.set(name, { ...instance, ...end });
  }

  #addressOf(name: string, replica: number): InstanceAddress {
    const known = this.#ports.findIndex((one) => one.name === name && one.replica === replica);
    const index = known === -1 ? this.#ports.push({ name, replica }) - 1 : known;
    return { host: '127.0.0.1', port: firstPort + index };
  }
}
