import { isAbsolute, join, relative, resolve, sep } from 'node:path';

import type { ProblemPath } from '../../checks/problem.ts';
import { isRecord } from '../../plan/merge.ts';
import type { Report } from './compose-finding.ts';

/** What reading one service goes by. */
export interface ServiceContext {
  /** As the compose file names it. */
  readonly name: string;
  /** Its own keys, resolved as far as the file says. */
  readonly service: Readonly<Record<string, unknown>>;
  /** Names in the registry of all services that are imported, by their names in the file. */
  readonly names: ReadonlyMap<string, string>;
  readonly folders: Folders;
  /** What compose puts before the names of volumes; null for nothing. */
  readonly composeProject: string | null;
  /** The file's own top, for volumes, networks and secrets. */
  readonly content: Readonly<Record<string, unknown>>;
  /** Of a place below the service. */
  readonly report: (path: ProblemPath, message: string, advice: string) => void;
}

/** Both absolute. */
export interface Folders {
  readonly compose: string;
  readonly registry: string;
}

/** A path of the compose file as the registry has it; null where it leads out of the registry's folder. */
export function pathInRegistry(path: string, { compose, registry }: Folders): string | null {
  const inside = relative(registry, resolve(compose, path));
  if (isAbsolute(inside) || inside.split(sep)[0] === '..') return null;
  return inside === '' ? '.' : inside.split(sep).join('/');
}

export function joinPaths(...parts: readonly string[]): string {
  return join(...parts)
    .split(sep)
    .join('/');
}

export function reportBelow(report: Report, start: ProblemPath): Report {
  return (path, message, advice) => {
    report([...start, ...path], message, advice);
  };
}

/** One text or a list of them, as compose often takes either. */
export function textsOf(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return items.flatMap((item) => scalarText(item) ?? []);
}

/** The text of what YAML may have read as a number or a boolean. */
export function scalarText(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** `NAME=value` in a list, or an object; null for a name without a value. */
export function pairsOf(
  value: unknown,
): readonly (readonly [name: string, value: string | null, key: string | number])[] {
  if (isRecord(value)) return Object.entries(value).map(([name, item]) => [name, scalarText(item), name] as const);
  return (Array.isArray(value) ? value : []).flatMap((item: unknown, index) => {
    const text = scalarText(item);
    if (text === null) return [];
    const end = text.indexOf('=');
    return [end === -1 ? ([text, null, index] as const) : ([text.slice(0, end), text.slice(end + 1), index] as const)];
  });
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
