import { dirname, relative } from 'node:path';

import { MaestroError, type MaestroErrorOptions } from '@maestro/core';

import { nearestName } from './plan/nearest-name.ts';

/** Every code this package throws; the README says what to do about each. */
export type RegistryErrorCode =
  | 'REGISTRY_NOT_FOUND'
  | 'REGISTRY_UNREADABLE'
  | 'REGISTRY_INVALID'
  | 'REGISTRY_NO_IMAGE'
  | 'REGISTRY_UNKNOWN_ENVIRONMENT'
  | 'REGISTRY_UNKNOWN_SERVICE';

export class RegistryError extends MaestroError<RegistryErrorCode> {
  constructor(code: RegistryErrorCode, message: string, options?: MaestroErrorOptions) {
    super(code, message, options);
    this.name = 'RegistryError';
  }
}

/** A place in a file, both counted from 1; what reads the file does not always say the column. */
export interface Position {
  readonly line: number;
  readonly column?: number;
}

/** What is wrong at one place of the registry. */
export interface RegistryProblem extends Partial<Position> {
  /** Absolute; only where it is another one than the registry's own, which includes it. */
  readonly file?: string;
  /** `services.api.health.path`; empty for the registry as a whole. */
  readonly path: string;
  /** What was expected there; never the value that was found. */
  readonly message: string;
}

export interface UnreadableOptions {
  readonly file: string;
  readonly reason: string;
  readonly hint: string;
  readonly position?: Position | undefined;
  readonly cause?: unknown;
}

export function unreadable({ file, reason, hint, position, cause }: UnreadableOptions): RegistryError {
  const place = [file, position?.line, position?.column].filter((part) => part !== undefined).join(':');
  const details = { file, ...position };
  return new RegistryError('REGISTRY_UNREADABLE', `${place}: ${reason}`, { hint, details, cause });
}

export function invalid(file: string, problems: readonly RegistryProblem[]): RegistryError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new RegistryError(
    'REGISTRY_INVALID',
    [`${count} in ${file}:`, ...problems.map((problem) => problemLine(problem, file))].join('\n'),
    {
      hint: `correct ${file} at the places listed`,
      details: { file, problems: problems.map((problem) => ({ ...problem })) },
    },
  );
}

export function unknownEnvironment(name: string, known: readonly string[]): RegistryError {
  const example = nearestName(name, known) ?? known[0];
  return new RegistryError('REGISTRY_UNKNOWN_ENVIRONMENT', noneNamed('environment', name, known), {
    hint: example === undefined ? 'add it to `environments` in the registry' : `maestro plan --environment ${example}`,
    details: { environment: name, known },
  });
}

/** For what runs containers only. */
export function noImage(
  file: string,
  { environment, services }: { readonly environment: string; readonly services: readonly string[] },
): RegistryError {
  const [first = ''] = services;
  const places = services.map((name) => `services.${name}.image`).join(', ');
  return new RegistryError(
    'REGISTRY_NO_IMAGE',
    `${file}: ${places}: missing, expected an object with dockerfile, since compose runs containers`,
    {
      hint: `write a Dockerfile, and \`image: { dockerfile: '…' }\` at services.${first} in ${file}`,
      details: { file, environment, services },
    },
  );
}

export function unknownService(name: string, known: readonly string[]): RegistryError {
  return new RegistryError('REGISTRY_UNKNOWN_SERVICE', noneNamed('service', name, known), {
    hint: `choose from: ${known.join(', ')}`,
    details: { service: name, known },
  });
}

/** `no service is named "apii"; did you mean "api"?`, or with all the names where none is near. */
export function noneNamed(
  kind: 'Dockerfile' | 'environment' | 'service',
  name: string,
  known: readonly string[],
): string {
  const near = nearestName(name, known);
  const advice = near === undefined ? `there are: ${known.join(', ') || 'none'}` : `did you mean "${near}"?`;
  return `no ${kind} is named "${name}"; ${advice}`;
}

function problemLine({ path, file, line, column, message }: RegistryProblem, root: string): string {
  const shown = file === undefined ? undefined : relative(dirname(root), file);
  const place = [shown, line, column].filter((part) => part !== undefined).join(':');
  return `  - ${path === '' ? 'the registry' : path}${place === '' ? '' : ` (${place})`}: ${message}`;
}
