import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import type { PartName, SuiteParts } from '@maestro/services';
import { endProcessesOfFolder } from '@maestro/services/processes-of-folder';

import { partVariables } from './part-variables.ts';

/** The machine of somebody who follows a walkthrough, as far as its blocks notice. */
export interface ReaderMachine extends AsyncDisposable {
  /** Where the reader begins; empty. */
  readonly work: string;
  /** For what the runner itself writes. */
  readonly scripts: string;
  readonly environment: NodeJS.ProcessEnv;
}

export interface ReaderMachineOptions {
  readonly suites: Partial<SuiteParts<PartName>>;
  /** The text of the reader's `.npmrc`. */
  readonly npmrc: string;
  /** What npm keeps of downloads; walkthroughs of one run may share it. */
  readonly npmCache: string;
}

const gitconfig = '[user]\n\tname = Reader\n\temail = reader@example.com\n[init]\n\tdefaultBranch = main\n';

/** A fresh folder with a home of its own; disposed of, everything that was started in it has ended and it is gone. */
export async function openReaderMachine(options: ReaderMachineOptions): Promise<ReaderMachine> {
  const { suites, npmrc, npmCache } = options;
  const folder = await mkdtemp(join(tmpdir(), 'maestro-docs-'));
  // Workers of an nginx that root starts are another user's, and readers' folders are not closed to them.
  await chmod(folder, 0o755);
  const home = join(folder, 'home');
  const work = join(folder, 'work');
  const scripts = join(folder, 'scripts');
  const temporary = join(folder, 'tmp');
  for (const one of [home, work, scripts, temporary]) await mkdir(one);
  await writeFile(join(home, '.gitconfig'), gitconfig);
  await writeFile(join(home, '.npmrc'), npmrc);
  const { variables, path } = partVariables(suites);
  return {
    work,
    scripts,
    environment: {
      PATH: [dirname(process.execPath), ...path, ...machinePath()].join(delimiter),
      HOME: home,
      TMPDIR: temporary,
      USER: 'reader',
      LANG: 'C.UTF-8',
      npm_config_cache: npmCache,
      // What one walkthrough has asked the repository for, the next one need not.
      npm_config_prefer_offline: 'true',
      // The label by which whatever the blocks start is found at the end, also what left its terminal.
      MAESTRO_TEST_RUN: folder,
      ...variables,
    },
    [Symbol.asyncDispose]: async () => {
      await endProcessesOfFolder(folder, { patienceMs: 5_000 });
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Without this repository's own programs: a reader has no `maestro` before it is installed. */
function machinePath(): readonly string[] {
  return (process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'));
}
