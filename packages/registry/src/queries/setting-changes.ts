import { isDeepStrictEqual } from 'node:util';

import { isRecord } from '../plan/merge.ts';

/** One setting that two registries, or two environments, have otherwise. */
export interface SettingChange {
  /** `services.api.container.replicas` */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Left out where there was none, and where values are kept out. */
  readonly before?: unknown;
  /** The same for what is there now. */
  readonly after?: unknown;
}

export interface CompareOptions {
  /** Whether the values of variables and the like are told, too. */
  readonly showVariables: boolean;
}

/** Below these keys stand values that people choose: of variables, of build arguments, of log drivers. */
export const valuesBelow: ReadonlySet<string> = new Set(['environment', 'args', 'options']);

/** Compares objects key by key at every depth, and everything else, lists too, as a whole. */
export function settingChanges(
  before: unknown,
  after: unknown,
  path: readonly string[],
  options: CompareOptions,
): readonly SettingChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => settingChanges(own(before, key), own(after, key), [...path, key], options));
  }
  const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  const tells = options.showVariables || !path.some((key) => valuesBelow.has(key));
  return [
    {
      path: path.join('.'),
      kind,
      ...(tells && before !== undefined && { before: told(before, options) }),
      ...(tells && after !== undefined && { after: told(after, options) }),
    },
  ];
}

/** A key such as `toString` is nobody's who does not have it. */
function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** What is there or not as a whole may hold variables, too. */
function told(value: unknown, options: CompareOptions): unknown {
  if (options.showVariables) return value;
  if (Array.isArray(value)) return value.map((item) => told(item, options));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !valuesBelow.has(key))
      .map(([key, inner]) => [key, told(inner, options)]),
  );
}
