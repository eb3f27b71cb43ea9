import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Application, Logger, LogLevel, type ProjectReflection, TSConfigReader } from 'typedoc';

import { DocsError } from '../errors.ts';
import type { Problem } from '../problem.ts';
import { packagesOf } from './source-files.ts';

export interface ApiOptions {
  readonly root: string;
  /** What readers import; that of every package by default. */
  readonly entries?: readonly string[] | undefined;
}

/** Every kind of thing that a package exports. */
const documented = ['Class', 'Function', 'Interface', 'TypeAlias', 'Variable'] as const;

/** What TypeDoc says against the exports of the packages: undocumented ones, links in comments that lead nowhere. */
export async function checkApi(options: ApiOptions): Promise<readonly Problem[]> {
  return await withTypeDoc(options, (app, project, logger) => {
    app.validate(project);
    return Promise.resolve(logger.complaints.map((message) => ({ file: 'packages', line: 1, message })));
  });
}

/**
 * Writes a page for each export of the packages to `folder`, which has to be new or empty: else DOCS_FOLDER_TAKEN. They are
 * more than anybody reads in a repository, so they are not kept there.
 */
export async function writeApiPages(options: ApiOptions, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new DocsError('DOCS_FOLDER_TAKEN', `${folder} is not empty`, { hint: 'name a new folder' });
  }
  await withTypeDoc(options, async (app, project) => {
    // TypeDoc would empty the folder first, and without a name write to and empty `docs`.
    app.options.setValue('cleanOutputDir', false);
    app.options.setValue('outputs', [{ name: 'markdown', path: folder }]);
    await app.generateOutputs(project);
  });
}

async function withTypeDoc<T>(
  { root, entries }: ApiOptions,
  work: (app: Application, project: ProjectReflection, logger: Complaints) => Promise<T>,
): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'maestro-api-'));
  try {
    const tsconfig = join(scratch, 'tsconfig.json');
    const entryPoints = entries ?? packagesOf(root).flatMap((one) => one.entries.map(({ file }) => file));
    await writeFile(tsconfig, JSON.stringify(configuration(root, entryPoints)));
    const logger = new Complaints();
    const app = await Application.bootstrapWithPlugins(
      {
        name: 'Maestro',
        entryPoints: [...entryPoints],
        tsconfig,
        basePath: root,
        plugin: ['typedoc-plugin-markdown'],
        // Types are checked elsewhere.
        skipErrorChecking: true,
        excludePrivate: true,
        excludeInternal: true,
        readme: 'none',
        disableGit: true,
        disableSources: true,
        validation: { notDocumented: true, invalidLink: true, notExported: false },
        requiredToBeDocumented: [...documented],
        logLevel: LogLevel.Warn,
      },
      [new TSConfigReader()],
    );
    app.logger = logger;
    const project = await app.convert();
    if (project === undefined) throw new Error(`TypeDoc read nothing: ${logger.complaints.join('; ')}`);
    return await work(app, project, logger);
  } finally {
    await rm(scratch, { recursive: true });
  }
}

function configuration(root: string, files: readonly string[]) {
  const compilerOptions = {
    noEmit: true,
    composite: false,
    emitDeclarationOnly: false,
    declarationMap: false,
    typeRoots: [join(root, 'node_modules', '@types')],
  };
  return { extends: join(root, 'tsconfig.base.json'), compilerOptions, files };
}

/** Keeps what TypeDoc complains of instead of printing it. */
class Complaints extends Logger {
  readonly complaints: string[] = [];

  override log(message: string, level: LogLevel): void {
    if (level >= LogLevel.Warn) this.complaints.push(message);
  }
}
