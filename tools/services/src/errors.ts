import { MaestroError } from '@maestro/core';

export type PartErrorCode =
  | 'PART_UNKNOWN'
  | 'PART_MISSING'
  | 'PART_INSTALL_FAILED'
  | 'PART_START_FAILED'
  | 'PART_STOP_FAILED'
  | 'PART_UNREACHABLE'
  | 'PART_BUSY';

export type PartError = MaestroError<PartErrorCode>;

export interface MissingPart {
  readonly name: string;
  readonly title: string;
  readonly variable: string;
  readonly elsewhere: string;
}

export function partMissing(part: MissingPart): PartError {
  return new MaestroError('PART_MISSING', `${part.title} is needed and is not on this machine`, {
    hint: howToGet(part),
    details: { part: part.name },
  });
}

export function howToGet({ elsewhere, variable }: Pick<MissingPart, 'elsewhere' | 'variable'>): string {
  return `${elsewhere}; or set ${variable}`;
}

export function startFailed(part: string, reason: string, cause?: unknown): PartError {
  return new MaestroError('PART_START_FAILED', `${part} did not start: ${reason}`, {
    hint: `npm run services -- down ${part}, then npm run services -- up ${part}`,
    details: { part },
    cause,
  });
}

export function unreachable(part: string, variable: string, reason: string): PartError {
  return new MaestroError('PART_UNREACHABLE', `${part}: the one that ${variable} names does not answer: ${reason}`, {
    hint: `correct ${variable}, or unset it and Maestro starts one of its own`,
    details: { part, variable },
  });
}
