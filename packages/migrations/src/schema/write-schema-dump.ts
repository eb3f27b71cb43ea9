import { readFile } from 'node:fs/promises';

import { writeFileDurably } from '@maestro/core';

import { dumpFailed } from '../errors.ts';
import type { MigrationEvent } from '../events.ts';
import type { ServiceMigrations } from '../service-migrations.ts';
import { describeSchema } from './dump-schema.ts';

export interface DumpCall {
  readonly file: string;
  readonly emit: (event: MigrationEvent) => void;
  readonly signal: AbortSignal | undefined;
}

/** Writes the schema to a file after a run that went well. */
export async function dumpAfterwards(
  { service, dialect, runner }: ServiceMigrations,
  { file, emit, signal }: DumpCall,
): Promise<void> {
  try {
    const text = await runner.read((reader) => describeSchema(dialect, reader), signal);
    const changed = await replaceText(file, text);
    emit({ type: 'schema-dumped', service, file, changed });
  } catch (error) {
    signal?.throwIfAborted();
    throw dumpFailed(service, file, error);
  }
}

const readableByAll = 0o644;

/** Whether the file said something else; one that says the same keeps its time. */
async function replaceText(file: string, text: string): Promise<boolean> {
  if ((await textOf(file)) === text) return false;
  await writeFileDurably(file, text, { mode: readableByAll });
  return true;
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
