import { join } from 'node:path';

import { isMaestroError, silentLogger } from '@maestro/core';

import { type BlueGreenError, startFailed } from '../../errors.ts';
import type { Instance, InstanceKey, InstanceSpec, Runtime } from '../../ports/runtime.ts';
import { slotName } from '../../slots.ts';
import type { ControlClient } from './control-client.ts';
import { emptySchema, instanceSchema, stateSchema } from './control-protocol.ts';
import { observeRecords } from './daemon/instance-records.ts';
import { lastLines } from './log-tail.ts';
import type { StateLayout } from './state-layout.ts';

const answerMs = 10_000;

export interface EmbeddedRuntimeOptions {
  readonly client: ControlClient;
  readonly layout: StateLayout;
  /** Makes an image's files available and returns their folder. */
  readonly unpack: (image: { readonly service: string; readonly digest: string }) => Promise<string>;
}

/** Instances as processes under the environment's daemon. */
export class EmbeddedRuntime implements Runtime {
  readonly #options: EmbeddedRuntimeOptions;

  constructor(options: EmbeddedRuntimeOptions) {
    this.#options = options;
  }

  async observe({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<readonly Instance[]> {
    try {
      const call = { operation: '/state', schema: stateSchema, deadlineMs: answerMs, signal } as const;
      return (await this.#options.client.call(call)).instances;
    } catch (error) {
      if (!isMaestroError(error, 'BLUEGREEN_DAEMON_NOT_RUNNING')) throw error;
      // Services outlive their daemon: those of one that was killed go on, and are not to be started a second time.
      const records = await observeRecords(this.#options.layout.instances, silentLogger);
      return records.map((record) => instanceSchema.parse(record));
    }
  }

  async start(spec: InstanceSpec, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<Instance> {
    const { secrets, replicas = 1, ...rest } = spec;
    if (replicas !== 1) throw oneCopyOnly(slotName(spec), replicas);
    const folder = await this.#options.unpack(spec);
    const revealed = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, value.reveal()]));
    return this.#options.client.call({
      operation: '/start',
      body: { ...rest, folder, secrets: revealed },
      schema: instanceSchema,
      deadlineMs: answerMs,
      signal,
    });
  }

  async stop(
    { service, slot, timeoutMs }: InstanceKey & { readonly timeoutMs: number },
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    await this.#options.client.call({
      operation: '/stop',
      body: { service, slot, timeoutMs },
      schema: emptySchema,
      deadlineMs: timeoutMs + answerMs,
      signal,
    });
  }

  async keepRunning(
    { service, slot }: InstanceKey,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    await this.#options.client.call({
      operation: '/keep-running',
      body: { service, slot },
      schema: emptySchema,
      deadlineMs: answerMs,
      signal,
    });
  }

  logs({ lines, ...key }: InstanceKey & { readonly lines: number }): Promise<readonly string[]> {
    return lastLines(join(this.#options.layout.logs, `${slotName(key)}.log`), lines);
  }
}

function oneCopyOnly(name: string, replicas: number): BlueGreenError {
  const hint = 'set "replicas" to 1 for this environment, or run it in containers';
  return startFailed(name, `${replicas} replicas are wanted, and an embedded environment runs 1`, hint);
}
