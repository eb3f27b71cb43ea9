import { MaestroError, messageOf } from '@maestro/core';

import type { SecretsErrorCode } from '../../errors.ts';
import type { AmbiguousLine } from './ambiguous-lines.ts';

type SecretsError = MaestroError<SecretsErrorCode>;

export function ambiguousLines(file: string, lines: readonly AmbiguousLine[]): SecretsError {
  const places = lines.map(({ line, column, problem }) => `${file}:${line}:${column} ${problem}`);
  return new MaestroError('SECRETS_AMBIGUOUS_LINE', places.join('\n'), {
    hint: "write each line as NAME='value', with another kind of quote where the value holds a single one",
    details: { file, lines: lines.map(({ line, column, problem }) => ({ line, column, problem })) },
  });
}

export function sourceUnreadable(file: string, cause: unknown): SecretsError {
  return new MaestroError('SECRETS_SOURCE_UNREADABLE', `cannot read ${file}: ${reasonOf(cause)}`, {
    hint: hintFor(file, cause),
    details: { file },
    cause,
  });
}

export function sourceNotText(file: string): SecretsError {
  return new MaestroError('SECRETS_SOURCE_UNREADABLE', `${file} is not UTF-8 text`, {
    hint: 'save it in UTF-8',
    details: { file },
  });
}

export function keyUnreadable(file: string, problem: string, cause?: unknown): SecretsError {
  return new MaestroError('SECRETS_KEY_UNREADABLE', `cannot use the fingerprint key ${file}: ${problem}`, {
    hint: 'restore it from a backup, or remove it to start anew: every secret then counts as changed once',
    details: { file },
    cause,
  });
}

function reasonOf(cause: unknown): string {
  return codeOf(cause) === 'ENOENT' ? 'there is no such file' : messageOf(cause);
}

function hintFor(file: string, cause: unknown): string {
  if (codeOf(cause) === 'ENOENT') return `create it with a line NAME='value' for each secret, then: chmod 600 ${file}`;
  if (codeOf(cause) === 'EACCES') return `run as the owner of the file: ls -l ${file}`;
  return "name a file with a line NAME='value' for each secret";
}

/** The code of a system error, such as ENOENT. */
export function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
