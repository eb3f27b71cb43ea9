import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

export interface FaultTestOptions {
  /** What the paths of the files have in common with one of them; all where there is none. */
  readonly filters: readonly string[];
  /** Where what they count is kept. */
  readonly folder: string;
}

/** Runs the files of tests that record faults, and keeps what they count; the exit code of Vitest. */
export async function runFaultTests({ filters, folder }: FaultTestOptions): Promise<number> {
  const files = faultTests().filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));
  if (files.length === 0) {
    process.stderr.write(`no test that records faults is named ${filters.join(' or ')}\n`);
    return 2;
  }
  const child = spawn('vitest', ['run', ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, MAESTRO_RESULTS: folder },
  });
  // Vitest gets Ctrl-C from the terminal, too, and ends its tests before it ends itself.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** Those that call `recordFaults`, or a file beside them that does. */
function faultTests(): readonly string[] {
  const files = globSync('{packages,examples,tools}/*/{src,tests}/**/*.ts', { cwd: root })
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
    .filter(({ path }) => !path.includes('node_modules'));
  const recording = files.filter(({ text }) => text.includes("from '@maestro/services/faults'"));
  const names = recording.map(({ path }) => path).filter((path) => !path.endsWith('.test.ts'));
  const calls = ({ path, text }: (typeof files)[number]) =>
    names.some((name) => dirname(name) === dirname(path) && text.includes(`from './${basename(name)}'`));
  return files
    .filter((file) => file.path.endsWith('.test.ts') && (recording.includes(file) || calls(file)))
    .map(({ path }) => path)
    .sort();
}
