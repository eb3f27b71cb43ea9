import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import type { Tally } from '../tally.ts';
import { instructionRules } from './instruction-rules.ts';
import { readDockerfile } from './read-dockerfile.ts';
import { shellRules } from './shell-rules.ts';

const excluded = new Set(['node_modules', 'out-tsc', 'dist', 'coverage']);

/** What of a Dockerfile breaks a rule, in the order of its lines: `DL3007 at line 2: …`. */
export function problemsOf(text: string): readonly string[] {
  const { stages, isIgnored } = readDockerfile(text);
  return [...instructionRules, ...shellRules]
    .flatMap(({ code, message, check }) => check({ stages }).map((line) => ({ code, message, line })))
    .filter(({ code, line }) => !isIgnored(code, line))
    .sort((a, b) => a.line - b.line || a.code.localeCompare(b.code))
    .map(({ code, line, message }) => `${code} at line ${line}: ${message}`);
}

/** Every `Dockerfile` and `*.Dockerfile` of a folder; one that breaks rules counts as one failure. */
export function checkDockerfiles({ root }: { readonly root: string }): Tally {
  const isExcluded = (path: string) => excluded.has(basename(path)) || basename(path).startsWith('.');
  const files = globSync('**/{Dockerfile,*.Dockerfile}', { cwd: root, exclude: isExcluded });
  const failures = files.sort().flatMap((file) => {
    const problems = problemsOf(readFileSync(join(root, file), 'utf8'));
    return problems.length === 0 ? [] : [[file, ...problems].join('\n  ')];
  });
  return { passed: 0, failed: failures.length, skipped: 0, failures };
}
