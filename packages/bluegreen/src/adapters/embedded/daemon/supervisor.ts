import { join } from 'node:path';

import { type Clock, isoTime, type Logger, messageOf } from '@maestro/core';

import { BlueGreenError } from '../../../errors.ts';
import { type Generation, liveSlot } from '../../../plan/generation.ts';
import type { Instance, InstanceAddress, InstanceKey } from '../../../ports/runtime.ts';
import { slotName } from '../../../slots.ts';
import { instanceSchema, type StartRequest } from '../control-protocol.ts';
import { type InstanceRecord, readRecords, writeRecords } from './instance-records.ts';
import { findPort } from './ports.ts';
import { adopt, launch, type ServiceProcess, terminate } from './service-process.ts';

export interface SupervisorOptions {
  readonly recordsFile: string;
  readonly logFolder: string;
  /** The generation that is live at the moment of asking. */
  readonly generation: () => Generation | null;
  /** Ports that are not for instances. */
  readonly reservedPorts: () => Iterable<number>;
  /** Called when an instance no longer answers at its address. */
  readonly onGone: (key: InstanceKey) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Held {
  record: InstanceRecord;
  process: ServiceProcess | null;
  /** What it was started with; null for one that an earlier daemon started. */
  request: StartRequest | null;
  stopping: boolean;
  restarts: number;
}

const restartPauseMs = { first: 200, longest: 10_000 };
/** After so long without a crash the next one is a first one again. */
const settledAfterMs = 30_000;

/** Holds the instances of an environment: starts, stops, restarts what crashes while live, and remembers on disk. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #held = new Map<string, Held>();
  readonly #turns = new Map<string, Promise<unknown>>();
  #saving: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Takes over the instances of an earlier daemon that still run. */
  async recover(): Promise<void> {
    const { recordsFile, clock, logger } = this.#options;
    for (const record of await readRecords(recordsFile, logger)) {
      const process = record.state === 'running' ? await adopt(record, clock) : undefined;
      const held: Held = { record, process: process ?? null, request: null, stopping: false, restarts: 0 };
      this.#held.set(slotName(record), held);
      if (process !== undefined) this.#follow(held, process);
      else if (record.state === 'running') held.record = crashed(record, 'ended while no daemon ran');
    }
    await this.#save();
  }

