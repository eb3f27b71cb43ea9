import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Part } from './part.ts';
import { type PartName, parts, type SuiteOf } from './parts.ts';
import type { Run } from './runs.ts';
import type { StateFolder } from './state-folder.ts';
import { newSuiteName } from './suite-name.ts';
import { useOwnPart, useSharedPart } from './use-part.ts';

/** What a suite has of each part it needs. */
export type SuiteParts<Name extends PartName> = { readonly [Each in Name]: SuiteOf<Each> };

export interface OpenSuiteOptions<Name extends PartName> {
  readonly needs: readonly Name[];
  readonly run: Run;
  readonly state: StateFolder;
  readonly say: (line: string) => void;
}

export interface OpenedSuite<Name extends PartName> extends AsyncDisposable {
  readonly parts: SuiteParts<Name>;
}

/** Takes parts into use, installing and starting what is not there, and gives the suite data of its own on each. */
export async function openSuite<Name extends PartName>(options: OpenSuiteOptions<Name>): Promise<OpenedSuite<Name>> {
  const name = newSuiteName(options.run.id, options.state);
  await using opening = new AsyncDisposableStack();
  const opened: Record<string, AsyncDisposable> = {};
  for (const need of options.needs) opened[need] = opening.use(await openPart(parts[need], name, options));
  const stack = opening.move();
  return { parts: opened as SuiteParts<Name>, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function openPart(
  part: Part,
  suite: string,
  { run, state, say }: Omit<OpenSuiteOptions<never>, 'needs'>,
): Promise<AsyncDisposable> {
  if (part.kind === 'shared') {
    return await part.openSuite({ suite, address: await useSharedPart(part, { state, user: run.id, say }) });
  }
  const programs = await useOwnPart(part, { state, say });
  const folder = join(run.folder, suite, part.name);
  await mkdir(folder, { recursive: true });
  return await part.openSuite({ programs, folder });
}
