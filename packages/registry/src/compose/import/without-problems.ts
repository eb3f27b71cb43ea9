import { checkRegistry } from '../../checks/check-registry.ts';
import { formatPath, type ProblemPath } from '../../checks/problem.ts';
import { isRecord } from '../../plan/merge.ts';
import type { Report } from './compose-finding.ts';

type Keys = Readonly<Record<string, unknown>>;

export interface WithoutProblemsOptions {
  readonly registry: Keys;
  /** Names in the registry, by those in the compose file. */
  readonly names: ReadonlyMap<string, string>;
  readonly report: Report;
}

/**
 * The registry without what it may not hold, each told at the service it is of: compose allows more than a registry does, and
 * what is imported must load.
 */
export function withoutProblems({ registry, names, report }: WithoutProblemsOptions): Keys {
  let left: unknown = registry;
  // Each round takes something away.
  for (;;) {
    const checked = checkRegistry(left);
    const [problem] = checked.valid ? [] : checked.problems;
    if (problem === undefined || !isRecord(left) || problem.path.length === 0) return isRecord(left) ? left : {};
    const place = reachable(left, problem.path);
    if (place.length === 0) return left;
    const [section, service] = place;
    const written = [...names].find(([, name]) => name === service)?.[0];
    report(
      section === 'services' && written !== undefined ? ['services', written] : [],
      `${formatPath(place)} is left out; ${formatPath(problem.path)}: ${problem.message}`,
      'write it into the registry as it should be',
    );
    left = removed(left, place);
  }
}

/** Where something is missing, what misses it. */
function reachable(value: unknown, path: ProblemPath): ProblemPath {
  const [key, ...rest] = path;
  const inside =
    key === undefined
      ? undefined
      : isRecord(value) || Array.isArray(value)
        ? (Reflect.get(value, key) as unknown)
        : undefined;
  return key === undefined || inside === undefined ? [] : [key, ...reachable(inside, rest)];
}

function removed(value: unknown, [key, ...rest]: ProblemPath): unknown {
  if (Array.isArray(value)) {
    return rest.length === 0
      ? value.filter((_, index) => index !== key)
      : value.map((item: unknown, index) => (index === key ? removed(item, rest) : item));
  }
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).flatMap(([name, item]) => {
    if (name !== key) return [[name, item] as const];
    return rest.length === 0 ? [] : [[name, removed(item, rest)] as const];
  });
  return Object.fromEntries(entries);
}
