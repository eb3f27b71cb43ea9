import { readFile } from 'node:fs/promises';

import { type Logger, messageOf, writeFileDurably } from '@maestro/core';
import { z } from 'zod';

import { instanceSchema } from '../control-protocol.ts';

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

export async function writeRecords(file: string, records: readonly InstanceRecord[]): Promise<void> {
  await writeFileDurably(file, `${JSON.stringify(records, undefined, 2)}\n`);
}
