import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { CommandLine } from '../command-line.ts';
import type { Problem } from '../problem.ts';
import { cliPage } from './cli-page.ts';
import { configurationPage, type JsonSchema } from './configuration-page.ts';
import { differenceOf } from './difference.ts';
import { errorsPage } from './errors-page.ts';
import { eventsPage } from './events-page.ts';
import { metricsPage } from './metrics-page.ts';

export interface ReferenceOptions {
  readonly root: string;
  readonly commandLine: CommandLine;
}

interface Reference {
  /** By path in the repository. */
  readonly pages: ReadonlyMap<string, string>;
  /** What keeps it from being whole. */
  readonly problems: readonly Problem[];
}

/** The reference as the sources have it now. */
async function referenceOf({ root, commandLine }: ReferenceOptions): Promise<Reference> {
  const schema = JSON.parse(readFileSync(join(root, 'packages', 'registry', 'schema.json'), 'utf8')) as JsonSchema;
  const errors = errorsPage(root, commandLine.exitCodeOf);
  const pages = {
    cli: cliPage(commandLine),
    configuration: configurationPage(schema),
    errors: errors.text,
    events: eventsPage(root),
    metrics: await metricsPage(root),
  };
  return {
    pages: new Map(Object.entries(pages).map(([name, text]) => [`docs/reference/${name}.md`, text])),
    problems: errors.problems,
  };
}

/** Writes the reference; which pages changed. */
export async function writeReference(
  options: ReferenceOptions,
): Promise<{ readonly written: readonly { file: string; changed: boolean }[]; readonly problems: readonly Problem[] }> {
  const { pages, problems } = await referenceOf(options);
  const written: { file: string; changed: boolean }[] = [];
  for (const [file, text] of pages) {
    const path = join(options.root, file);
    const changed = (await committed(path)) !== text;
    await mkdir(dirname(path), { recursive: true });
    if (changed) await writeFile(path, text);
    written.push({ file, changed });
  }
  return { written, problems };
}

/** Where the reference is not what the sources say. */
export async function checkReference(options: ReferenceOptions): Promise<readonly Problem[]> {
  const { pages, problems } = await referenceOf(options);
  const outdated = await Promise.all(
    [...pages].map(async ([file, text]) => {
      const difference = differenceOf(await committed(join(options.root, file)), text);
      if (difference === null) return [];
      const message = `is not what the sources say; npm run docs writes it anew\n${difference.summary}`;
      return [{ file, line: difference.line, message }];
    }),
  );
  return [...problems, ...outdated.flat()];
}

async function committed(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '');
}
