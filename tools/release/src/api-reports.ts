import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
} from '@microsoft/api-extractor';

import type { Problem } from './events.ts';
import { codeExports, type ModuleExport, type PublishablePackage } from './publishable-packages.ts';
import type { ReleaseContext } from './release-context.ts';
import { runProgram } from './run-program.ts';

/** Where the reports stand in the tree. */
const reportFolder = join('etc', 'api');
const updateCommand = 'npm run release -- check --update, then commit etc';

export interface CheckApiReportsOptions {
  readonly root: string;
  /** Built. */
  readonly packages: readonly PublishablePackage[];
  /** Write the reports instead of comparing them. */
  readonly update: boolean;
}

export interface CheckOutcome {
  readonly subjects: number;
  readonly problems: readonly Problem[];
}

/** Whether the public API of each entry of each package is the one that its report in `etc/api` shows. */
export async function checkApiReports(options: CheckApiReportsOptions, context: ReleaseContext): Promise<CheckOutcome> {
  const { root, packages, update } = options;
  const folder = await mkdtemp(join(tmpdir(), 'maestro-api-'));
  try {
    const actual = join(folder, 'actual');
    await mkdir(actual);
    await writeReports({ root, packages, into: actual });
    const committed = join(root, reportFolder);
    if (update) await replaceFiles(committed, actual);
    const names = new Set([...(await filesIn(committed)), ...(await filesIn(actual))]);
    const problems: Problem[] = [];
    for (const name of [...names].toSorted()) problems.push(...(await compare(name, { committed, actual }, context)));
    return { subjects: names.size, problems };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface WriteReports {
  readonly root: string;
  readonly packages: readonly PublishablePackage[];
  readonly into: string;
}

/** One report for each entry; the compiler reads all packages at once. */
async function writeReports({ root, packages, into }: WriteReports): Promise<void> {
  const found = await Promise.all(packages.map(async (each) => entriesOf(each, (await codeExports(each)).modules)));
  const entries = found.flat();
  const files = entries.map(({ types }) => types);
  const configs = entries.map((entry) => ({ entry, config: extractorConfig({ root, entry, files, into }) }));
  const [first] = configs;
  if (first === undefined) return;
  const compilerState = CompilerState.create(first.config, { additionalEntryPoints: files });
  for (const { entry, config } of configs) {
    const messageCallback = (message: ExtractorMessage) => (message.handled = true);
    Extractor.invoke(config, { localBuild: true, compilerState, messageCallback });
    const path = join(into, entry.report);
    await writeFile(path, tidy(await readFile(path, 'utf8')));
  }
}

interface Entry {
  readonly found: PublishablePackage;
  readonly report: string;
  /** Path of its declarations. */
  readonly types: string;
}

function entriesOf(found: PublishablePackage, modules: readonly ModuleExport[]): readonly Entry[] {
  return modules.map(({ path, types }) => ({ found, types, report: reportName(found.shortName, path) }));
}

function reportName(shortName: string, path: string): string {
  return `${shortName}${path.slice(1).replaceAll('/', '.')}.api.md`;
}

interface ConfigureExtractor {
  readonly root: string;
  readonly entry: Entry;
  /** All that the compiler reads. */
  readonly files: readonly string[];
  readonly into: string;
}

function extractorConfig({ root, entry, files, into }: ConfigureExtractor): ExtractorConfig {
  const { folder } = entry.found;
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    strict: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
  };
  const off = { enabled: false };
  const silent = { default: { logLevel: ExtractorLogLevel.None } };
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: entry.types,
      compiler: { overrideTsconfig: { compilerOptions, files } },
      apiReport: {
        enabled: true,
        reportFileName: entry.report,
        reportFolder: into,
        reportTempFolder: join(into, '..', 'temporary'),
        // What an entry does not export but its declarations name is part of what callers see.
        includeForgottenExports: true,
      },
      docModel: off,
      dtsRollup: off,
      tsdocMetadata: off,
      messages: {
        compilerMessageReporting: silent,
        extractorMessageReporting: silent,
        tsdocMessageReporting: silent,
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  });
}

/** Whether something is documented is no matter of this report. */
function tidy(report: string): string {
  return report
    .replaceAll('\r\n', '\n')
    .replaceAll(/^ *\/\/ \(undocumented\)\n/gm, '')
    .replaceAll(' (undocumented)', '')
    .replaceAll(/^\/\/ @public\n/gm, '');
}

interface Sides {
  readonly committed: string;
  readonly actual: string;
}

async function compare(name: string, sides: Sides, context: ReleaseContext): Promise<readonly Problem[]> {
  const [committed, actual] = [join(sides.committed, name), join(sides.actual, name)];
  const paths = [committed, actual].map((path) => (existsSync(path) ? path : '/dev/null'));
  const { stdout } = await runProgram({
    program: 'git',
    args: ['diff', '--no-index', '--no-color', '--no-ext-diff', ...paths],
    folder: sides.actual,
    goodExitCodes: [0, 1],
    deadlineMs: 30_000,
    ...context,
  });
  if (stdout === '') return [];
  const changes = stdout.slice(stdout.indexOf('\n@@') + 1).trimEnd();
  const message = `the public API is not what its report shows:\n${changes}`;
  return [{ subject: join(reportFolder, name), check: 'API report', message, hint: updateCommand }];
}

async function replaceFiles(folder: string, by: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const name of await filesIn(by)) await writeFile(join(folder, name), await readFile(join(by, name)));
}

async function filesIn(folder: string): Promise<readonly string[]> {
  return existsSync(folder) ? (await readdir(folder)).toSorted() : [];
}
