import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { type Clock, withDeadline, writeFileDurably } from '@maestro/core';
import { z } from 'zod';

import { endedWith } from '../../ended-with.ts';
import { BlueGreenError, jobTimeout, slotBusy } from '../../errors.ts';
import type { JobResult, JobRunner, JobSpec } from '../../ports/job-runner.ts';
import { adopt, launchHeld, type ServiceProcess, terminate } from './daemon/service-process.ts';
import type { EmbeddedRuntimeOptions } from './embedded-runtime.ts';
import { lastLines } from './log-tail.ts';
import type { StateLayout } from './state-layout.ts';

export interface EmbeddedJobsOptions extends Pick<EmbeddedRuntimeOptions, 'unpack'> {
  readonly layout: StateLayout;
  readonly clock: Clock;
}

interface Cancellable {
  readonly signal?: AbortSignal | undefined;
}

/** What is written down of a job that runs, so that the next deployer finds it; nothing secret. */
const recordSchema = z.object({
  release: z.string(),
  configHash: z.string(),
  image: z.string(),
  pid: z.int(),
  identity: z.string(),
});
type JobRecord = z.infer<typeof recordSchema>;

const shownLines = 20;
/** Between being asked to end and being forced to. */
const stopMs = 10_000;

// The shell waits until the job is written down: where its deployer dies before that, nobody would know of it. It is also
// what tells a later deployer how the job ended, where the one that began it is gone.
const onceWrittenDown = 'read -r _ || exit 0; "$@" </dev/null; printf %s "$?" > "$0.part" && mv -f "$0.part" "$0"';

/** Jobs as processes of their own, which go on when their deployer dies. */
export class EmbeddedJobs implements JobRunner {
  readonly #options: EmbeddedJobsOptions;

  constructor(options: EmbeddedJobsOptions) {
    this.#options = options;
  }

  async run(
    { timeoutMs, ...spec }: JobSpec & { readonly timeoutMs: number },
    { signal }: Cancellable = {},
  ): Promise<JobResult> {
    const name = nameOf(spec);
    const files = this.#filesOf(name);
    const process = (await this.#begun(spec, name)) ?? (await this.#begin(spec, name, { signal }));
    if (process !== 'ended') await this.#untilEnded(process, { name, timeoutMs, signal });
    const exitCode = await endIn(files.exit);
    const lines = await lastLines(files.log, shownLines);
    await this.#forget(name);
    return { exitCode, exit: endedWith(exitCode), lines };
  }

  async end({ service, job, release }: Pick<JobSpec, 'job' | 'release' | 'service'>): Promise<void> {
    const name = nameOf({ service, job });
    const record = await this.#read(name);
    if (record?.release === release) await this.#endOf(name, record);
  }

  /** Ends those that run: the environment is being stopped. */
  async endAll(): Promise<void> {
    for (const file of await readdir(this.#options.layout.jobs).catch(() => [])) {
      if (!file.endsWith('.json')) continue;
      const name = file.slice(0, -'.json'.length);
      await this.#endOf(name, await this.#read(name));
    }
  }

  async #endOf(name: string, record: JobRecord | undefined): Promise<void> {
    const process = await this.#running(record);
    if (process !== undefined) await terminate(process, stopMs, this.#options.clock);
    await this.#forget(name);
  }

  /** This very job as a deployer began it that did not see its end; undefined where it is yet to be begun. */
  async #begun(spec: JobSpec, name: string): Promise<ServiceProcess | 'ended' | undefined> {
    const record = await this.#read(name);
    if (record === undefined) return undefined;
    const running = await this.#running(record);
    const isSame = record.release === spec.release && record.configHash === spec.configHash;
    if (isSame) return running ?? ((await hasEnd(this.#filesOf(name).exit)) ? 'ended' : undefined);
    if (running !== undefined) throw slotBusy(name, record.image);
    return undefined;
  }

  async #begin(spec: JobSpec, name: string, { signal }: Cancellable): Promise<ServiceProcess> {
    const { unpack } = this.#options;
    const { release, configHash, image, command, environment, secrets } = spec;
    const files = this.#filesOf(name);
    const folder = await unpack(spec);
    signal?.throwIfAborted();
    await mkdir(this.#options.layout.jobs, { recursive: true, mode: 0o700 });
    await rm(files.exit, { force: true });
    const revealed = Object.entries(secrets).map(([variable, value]) => [variable, value.reveal()] as const);
    const held = await launchHeld({
      name,
      command: ['/bin/sh', '-c', onceWrittenDown, files.exit, ...command],
      folder,
      variables: { ...environment, ...Object.fromEntries(revealed) },
      logFile: files.log,
    });
    const { pid, identity } = held.process;
    const record: JobRecord = { release, configHash, image, pid, identity };
    try {
      await writeFileDurably(files.record, JSON.stringify(record));
    } catch (error) {
      held.giveUp();
      throw error;
    }
    held.letGo();
    return held.process;
  }

  async #untilEnded(
    process: ServiceProcess,
    { name, timeoutMs, signal }: Cancellable & { readonly name: string; readonly timeoutMs: number },
  ): Promise<void> {
    const { clock } = this.#options;
    const late = new BlueGreenError('BLUEGREEN_JOB_TIMEOUT', name);
    try {
      await withDeadline(() => process.ended, { deadlineMs: timeoutMs, clock, signal, onExpired: () => late });
    } catch (error) {
      await terminate(process, stopMs, clock);
      const lines = await lastLines(this.#filesOf(name).log, shownLines);
      await this.#forget(name);
      throw error === late ? jobTimeout(name, { timeoutMs, lines }) : error;
    }
  }

  async #running(record: JobRecord | undefined): Promise<ServiceProcess | undefined> {
    return record === undefined ? undefined : await adopt(record, this.#options.clock);
  }

  async #read(name: string): Promise<JobRecord | undefined> {
    try {
      return recordSchema.parse(JSON.parse(await readFile(this.#filesOf(name).record, 'utf8')));
    } catch {
      // One that was lost, or cut off by a crash: the job is run again.
      return undefined;
    }
  }

  async #forget(name: string): Promise<void> {
    const { record, exit } = this.#filesOf(name);
    await rm(record, { force: true });
    await rm(exit, { force: true });
  }

  #filesOf(name: string) {
    const { jobs, logs } = this.#options.layout;
    return { record: join(jobs, `${name}.json`), exit: join(jobs, `${name}.exit`), log: join(logs, `${name}.log`) };
  }
}

function nameOf({ service, job }: Pick<JobSpec, 'job' | 'service'>): string {
  return `${service}.job-${job}`;
}

async function hasEnd(file: string): Promise<boolean> {
  return (await readFile(file, 'utf8').catch(() => '')) !== '';
}

/** As a shell has it. One that was killed together with its shell has told nobody. */
async function endIn(file: string): Promise<number> {
  const told = await readFile(file, 'utf8').catch(() => '');
  return told === '' ? killed : Number(told);
}

const killed = 137;
