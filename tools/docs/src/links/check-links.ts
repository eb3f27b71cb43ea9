import { posix } from 'node:path';

import type { Link, MarkdownDocument } from '../markdown/document.ts';
import type { Problem } from '../problem.ts';

export interface LinkedFiles {
  /** Every Markdown file, by path. */
  readonly documents: ReadonlyMap<string, MarkdownDocument>;
  /** Paths of all files, and of the folders they are in. */
  readonly paths: ReadonlySet<string>;
}

/** The paths of files and of all folders above them. */
export function withFolders(files: readonly string[]): ReadonlySet<string> {
  const paths = new Set(['.', ...files]);
  for (const file of files) {
    for (let folder = posix.dirname(file); folder !== '.'; folder = posix.dirname(folder)) paths.add(folder);
  }
  return paths;
}

export function isExternal({ target }: Link): boolean {
  return /^[a-z][a-z+.-]*:/i.test(target);
}

/** Links of a page within the repository that lead nowhere: to no file, or to no heading of one. */
export function checkLinks(document: MarkdownDocument, linked: LinkedFiles): readonly Problem[] {
  return document.links
    .filter((link) => !isExternal(link))
    .flatMap((link) => {
      const message = flawOf(link, document, linked);
      return message === null ? [] : [{ file: document.path, line: link.line, message }];
    });
}

function flawOf({ target }: Link, document: MarkdownDocument, { documents, paths }: LinkedFiles): string | null {
  const [file = '', anchor] = decodeURI(target).split('#');
  const path = file === '' ? document.path : posix.join(posix.dirname(document.path), file).replace(/\/$/, '');
  if (file.startsWith('/') || path.startsWith('..')) return `the link ${target} leads out of the repository`;
  if (path !== document.path && !paths.has(path)) return `the link ${target} leads to no file: there is no ${path}`;
  if (anchor === undefined) return null;
  const page =
    path === document.path ? document : (documents.get(path) ?? documents.get(posix.join(path, 'README.md')));
  // Lines of sources are anchors of the web page that shows them.
  if (page === undefined)
    return /^L\d+(?:-L\d+)?$/.test(anchor) ? null : `the link ${target} names a heading of no page`;
  return page.anchors.has(anchor) ? null : `the link ${target} leads to no heading of ${page.path}`;
}
