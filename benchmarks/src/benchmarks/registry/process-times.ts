import { execFile } from 'node:child_process';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { systemClock } from '@maestro/core';

import type { Context } from '../../benchmark.ts';
import type { ValueBar } from '../../measure/bar.ts';
import { requireCount } from './require-count.ts';
import { environmentName, type Language, sampleRegistry, writeRegistry } from './sample-registry.ts';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const scriptName = 'resolve-registry.mjs';
const script = fileURLToPath(new URL(scriptName, import.meta.url));

/** Processes that load, check and resolve a registry with the compiled package, from their start to their end. */
export async function processTimes(below: string, context: Context): Promise<void> {
  const folder = join(below, 'processes');
  await installCompiled(folder, context);
  for (const language of ['ts', 'json', 'yaml'] as const) {
    await beyondStart({ folder, services: 500, language }, context, { of: 'value', atMost: 500 });
  }
  if (context.quick) return;
  for (const services of [10, 50]) await beyondStart({ folder, services, language: 'ts' }, context);
}

/** As npm would, but from this working tree, whose own compiled files anybody may make anew meanwhile. */
async function installCompiled(folder: string, { signal }: Pick<Context, 'signal'>): Promise<void> {
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@maestro'), { recursive: true });
  for (const name of ['core', 'registry']) {
    const from = join(root, 'packages', name);
    await execute('npm', ['run', 'build', '--silent'], { cwd: from, signal });
    for (const part of ['package.json', 'dist']) {
      await cp(join(from, part), join(modules, '@maestro', name, part), { recursive: true });
    }
  }
  for (const name of ['js-yaml', 'yaml', 'zod']) await symlink(join(root, 'node_modules', name), join(modules, name));
  await cp(script, join(folder, scriptName));
}

interface Process {
  readonly folder: string;
  readonly services: number;
  readonly language: Language;
}

/** What a process takes beyond one of Node's that does nothing, of the same round. */
async function beyondStart(
  { folder, services, language }: Process,
  { pair, record, quick, signal }: Context,
  bar?: ValueBar,
): Promise<void> {
  const file = await writeRegistry(sampleRegistry(services), folder, language);
  const name = `${services} services, ${language}`;
  // As maestro has it: code is compiled, and types are stripped, by the first run alone.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') };
  const ours: Spent[] = [];
  const bare: Spent[] = [];
  const run = async (spent: Spent[], args: readonly string[], expected: number) => {
    const start = systemClock.monotonic();
    const { stdout } = await execute(process.execPath, args, { cwd: folder, env, signal });
    const elapsed = systemClock.monotonic() - start;
    const [found, processor = Number.NaN] = stdout.split(' ').map(Number);
    requireCount(found ?? 0, expected);
    spent.push({ elapsed, processor });
    return elapsed;
  };
  await pair({
    name: `${name}, as a process`,
    unit: 'ms',
    rounds: quick ? 4 : 12,
    ours: () => run(ours, [scriptName, file, environmentName], services),
    peer: { name: 'node -e', measure: () => run(bare, ['--eval', idle], 0) },
  });
  for (const [what, of] of [
    ["beyond Node's start", 'elapsed'],
    ['the same in processor time', 'processor'],
  ] as const) {
    // The first one of each was to warm up.
    const samples = ours.slice(1).map((spent, round) => spent[of] - (bare[round + 1]?.[of] ?? Number.NaN));
    record({ name: `${name}, ${what}`, unit: 'ms', samples, statistic: 'median', ...(bar && { bar }) });
  }
}

/** In milliseconds. */
interface Spent {
  readonly elapsed: number;
  /** Of all threads: on a machine that does nothing else at least what is elapsed, and the same on a busy one. */
  readonly processor: number;
}

/** Says of itself what the script says of itself. */
const idle =
  "const { user, system } = process.cpuUsage(); process.stdout.write('0 ' + String((user + system) / 1000));";
