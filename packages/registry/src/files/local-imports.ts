import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** `import … from './x.ts'`, `export … from`, `import './x.ts'`, `import('./x.ts')`, `require('./x.cjs')`. */
const specifier = /\b(?:from|import|require)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g;

/**
 * The files of a project that modules import by relative paths, directly or through others; absolute. It is looked for in
 * their text, so that one which stands in a comment is among them, too.
 */
export async function localImports(modules: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  const waiting = [...modules];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    for (const imported of await importsOf(file)) {
      if (!found.has(imported)) waiting.push(imported);
      found.add(imported);
    }
  }
  return [...found].filter((file) => !modules.includes(file));
}

async function importsOf(file: string): Promise<readonly string[]> {
  if (!/\.[cm]?[jt]s$/.test(file)) return [];
  const text = await textOf(file);
  return [...text.matchAll(specifier)].map(([, , path = '']) => resolve(dirname(file), path));
}

/** Empty for what is not there: somebody wrote of it in a comment. */
async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return '';
  }
}
