import { type Clock, isoTime, systemClock } from '@maestro/core';

import { slotBusy, slotLive, startFailed } from '../errors.ts';
import { liveSlot } from '../plan/generation.ts';
import type { Probe, ProbeResult } from '../ports/probe.ts';
import type { Instance, InstanceKey, InstanceSpec, Runtime } from '../ports/runtime.ts';
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
  readonly #printed = new Map<string, string[]>();
  readonly #ports: string[] = [];

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
    const address = { host: '127.0.0.1', port: this.#portOf(name) };
    const instance: Instance = { ...labels, address, state: 'running', startedAt: isoTime(this.#clock), exit: null };
    this.#printed.set(name, []);
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
    if (liveSlot(this.#options.router.live, key.service) === key.slot) return Promise.reject(slotLive(name));
    this.#end(name, { state: 'stopped', exit: 'SIGTERM' });
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

  /** Ends an instance as if by itself. */
  crash(key: InstanceKey, exit = 'exit code 1'): void {
    this.#end(slotName(key), { state: 'crashed', exit });
  }

  /** Adds a line to what an instance printed. */
  print(key: InstanceKey, line: string): void {
    this.#printed.get(slotName(key))?.push(line);
  }

  #at(url: string, headers: Readonly<Record<string, string>>): Instance | undefined {
    const direct = this.#ports[Number(new URL(url).port) - firstPort];
    if (direct !== undefined) return this.#instances.get(direct);
    const key = this.#options.router.destination(url, headers);
    return key === null ? undefined : this.#instances.get(slotName(key));
  }

  #end(name: string, end: Pick<Instance, 'state' | 'exit'>): void {
    const instance = this.#instances.get(name);
    if (instance?.state === 'running') this.#instances.set(name, { ...instance, ...end });
  }

  #portOf(name: string): number {
    if (!this.#ports.includes(name)) this.#ports.push(name);
    return firstPort + this.#ports.indexOf(name);
  }
}
