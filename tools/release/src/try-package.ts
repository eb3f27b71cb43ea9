import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { isMaestroError } from '@maestro/core';

import { programFailed } from './errors.ts';
import type { Problem, Trial } from './events.ts';
import type { NodeVersion } from './node-versions.ts';
import { type PackedPackage, toolEnvironment } from './pack-packages.ts';
import { codeExports } from './publishable-packages.ts';
import type { ReleaseContext } from './release-context.ts';
import { runProgram } from './run-program.ts';

export interface TryPackageOptions {
  /** The tree with the tools. */
  readonly root: string;
  /** Where the empty project is made. */
  readonly folder: string;
  /** Of the npm repository that the package is installed from. */
  readonly npmrc: string;
  readonly packed: PackedPackage;
  readonly node: NodeVersion;
  /** Types do not depend on the Node: once is enough. */
  readonly withTypes: boolean;
}

export interface Tried {
  readonly trial: Trial;
  readonly problems: readonly Problem[];
}

const installDeadlineMs = 5 * 60_000;
const runDeadlineMs = 5 * 60_000;
const importExports = join(import.meta.dirname, '..', 'consumer', 'import-exports.mjs');

/** Installs a package alone into an empty project, imports what it exports, runs its programs, checks its types. */
export async function tryPackage(options: TryPackageOptions, context: ReleaseContext): Promise<Tried> {
  const { packed, node, withTypes } = options;
  const { name } = packed.manifest;
  const start = context.clock.monotonic();
  const problems: Problem[] = [];
  const attempt = async (check: string, work: () => Promise<number>) => {
    try {
      return await work();
    } catch (error) {
      if (!isMaestroError(error)) throw error;
      problems.push({ subject: name, check, message: error.message, hint: error.hint });
      return undefined;
    }
  };
  const project = join(options.folder, `${packed.shortName}-on-${node.version}`);
  const check = `Node ${node.version}`;
  const installed = await attempt(check, () => install(project, options, context));
  const used = installed === undefined ? undefined : await attempt(check, () => useAll(project, options, context));
  if (withTypes && installed !== undefined) await attempt('types', () => checkTypes(project, options, context));
  const failed = (what: string) => problems.some((problem) => problem.check === what);
  const trial = {
    package: name,
    node: node.version,
    ok: !failed(check),
    types: withTypes ? !failed('types') : null,
    durationMs: Math.round(context.clock.monotonic() - start),
    exports: used ?? 0,
  };
  return { trial, problems };
}

async function useAll(project: string, options: TryPackageOptions, context: ReleaseContext): Promise<number> {
  return (await useExports(project, options, context)) + (await runPrograms(project, options, context));
}

async function install(project: string, { npmrc, packed, node }: TryPackageOptions, context: ReleaseContext) {
  await mkdir(project);
  await writeFile(join(project, '.npmrc'), npmrc);
  await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const { name, version } = packed.manifest;
  // The Node has to suit all that is installed with it, too.
  const args = ['install', `${name}@${version}`, '--engine-strict', '--prefer-offline', '--loglevel=error'];
  await on(node, { program: 'npm', args, folder: project, deadlineMs: installDeadlineMs }, context);
  return 1;
}

async function useExports(project: string, { packed, node }: TryPackageOptions, context: ReleaseContext) {
  await copyFile(importExports, join(project, 'import-exports.mjs'));
  const { name } = packed.manifest;
  const { programs } = await codeExports(packed);
  const args = ['import-exports.mjs', name, ...programs.map(({ path }) => name + path.slice(1))];
  const { stdout } = await on(node, { program: 'node', args, folder: project, deadlineMs: runDeadlineMs }, context);
  return stdout.trim().split('\n').length;
}

/** Each program of a package says its version and how it is used. */
async function runPrograms(project: string, { packed, node }: TryPackageOptions, context: ReleaseContext) {
  const names = Object.keys(packed.manifest.bin ?? {});
  for (const name of names) {
    const program = join('node_modules', '.bin', name);
    const run = async (argument: string, expected: RegExp) => {
      const call = { program, args: [argument], folder: project, deadlineMs: runDeadlineMs };
      const { stdout } = await on(node, call, context);
      if (expected.test(stdout)) return;
      const reason = `did not print ${expected.source}`;
      throw programFailed({ command: `${program} ${argument}`, folder: project, reason, output: stdout });
    };
    await run('--version', new RegExp(`^${packed.manifest.version.replaceAll('.', '\\.')}\\s*$`));
    await run('--help', /^Usage: /);
  }
  return names.length;
}

async function checkTypes(project: string, { root, packed }: TryPackageOptions, { clock, signal }: ReleaseContext) {
  const { modules } = await codeExports(packed);
  const specifiers = modules.map(({ path }) => packed.manifest.name + path.slice(1));
  if (specifiers.length === 0) return 0;
  const imports = specifiers.map((specifier, index) => `import * as export${index} from '${specifier}';`);
  const uses = specifiers.map((_, index) => `export${index}`).join(', ');
  await writeFile(join(project, 'consumer.ts'), [...imports, `export const all = [${uses}];`, ''].join('\n'));
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(consumerConfig(root)));
  const environment = toolEnvironment(root);
  const program = join(root, 'node_modules', '.bin', 'tsc');
  const args = ['-p', 'tsconfig.json', '--pretty', 'false'];
  await runProgram({ program, args, folder: project, environment, deadlineMs: runDeadlineMs, clock, signal });
  return specifiers.length;
}

/** The strictest project that may use the package: the declarations themselves are checked, too. */
function consumerConfig(root: string) {
  return {
    compilerOptions: {
      target: 'es2023',
      module: 'nodenext',
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
    },
    files: ['consumer.ts'],
  };
}

interface Call {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly deadlineMs: number;
}

/** With this Node as `node`, for programs that are scripts, too. */
function on({ binaries }: NodeVersion, call: Call, { clock, signal }: ReleaseContext) {
  const environment = { ...process.env, PATH: [binaries, process.env.PATH].join(delimiter), FORCE_COLOR: '0' };
  const program = call.program.includes('/') ? join(call.folder, call.program) : call.program;
  return runProgram({ ...call, program, environment, clock, signal });
}
