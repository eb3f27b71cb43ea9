import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { runProgram } from '../run-program.ts';
import { type MarkdownDocument, readDocument } from './document.ts';

/** The paths of all files of the repository, those not yet committed too; not what git ignores. */
export async function repositoryFiles(root: string): Promise<readonly string[]> {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '-z'];
  const listed = await runProgram({ program: 'git', args, folder: root });
  const deleted = await runProgram({ program: 'git', args: ['ls-files', '--deleted', '-z'], folder: root });
  const gone = new Set(deleted.split('\0'));
  return listed.split('\0').filter((path) => path !== '' && !gone.has(path));
}

/** Every Markdown file among them, read. */
export function readDocuments(root: string, files: readonly string[]): readonly MarkdownDocument[] {
  return (
    files
      // The reports of API Extractor are declarations in Markdown's clothes, which their own tool compares.
      .filter((path) => path.endsWith('.md') && !path.endsWith('.api.md'))
      .toSorted()
      .map((path) => readDocument(path, readFileSync(join(root, path), 'utf8')))
  );
}
