import { relative, sep } from 'node:path';

import { isRecord } from '../plan/merge.ts';
import type { Registry } from '../registry-schema.ts';
import type { ResolvedEnvironment } from '../resolve-environment.ts';
import { type SettingChange, settingChanges, valuesBelow } from './setting-changes.ts';

export interface DiffOptions {
  /**
   * Whether values of environment variables, build arguments and options of log drivers are told; by default only that
   * they differ.
   */
  readonly showVariables?: boolean | undefined;
}

/** What two registries, or two environments, have otherwise. */
export interface RegistryDiff {
  readonly services: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly ServiceDiff[];
  };
  /** What is no service's: of the environments, of bases, of the project. */
  readonly settings: readonly SettingChange[];
}

export interface ServiceDiff {
  readonly name: string;
  /** At least one; their paths begin with `services.<name>`. */
  readonly changes: readonly SettingChange[];
}

/** Compares registries as they are written, with their defaults: what is the same by default is the same. */
export function diffRegistries(before: Registry, after: Registry, options: DiffOptions = {}): RegistryDiff {
  return diff({ ...before }, { ...after }, options);
}

/**
 * Compares environments as they are run: two of one registry, or one of two registries. Paths are taken from the folder
 * of each one's registry file, so that the same project in two places is the same.
 */
export function diffEnvironments(
  before: ResolvedEnvironment,
  after: ResolvedEnvironment,
  options: DiffOptions = {},
): RegistryDiff {
  return diff(comparable(before), comparable(after), options);
}

interface Comparable extends Readonly<Record<string, unknown>> {
  readonly services: Readonly<Record<string, unknown>>;
}

function diff(before: Comparable, after: Comparable, { showVariables = false }: DiffOptions): RegistryDiff {
  const { services: servicesBefore, ...settingsBefore } = before;
  const { services: servicesAfter, ...settingsAfter } = after;
  const known = new Map(Object.entries(servicesBefore));
  const now = new Map(Object.entries(servicesAfter));
  const both = [...now].flatMap(([name, service]) => (known.has(name) ? [{ name, service }] : []));
  return {
    services: {
      added: [...now.keys()].filter((name) => !known.has(name)),
      removed: [...known.keys()].filter((name) => !now.has(name)),
      changed: both.flatMap(({ name, service }): ServiceDiff[] => {
        const changes = settingChanges(known.get(name), service, ['services', name], { showVariables });
        return changes.length === 0 ? [] : [{ name, changes }];
      }),
    },
    settings: settingChanges(settingsBefore, settingsAfter, [], { showVariables }),
  };
}

/** Its name and place are no settings. */
const identity: ReadonlySet<string> = new Set(['name', 'file', 'root']);

/** With services and bases by their names. */
function comparable(environment: ResolvedEnvironment): Comparable {
  const { root, services, bases } = environment;
  const settings = Object.entries(environment).filter(([key]) => !identity.has(key));
  const named = { ...Object.fromEntries(settings), bases: byName(bases), services: byName(services) };
  return isolated(named, root) as Comparable;
}

function byName<Named extends { readonly name: string }>(all: readonly Named[]) {
  return Object.fromEntries(all.map(({ name, ...rest }) => [name, rest]));
}

/** The same with paths relative to `root`, and nothing in it that is undefined. */
function isolated(value: unknown, root: string): unknown {
  if (value === root) return '.';
  if (typeof value === 'string') return value.startsWith(root + sep) ? relative(root, value) : value;
  if (Array.isArray(value)) return value.map((item) => isolated(item, root));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, valuesBelow.has(key) ? inner : isolated(inner, root)]));
}
