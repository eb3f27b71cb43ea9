import { readFile } from 'node:fs/promises';

import { type Logger, messageOf, processIdentity, writeFileDurably } from '@maestro/core';
import { z } from 'zod';

import { instanceSchema, type StartRequest } from '../control-protocol.ts';

/** What is written down of an instance: enough for the next daemon to find its process, nothing secret. */
const recordSchema = instanceSchema.extend({ pid: z.int(), identity: z.string() });
export type InstanceRecord = z.infer<typeof recordSchema>;

/** Reads the records of an earlier daemon; none where nothing was written yet. */
export async function readRecords(file: string, logger: Logger): Promise<readonly InstanceRecord[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    return z.array(recordSchema).parse(JSON.parse(text));
  } catch (error) {
    logger.warn('the records of instances cannot be read and start anew', { file, error: messageOf(error) });
    return [];
  }
}

/** The instances of an earlier daemon as they are now: what was written down, held against the processes that run. */
export async function observeRecords(file: string, logger: Logger): Promise<readonly InstanceRecord[]> {
  const records = await readRecords(file, logger);
  return Promise.all(
    records.map(async (record) => {
      const lives = record.state !== 'running' || (await processIdentity(record.pid)) === record.identity;
      return lives ? record : endedUnseen(record);
    }),
  );
}

export interface RecordWriterOptions {
  readonly file: string;
  readonly records: () => readonly InstanceRecord[];
  readonly logger: Logger;
}

/** Writes records one picture after the other, so that the last one is the one on disk. */
export class RecordWriter {
  readonly #options: RecordWriterOptions;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: RecordWriterOptions) {
    this.#options = options;
  }

  /** Resolves when what is to be known now is on disk; never rejects. */
  write(): Promise<void> {
    const { file, records, logger } = this.#options;
    this.#writing = this.#writing.then(async () => {
      try {
        await writeFileDurably(file, `${JSON.stringify(records(), undefined, 2)}\n`);
      } catch (error) {
        // What runs goes on; only the next daemon would not know of it.
        logger.error('the records of instances could not be written', { error: messageOf(error) });
      }
    });
    return this.#writing;
  }
}

export function sameLabels(record: InstanceRecord, wanted: StartRequest): boolean {
  return record.digest === wanted.digest && record.configHash === wanted.configHash;
}

export function labelsOf({ service, slot, release, image, digest, configHash }: StartRequest) {
  return { service, slot, release, image, digest, configHash };
}

export function endedUnseen(record: InstanceRecord): InstanceRecord {
  return crashed(record, 'ended while no daemon ran');
}

export function crashed(record: InstanceRecord, exit: string): InstanceRecord {
  return { ...record, state: 'crashed', exit };
}
