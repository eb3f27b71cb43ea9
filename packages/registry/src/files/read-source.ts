import { extname } from 'node:path';

import type { Clock } from '@maestro/core';

import { unreadable } from '../errors.ts';
import { readJson, readYaml } from './read-document.ts';
import { readModule } from './read-module.ts';
import type { Source, TextOf } from './source.ts';

export interface ReadSourceOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Where files are read from; undefined for the disk. */
  readonly textOf: TextOf | undefined;
}

/** Reads a registry file in whichever language its extension names. Throws `REGISTRY_UNREADABLE`. */
export async function readSource(file: string, { clock, signal, textOf }: ReadSourceOptions): Promise<Source> {
  switch (extname(file)) {
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs':
      if (textOf !== undefined) throw onlyAsItIs(file);
      return await readModule(file, { clock, signal });
    case '.json':
      return await readJson(file, textOf);
    case '.yaml':
    case '.yml':
      return await readYaml(file, textOf);
    default:
      throw unreadable({
        file,
        reason: 'expected a file that ends in .ts, .mts, .js, .mjs, .json, .yaml or .yml',
        hint: `rename ${file} after the language it is written in`,
      });
  }
}

/** What a module imports is on the disk, or nowhere. */
function onlyAsItIs(file: string) {
  const reason = 'a module can only be read as it is on the disk';
  return unreadable({ file, reason, hint: 'write the registry as YAML or JSON to have it compared with another time' });
}