  instances(): readonly Instance[] {
    return [...this.#held.values()].map(({ record }) => instanceSchema.parse(record));
  }

  /** Where a slot's running instance answers. */
  addressOf(key: InstanceKey): InstanceAddress | undefined {
    const record = this.#held.get(slotName(key))?.record;
    return record?.state === 'running' ? record.address : undefined;
  }

  start(request: StartRequest): Promise<Instance> {
    return this.#inTurn(request, () => this.#start(request));
  }

  async #start(request: StartRequest): Promise<Instance> {
    const name = slotName(request);
    const before = this.#held.get(name);
    if (before?.record.state === 'running') {
      if (sameLabels(before.record, request)) return this.#instance(name);
      throw new BlueGreenError('BLUEGREEN_SLOT_BUSY', `${name} already runs ${before.record.image}`, {
        hint: 'maestro status shows what runs; stop that instance first',
      });
    }
    const port = await this.#portFor(name);
    const held: Held = {
      record: { ...labelsOf(request), ...this.#running(port), pid: 0, identity: 'starting' },
      process: null,
      request,
      stopping: false,
      restarts: 0,
    };
    this.#held.set(name, held);
    try {
      await this.#launch(held, request);
    } catch (error) {
      held.record = crashed(held.record, messageOf(error));
      await this.#save();
      throw error;
    }
    return this.#instance(name);
  }

  async stop(key: InstanceKey & { readonly timeoutMs: number }): Promise<void> {
    if (liveSlot(this.#options.generation(), key.service) === key.slot) {
      throw new BlueGreenError('BLUEGREEN_SLOT_LIVE', `${slotName(key)} receives traffic and is not stopped`, {
        hint: 'maestro rollback, or deploy another version: then it is the idle slot',
      });
    }
    await this.#inTurn(key, () => this.#end(key, key.timeoutMs));
  }

  /** Ends every instance, the live ones too: the environment is being stopped. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#held.values()].map(({ record }) => this.#inTurn(record, () => this.#end(record, timeoutMs))));
    await this.#saving;
  }

  logFile(key: InstanceKey): string {
    return join(this.#options.logFolder, `${slotName(key)}.log`);
  }

  async #end(key: InstanceKey, timeoutMs: number): Promise<void> {
    const held = this.#held.get(slotName(key));
    if (held === undefined) return;
    held.stopping = true;
    if (held.process === null) return;
    this.#options.onGone(key);
    await terminate(held.process, timeoutMs, this.#options.clock);
    await this.#saving;
  }

  async #launch(held: Held, request: StartRequest): Promise<void> {
    const { port, host } = held.record.address;
    const process = await launch({
      name: slotName(request),
      command: request.command,
      folder: request.folder,
      variables: { ...request.environment, ...request.secrets, HOST: host, PORT: String(port) },
      logFile: this.logFile(request),
    });
    held.process = process;
    held.record = { ...held.record, ...this.#running(port), pid: process.pid, identity: process.identity };
    this.#follow(held, process);
    await this.#save();
  }

  #follow(held: Held, process: ServiceProcess): void {
    void process.ended.then(async (exit) => {
      held.process = null;
      if (this.#options.clock.now() - Date.parse(held.record.startedAt) > settledAfterMs) held.restarts = 0;
      held.record = held.stopping ? { ...held.record, state: 'stopped', exit } : crashed(held.record, exit);
      this.#options.onGone(held.record);
      await this.#save();
      if (!held.stopping) await this.#restart(held);
    });
  }

  /** Only what receives traffic comes back by itself: a new version that crashes while it is probed has failed. */
  async #restart(held: Held): Promise<void> {
    const { clock, logger, generation } = this.#options;
    const name = slotName(held.record);
    logger.warn('an instance crashed', { instance: name, exit: held.record.exit });
    while (held.request !== null && this.#isRestartable(name, held)) {
      if (liveSlot(generation(), held.record.service) !== held.record.slot) return;
      await clock.sleep(Math.min(restartPauseMs.first * 2 ** held.restarts, restartPauseMs.longest));
      if (!this.#isRestartable(name, held)) return;
      held.restarts += 1;
      try {
        await this.#launch(held, held.request);
        logger.info('an instance was restarted', { instance: name, restarts: held.restarts });
        return;
      } catch (error) {
        logger.error('an instance could not be restarted', { instance: name, error: messageOf(error) });
      }
    }
  }

  #isRestartable(name: string, held: Held): boolean {
    return !held.stopping && !this.#closed && this.#held.get(name) === held;
  }

  #portFor(name: string): Promise<number> {
    const taken = new Set(this.#options.reservedPorts());
    for (const [other, { record }] of this.#held) if (other !== name) taken.add(record.address.port);
    return findPort({ purpose: `${this.#options.recordsFile} ${name}`, taken });
  }

  #running(port: number) {
    const { clock } = this.#options;
    return {
      state: 'running' as const,
      address: { host: '127.0.0.1', port },
      startedAt: isoTime(clock),
      exit: null,
    };
  }

  #instance(name: string): Instance {
    const instance = this.instances().find((one) => slotName(one) === name);
    if (instance === undefined) throw new BlueGreenError('BLUEGREEN_SLOT_EMPTY', `${name} holds no instance`);
    return instance;
  }

  /** One change of a slot at a time. */
  #inTurn<T>(key: InstanceKey, work: () => Promise<T>): Promise<T> {
    const name = slotName(key);
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(work);
    this.#turns.set(name, turn.catch(ignore));
    return turn;
  }

  /** Saves one after the other, so that the last picture is the one on disk. */
  #save(): Promise<void> {
    const { recordsFile, logger } = this.#options;
    this.#saving = this.#saving.then(async () => {
      try {
        await writeRecords(recordsFile, [...this.#held.values()].map(({ record }) => record));
      } catch (error) {
        // What runs goes on; only the next daemon would not know of it.
        logger.error('the records of instances could not be written', { error: messageOf(error) });
      }
    });
    return this.#saving;
  }
}

function labelsOf({ service, slot, release, image, digest, configHash }: StartRequest) {
  return { service, slot, release, image, digest, configHash };
}

function sameLabels(a: InstanceRecord, b: StartRequest): boolean {
  return a.digest === b.digest && a.configHash === b.configHash;
}

function crashed(record: InstanceRecord, exit: string): InstanceRecord {
  return { ...record, state: 'crashed', exit };
}

function ignore(): void {
  return undefined;
}
