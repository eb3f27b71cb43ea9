import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { messageOf, writeFileDurably } from '@maestro/core';

import { OrchestratorError } from '../errors.ts';
import { definitionSchema, type ReleaseDefinition } from './release-definition.ts';

/** The definitions of an environment's releases, one file each. */
export class ReleaseDefinitions {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(definition: ReleaseDefinition): Promise<void> {
    await writeFileDurably(this.#file(definition.id), `${JSON.stringify(definition, undefined, 2)}\n`);
  }

  /** Throws `ORCHESTRATOR_RELEASE_UNREADABLE`. */
  async read(id: string): Promise<ReleaseDefinition> {
    const file = this.#file(id);
    try {
      return definitionSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    } catch (error) {
      throw new OrchestratorError(
        'ORCHESTRATOR_RELEASE_UNREADABLE',
        `release ${id} cannot be read from ${file}: ${messageOf(error)}`,
        { hint: 'choose another release of maestro history, or deploy the commit anew', cause: error },
      );
    }
  }

  #file(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}
