import { stat } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { type Clock, messageOf, withDeadline } from '@maestro/core';

import { type Position, type RegistryError, unreadable } from '../errors.ts';
import { isRecord } from '../plan/merge.ts';
import type { Source } from './source.ts';

/** A module that awaits something at its top level could otherwise hold everything up for ever. */
const loadDeadlineMs = 30_000;

export interface ReadModuleOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a TypeScript or JavaScript module and takes its default export. Throws `REGISTRY_UNREADABLE`. */
export async function readModule(file: string, { clock, signal }: ReadModuleOptions): Promise<Source> {
  const module = await withDeadline(() => importFresh(file), {
    deadlineMs: loadDeadlineMs,
    clock,
    signal,
    onExpired: () =>
      unreadable({
        file,
        reason: `the module did not finish loading within ${loadDeadlineMs / 1000} s`,
        hint: 'look for an `await` at its top level that does not end',
      }),
  });
  if (isEmpty(module.default)) {
    const reason = 'there is no default export, or it is empty';
    throw unreadable({ file, reason, hint: 'export default defineRegistry({ … })' });
  }
  return { value: module.default, locate: () => undefined };
}

/** A file that neither imports nor exports is CommonJS to Node, with `{}` as what it exports. */
function isEmpty(value: unknown): boolean {
  return value === undefined || (isRecord(value) && Object.keys(value).length === 0);
}

/** Node keeps modules by address: the time of the last change makes an edited file a new one. */
async function importFresh(file: string): Promise<{ readonly default?: unknown }> {
  try {
    const url = pathToFileURL(file);
    url.searchParams.set('mtime', String((await stat(file)).mtimeMs));
    return (await import(url.href)) as { readonly default?: unknown };
  } catch (error) {
    throw translate(file, error);
  }
}

function translate(file: string, error: unknown): RegistryError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return unreadable({
      file,
      reason: `Node ${process.version} does not run TypeScript here`,
      hint: 'use Node 22.18 or newer with type stripping on, or write the registry as JavaScript, YAML or JSON',
    });
  }
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return unreadable({ file, reason: messageOf(error), hint: 'npm install, or correct the import' });
  }
  const { place, position } = placeOf(file, error);
  // No cause here: Node puts the source line into the stack of a syntax error, and that line may hold a secret.
  if (error instanceof SyntaxError) {
    const reason = withoutSource(error.message);
    return unreadable({
      file: place,
      position,
      reason,
      hint: takenForCommonJs(error) ? asModule : `node --check ${place}`,
    });
  }
  const reason = `the module threw: ${messageOf(error)}`;
  return unreadable({ file: place, position, reason, hint: `node ${file}`, cause: error });
}

/** What `npm init` writes today makes every file CommonJS that does not say otherwise by its name. */
const asModule = 'set "type": "module" in the package.json above it, or name the file maestro.config.mts';

function takenForCommonJs({ message }: SyntaxError): boolean {
  return message.startsWith('Cannot use import statement') || message === "Unexpected token 'export'";
}

/** The messages of parsers quote the source; the one about a missing export quotes only names. */
function withoutSource(message: string): string {
  if (message.startsWith('The requested module')) return message;
  return message.replace(/(?:(?<=Unexpected \w+) '|: |, got ).*$/s, '');
}

/** Node starts the stack of a syntax error with its place; of other errors the registry's own line is wanted. */
function placeOf(file: string, error: unknown): { readonly place: string; readonly position?: Position } {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const heading = /^(file:\/\/|\/)(.+?)(?:\?mtime=[\d.]+)?:(\d+)\n/.exec(stack);
  if (heading !== null) {
    const [, scheme = '', path = '', line] = heading;
    return { place: scheme === '/' ? `/${path}` : fileURLToPath(scheme + path), position: { line: Number(line) } };
  }
  const [, frame = ''] = stack.split(`${pathToFileURL(file).href}?mtime=`);
  const [, line, column] = /^[\d.]+:(\d+):(\d+)/.exec(frame) ?? [];
  if (line === undefined) return { place: file };
  return { place: file, position: { line: Number(line), column: Number(column) } };
}
