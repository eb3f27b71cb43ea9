import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { createFileDurably, writeFileDurably } from '@maestro/core';
import { type ComposeFinding, importCompose, isRenderedCompose, loadRegistry, renderCompose } from '@maestro/registry';

import { OrchestratorError } from '../errors.ts';
import type { OpenEnvironmentOptions } from '../open-environment.ts';

export interface RenderComposeFileOptions extends Pick<OpenEnvironmentOptions, 'config' | 'cwd' | 'environment'> {
  /** Folder that `docker-compose.yml` is written to, relative to the current one; without it nothing is written. */
  readonly out?: string | undefined;
  /** Whether a file may be replaced that was not made by this. */
  readonly replace?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RenderedComposeFile {
  readonly environment: string;
  /** Absolute path of what was written; null where nothing was. */
  readonly file: string | null;
  readonly text: string;
}

/**
 * The docker-compose.yml of an environment, for development and inspection, and writes it where `out` says so. Its paths are
 * relative to its folder; without `out` to that of the registry file.
 * Throws the errors of loading a registry, `REGISTRY_NO_IMAGE`, and `ORCHESTRATOR_FILE_EXISTS` for a file of somebody's own.
 */
export async function renderComposeFile(options: RenderComposeFileOptions): Promise<RenderedComposeFile> {
  const { config, environment, out, replace = false, signal } = options;
  const cwd = resolve(options.cwd ?? '');
  const loaded = await loadRegistry({ config, cwd, signal });
  if (out === undefined) return { environment, file: null, text: renderCompose({ loaded, environment }) };
  const folder = resolve(cwd, out);
  const text = renderCompose({ loaded, environment, folder });
  const file = join(folder, 'docker-compose.yml');
  const there = await readIfThere(file);
  signal?.throwIfAborted();
  await write(file, text, { replace: replace || (there !== null && isRenderedCompose(there)) });
  return { environment, file, text };
}

export interface ImportComposeFileOptions extends Pick<OpenEnvironmentOptions, 'cwd'> {
  /** The compose file, relative to the current folder. */
  readonly file: string;
  /** The registry file that is written; `maestro.config.yaml` beside the compose file by default. */
  readonly out?: string | undefined;
  /** Name of the environment that is made of it; `development` by default. */
  readonly environment?: string | undefined;
  /** Whether a registry file that is there may be replaced. */
  readonly replace?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ImportedComposeFile {
  /** Absolute path of the registry file that was written. */
  readonly file: string;
  readonly services: readonly string[];
  /** What had no equivalent, or another one than was written. */
  readonly findings: readonly ComposeFinding[];
}

/**
 * Writes a registry file from a compose file. Throws `REGISTRY_UNREADABLE` where that is none, and `ORCHESTRATOR_FILE_EXISTS`
 * where the registry file is there.
 */
export async function importComposeFile(options: ImportComposeFileOptions): Promise<ImportedComposeFile> {
  const { environment, replace = false, signal } = options;
  const cwd = resolve(options.cwd ?? '');
  const path = resolve(cwd, options.file);
  const file = options.out === undefined ? join(dirname(path), 'maestro.config.yaml') : resolve(cwd, options.out);
  const compose = await readIfThere(path);
  if (compose === null) {
    throw new OrchestratorError('ORCHESTRATOR_FILE_MISSING', `${path}: no such file`, { hint: `ls ${dirname(path)}` });
  }
  const { text, services, findings } = importCompose({ text: compose, path, folder: dirname(file), environment });
  signal?.throwIfAborted();
  await write(file, text, { replace });
  return { file, services, findings };
}

async function write(file: string, text: string, { replace }: { readonly replace: boolean }): Promise<void> {
  // Nothing secret is in it, and others of the project read it.
  const readable = { mode: 0o644 };
  if (replace) return writeFileDurably(file, text, readable);
  if (await createFileDurably(file, text, readable)) return;
  throw new OrchestratorError('ORCHESTRATOR_FILE_EXISTS', `${file} is there already; nothing was written`, {
    hint: 'name another place with --out, or replace it with --yes',
    details: { file },
  });
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
