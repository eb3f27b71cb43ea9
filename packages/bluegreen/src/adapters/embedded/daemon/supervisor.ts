import { join } from 'node:path';

import { type Clock, isoTime, type Logger, messageOf } from '@maestro/core';

import { BlueGreenError, slotBusy, slotLive, startFailed } from '../../../errors.ts';
import { type Generation, receivesTraffic } from '../../../plan/generation.ts';
import type { InstanceAddress, InstanceKey } from '../../../ports/runtime.ts';
import { slotName } from '../../../slots.ts';
import { type EmbeddedInstance, instanceSchema, type StartRequest } from '../control-protocol.ts';
import {
  crashed,
  endedUnseen,
  type InstanceRecord,
  labelsOf,
  readRecords,
  RecordWriter,
  sameLabels,
} from './instance-records.ts';
import { SlotPorts } from './ports.ts';
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
  /** Whether it is started again when it ends by itself, also while it receives no traffic. */
  kept: boolean;
  /** Restarts without a settled time in between. */
  streak: number;
}

const restartPauseMs = { first: 200, longest: 10_000 };
/** After so long without a crash the next one is a first one again. */
const settledAfterMs = 30_000;

/** Holds the instances of an environment: starts, stops, restarts what crashes while live, and remembers on disk. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #held = new Map<string, Held>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #ports: SlotPorts;
  readonly #records: RecordWriter;
  #closed = false;

  constructor(options: SupervisorOptions) {
    const { recordsFile: file, reservedPorts: reserved, logger } = options;
    this.#options = options;
    this.#ports = new SlotPorts({ scope: file, reserved });
    this.#records = new RecordWriter({
      file,
      logger,
      records: () => [...this.#held.values()].map(({ record }) => record),
    });
  }

  /** Takes over the instances of an earlier daemon that still run. */
  async recover(): Promise<void> {
    const { recordsFile, clock, logger } = this.#options;
    for (const record of await readRecords(recordsFile, logger)) {
      const process = record.state === 'running' ? await adopt(record, clock) : undefined;
      const held: Held = { record, process: process ?? null, request: null, stopping: false, kept: false, streak: 0 };
      this.#held.set(slotName(record), held);
      this.#ports.keep(slotName(record), record.addresses[0].port);
      if (process !== undefined) this.#follow(held, process);
      else if (record.state === 'running') held.record = endedUnseen(record);
    }
    await this.#records.write();
  }

  instances(): readonly EmbeddedInstance[] {
    return [...this.#held.values()].map(({ record }) => instanceSchema.parse(record));
  }

  /** Where a slot's running instance answers. */
  addressOf(key: InstanceKey): InstanceAddress | undefined {
    const record = this.#held.get(slotName(key))?.record;
    return record?.state === 'running' ? record.addresses[0] : undefined;
  }

  start(request: StartRequest): Promise<EmbeddedInstance> {
    return this.#inTurn(request, () => this.#start(request));
  }

  async #start(request: StartRequest): Promise<EmbeddedInstance> {
    const name = slotName(request);
    if (this.#closed) throw startFailed(name, 'the environment is shutting down', 'maestro deploy starts it again');
    const before = this.#held.get(name);
    if (before?.record.state === 'running') {
      if (sameLabels(before.record, request)) return this.#instance(name);
      throw slotBusy(name, before.record.image);
    }
    const port = await this.#ports.give(name);
    const held: Held = {
      record: {
        ...labelsOf(request),
        ...this.#running(port),
        restarts: 0,
        imageHealth: null,
        pid: 0,
        identity: 'starting',
      },
      process: null,
      request,
      stopping: false,
      kept: false,
      streak: 0,
    };
    this.#held.set(name, held);
    try {
      await this.#launch(held, request);
    } catch (error) {
      held.record = crashed(held.record, messageOf(error));
      await this.#records.write();
      throw error;
    }
    return this.#instance(name);
  }

  stop(key: InstanceKey & { readonly timeoutMs: number }): Promise<void> {
    return this.#inTurn(key, () => {
      if (this.#isLive(key)) throw slotLive(slotName(key));
      return this.#end(key, key.timeoutMs);
    });
  }

  keepRunning(key: InstanceKey): void {
    const held = this.#held.get(slotName(key));
    if (held !== undefined) held.kept = true;
  }

  /** Ends every instance, the live ones too: the environment is being stopped. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    // What is being started just now is ended, too.
    await Promise.all(this.#turns.values());
    await Promise.all(
      [...this.#held.values()].map(({ record }) => this.#inTurn(record, () => this.#end(record, timeoutMs))),
    );
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
    await this.#records.write();
  }

  async #launch(held: Held, request: StartRequest): Promise<void> {
    const [{ port, host }] = held.record.addresses;
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
    await this.#records.write();
  }

  #follow(held: Held, process: ServiceProcess): void {
    void process.ended.then(async (exit) => {
      held.process = null;
      if (this.#options.clock.now() - Date.parse(held.record.startedAt) > settledAfterMs) held.streak = 0;
      held.record = held.stopping ? { ...held.record, state: 'stopped', exit } : crashed(held.record, exit);
      this.#options.onGone(held.record);
      await this.#records.write();
      if (!held.stopping) await this.#restart(held);
    });
  }

  async #restart(held: Held): Promise<void> {
    const { clock, logger } = this.#options;
    const { record, request } = held;
    logger.warn('an instance crashed', { instance: slotName(record), exit: record.exit });
    if (request === null) return;
    let settled = false;
    while (!settled) {
      await clock.sleep(Math.min(restartPauseMs.first * 2 ** held.streak, restartPauseMs.longest));
      settled = await this.#inTurn(record, () => this.#relaunch(held, request));
    }
  }

  /** Returns whether there is nothing left to try. */
  async #relaunch(held: Held, request: StartRequest): Promise<boolean> {
    const { logger } = this.#options;
    const name = slotName(request);
    if (!this.#shouldRun(held)) return true;
    held.streak += 1;
    held.record = { ...held.record, restarts: held.record.restarts + 1 };
    try {
      await this.#launch(held, request);
      logger.info('an instance was restarted', { instance: name, restarts: held.record.restarts });
      return true;
    } catch (error) {
      logger.error('an instance could not be restarted', { instance: name, error: messageOf(error) });
      return false;
    }
  }

  /** Only what is wanted for good comes back by itself: a new version that crashes while it is probed has failed. */
  #shouldRun(held: Held): boolean {
    const current = this.#held.get(slotName(held.record)) === held;
    return current && !held.stopping && !this.#closed && (held.kept || this.#isLive(held.record));
  }

  #isLive({ service, slot }: InstanceKey): boolean {
    return receivesTraffic(this.#options.generation(), { service, slot });
  }

  #running(port: number): Pick<EmbeddedInstance, 'addresses' | 'exit' | 'startedAt' | 'state'> {
    const { clock } = this.#options;
    return {
      state: 'running',
      addresses: [{ host: '127.0.0.1', port }],
      startedAt: isoTime(clock),
      exit: null,
    };
  }

  #instance(name: string): EmbeddedInstance {
    const instance = this.instances().find((one) => slotName(one) === name);
    if (instance === undefined) throw new BlueGreenError('BLUEGREEN_SLOT_EMPTY', `${name} holds no instance`);
    return instance;
  }

  /** One change of a slot at a time. */
  #inTurn<T>(key: InstanceKey, work: () => T | Promise<T>): Promise<T> {
    const name = slotName(key);
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(work);
    this.#turns.set(name, turn.catch(ignore));
    return turn;
  }
}

function ignore(): void {
  return undefined;
}
