import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

import type { Clock } from '@maestro/core';

import { checkBlocks } from './blocks/check-blocks.ts';
import { loadCommandLine } from './command-line.ts';
import { DocsError } from './errors.ts';
import type { DocsEvent, DocsResult } from './events.ts';
import { checkLinks, isExternal, withFolders } from './links/check-links.ts';
import { checkExternalLinks } from './links/external-links.ts';
import type { MarkdownDocument } from './markdown/document.ts';
import { readDocuments, repositoryFiles } from './markdown/repository-files.ts';
import { checkApi } from './reference/api-pages.ts';
import { checkReference } from './reference/reference.ts';
import { unknownParts, walk } from './walkthrough/walk.ts';

export interface CheckOptions {
  readonly root: string;
  /** Only these; all, and the reference, where there are none. */
  readonly files: readonly string[];
  /** Whether walkthroughs are run. */
  readonly run: boolean;
  readonly emit: (event: DocsEvent) => void;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Checks everything that the documentation says and that a program can find out. */
export async function check(options: CheckOptions): Promise<DocsResult> {
  const { root, files, run, emit, clock, signal } = options;
  const paths = await repositoryFiles(root);
  const documents = readDocuments(root, paths);
  const chosen = files.length === 0 ? documents : files.map((file) => documentAt(file, documents, root));
  const commandLine = await loadCommandLine(root);
  const linked = { documents: new Map(documents.map((one) => [one.path, one])), paths: withFolders(paths) };
  const external = await checkExternalLinks({ documents: chosen, signal });
  const blocks = checkBlocks(chosen, { root, commandLine, scripts: scriptsIn(root) });
  const problems = [
    ...chosen.flatMap((document) => [...document.problems, ...unknownParts(document), ...checkLinks(document, linked)]),
    ...external.problems,
    ...blocks.problems,
    ...(files.length === 0 ? await checkReference({ root, commandLine }) : []),
    ...(files.length === 0 ? await checkApi({ root }) : []),
    ...(run ? await walk({ root, documents: chosen, emit, clock, signal }) : []),
  ];
  const within = chosen.flatMap(({ links }) => links.filter((link) => !isExternal(link)));
  return {
    type: 'result',
    ok: problems.length === 0,
    counts: {
      pages: chosen.length,
      'links within the repository': within.length,
      'links elsewhere that answer': external.alive,
      ...blocks.counts,
    },
    problems,
    notChecked: [...external.notChecked, ...blocks.notChecked],
  };
}

function documentAt(file: string, documents: readonly MarkdownDocument[], root: string): MarkdownDocument {
  const path = relative(root, resolve(file));
  const document = documents.find((one) => one.path === path);
  if (document !== undefined) return document;
  throw new DocsError('DOCS_UNKNOWN_FILE', `${file} is no Markdown file of this repository`, {
    hint: "git ls-files -co --exclude-standard '*.md'",
  });
}

function scriptsIn(root: string): ReadonlySet<string> {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly scripts: object };
  return new Set(Object.keys(scripts));
}
