import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import esbuildPlugin from '@size-limit/esbuild';
import filePlugin from '@size-limit/file';
import sizeLimit from 'size-limit';

import type { CheckOutcome } from './api-reports.ts';
import type { Problem } from './events.ts';
import type { PublishablePackage } from './publishable-packages.ts';

const limitsFile = join('etc', 'size-limits.json');

export interface CheckSizesOptions {
  readonly root: string;
  /** Built. */
  readonly packages: readonly PublishablePackage[];
  /** Set the limits anew, a tenth above what was measured. */
  readonly update: boolean;
}

/**
 * Whether no entry of a package is larger than its limit in `etc/size-limits.json`: bytes of its own code, with all that it
 * loads only when needed, bundled and minified; other packages are not part of it.
 */
export async function checkSizes({ root, packages, update }: CheckSizesOptions): Promise<CheckOutcome> {
  const entries = packages.flatMap(entriesOf);
  const sizes = await measure(entries.map(({ file }) => file));
  const measured = new Map(entries.map(({ name }, index) => [name, sizes[index] ?? 0]));
  const path = join(root, limitsFile);
  if (update) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${JSON.stringify(limitsFor(measured), null, 2)}\n`);
  }
  const limits = JSON.parse(await readFile(path, 'utf8').catch(() => '{}')) as Record<string, number>;
  return { subjects: entries.length, problems: compareSizes(measured, new Map(Object.entries(limits))) };
}

/** Whether each size has a limit that it keeps, and each limit is one of something. */
export function compareSizes(
  measured: ReadonlyMap<string, number>,
  limits: ReadonlyMap<string, number>,
): readonly Problem[] {
  const hint = `npm run release -- check --update, then commit ${limitsFile}, if it is meant to be so`;
  const problem = (subject: string, message: string) => ({ subject, check: 'size', message, hint });
  const tooLarge = [...measured].flatMap(([name, size]) => {
    const limit = limits.get(name);
    if (limit === undefined) return [problem(name, `has ${size} bytes and no limit`)];
    return size > limit ? [problem(name, `has ${size} bytes, its limit is ${limit}`)] : [];
  });
  const stale = [...limits.keys()].filter((name) => !measured.has(name));
  return [...tooLarge, ...stale.map((name) => problem(name, 'has a limit and is no entry of any package'))];
}

/** A tenth more, in full hundreds. */
export function limitsFor(measured: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...measured].map(([name, size]) => [name, Math.ceil((size * 1.1) / 100) * 100]));
}

function entriesOf({ folder, manifest }: PublishablePackage): readonly { name: string; file: string }[] {
  const modules = Object.entries(manifest.exports ?? {}).flatMap(([path, target]) => {
    if (typeof target === 'string' || target.default === undefined) return [];
    return [{ name: manifest.name + path.slice(1), file: join(folder, target.default) }];
  });
  const programs = Object.entries(manifest.bin ?? {}).map(([name, file]) => ({
    name: `${manifest.name} (${name})`,
    file: join(folder, file),
  }));
  return [...modules, ...programs];
}

type Measured = readonly { readonly size?: number }[];

async function measure(files: readonly string[]): Promise<readonly number[]> {
  const checks = files.map((file) => ({
    files: [file],
    brotli: false,
    modifyEsbuildConfig: (config: object) => ({
      ...config,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      splitting: true,
      logLevel: 'error',
    }),
  }));
  const measured = (await sizeLimit([esbuildPlugin, filePlugin], { checks, configPath: process.cwd() })) as Measured;
  return measured.map(({ size }) => size ?? 0);
}
