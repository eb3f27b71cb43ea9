import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

import type { Problem } from '../problem.ts';
import { sourcesOf } from './source-files.ts';

/** A code, and what its package's README says about it. */
interface ErrorCode {
  readonly code: string;
  readonly when: string;
  readonly next: string;
}

export interface ErrorCodes {
  readonly codes: readonly ErrorCode[];
  /** Codes without a row, and rows without a code. */
  readonly problems: readonly Problem[];
}

const shape = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;

/** The codes that the sources of a package throw, each with its row in the table below "Errors" of its README. */
export function errorCodesOf(root: string, folder: string): ErrorCodes {
  const readme = `packages/${folder}/README.md`;
  const rows = rowsIn(readFileSync(join(root, readme), 'utf8'));
  const thrown = thrownCodes(sourcesOf(root, folder), `${folder.replaceAll('-', '_').toUpperCase()}_`);
  const line = rows.values().next().value?.line ?? 1;
  return {
    codes: [...rows.values()].map(({ code, when, next }) => ({ code, when, next })).toSorted(byCode),
    problems: [
      ...[...thrown]
        .filter((code) => !rows.has(code))
        .map((code) => ({
          file: readme,
          line,
          message: `${code} is thrown, and no row of the table of errors tells of it`,
        })),
      ...[...rows.values()]
        .filter(({ code }) => !thrown.has(code))
        .map((row) => ({ file: readme, line: row.line, message: `${row.code} is in no source` })),
    ],
  };
}

/** Codes in the union of a package's codes, and those given to an error anywhere in its sources. */
export function thrownCodes(sources: readonly ts.SourceFile[], prefix: string): ReadonlySet<string> {
  const codes = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) && shape.test(node.text) && node.text.startsWith(prefix)) codes.add(node.text);
    ts.forEachChild(node, visit);
  };
  sources.forEach(visit);
  return codes;
}

interface Row extends ErrorCode {
  readonly line: number;
}

/** Rows of three cells whose first is a code, below a heading "Errors". */
export function rowsIn(readme: string): ReadonlyMap<string, Row> {
  const lines = readme.split('\n');
  const begin = lines.findIndex((line) => /^#+ (?:.* )?[Ee]rrors$/.test(line));
  const rows = new Map<string, Row>();
  for (const [index, line] of lines.entries()) {
    if (begin === -1 || index < begin) continue;
    const [, first = '', when = '', next = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    const code = first.replaceAll('`', '');
    if (shape.test(code)) rows.set(code, { code, when, next, line: index + 1 });
  }
  return rows;
}

function byCode(one: ErrorCode, other: ErrorCode): number {
  return one.code < other.code ? -1 : 1;
}
