import { rename, stat } from 'node:fs/promises';

import type { NginxLayout } from './nginx-layout.ts';
import type { NginxProgram } from './nginx-program.ts';

const largestBytes = 64 * 1024 * 1024;

export interface LogPlace {
  readonly layout: NginxLayout;
  readonly program: NginxProgram;
}

/** Begins new logs where they have become long; the ones before stay until then. */
export async function rotateLogs({ layout, program }: LogPlace): Promise<void> {
  const sizes = await Promise.all([layout.accessLog, layout.errorLog].map(sizeOf));
  if (Math.max(...sizes) < largestBytes) return;
  for (const log of [layout.accessLog, layout.errorLog]) {
    if ((await sizeOf(log)) > 0) await rename(log, earlierLog(log));
  }
  await program.reopenLogs();
}

export function earlierLog(log: string): string {
  return `${log}.1`;
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}
