import { isRecord } from '../plan/merge.ts';

/** Keys and list indices from the registry to the place. */
export type ProblemPath = readonly (string | number)[];

/** What is wrong, before it is known where in the file that is. */
export interface Problem {
  readonly path: ProblemPath;
  readonly message: string;
}

/** The problems as seen from further out. */
export function below(path: ProblemPath, problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
}

/** Whether something stands at a path. */
export function reaches(value: unknown, path: ProblemPath): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return value !== undefined;
  if (Array.isArray(value)) return reaches(value[Number(key)], rest);
  return isRecord(value) && Object.hasOwn(value, key) && reaches(value[key], rest);
}

/** Where in what is written a service has something: itself, or from the registry's defaults. */
export function placeOf(path: ProblemPath, written: unknown): ProblemPath {
  const [section, , ...inside] = path;
  if (section !== 'services' || inside.length === 0 || reaches(written, path)) return path;
  const place = ['defaults', ...inside];
  return reaches(written, place) ? place : path;
}

/** Those of `problems` that are not among `known`. */
export function without(problems: readonly Problem[], known: readonly Problem[]): Problem[] {
  const seen = new Set(known.map((problem) => JSON.stringify(problem)));
  return problems.filter((problem) => !seen.has(JSON.stringify(problem)));
}

/** `services.api.command[0]`, with keys that are no plain names in brackets and quotes. */
export function formatPath(path: ProblemPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    if (!/^\w[\w-]*$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}
