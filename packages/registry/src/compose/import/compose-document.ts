import type { ProblemPath } from '../../checks/problem.ts';
import { type Position, unreadable } from '../../errors.ts';
import { parseYaml } from '../../files/parse-yaml.ts';
import { isRecord } from '../../plan/merge.ts';

/** What a compose file holds, its anchors and merge keys resolved, and where in it each thing stands. */
export interface ComposeDocument {
  readonly content: Readonly<Record<string, unknown>>;
  /** Of the nearest thing that there is. */
  readonly locate: (path: ProblemPath) => Required<Position>;
}

/** Throws `REGISTRY_UNREADABLE` where the text is no YAML, or holds no services. */
export function readComposeDocument(text: string, file: string): ComposeDocument {
  const { value, locate } = parseYaml({ file, text, language: 'compose' });
  if (!isRecord(value) || !isRecord(value.services)) {
    const hint = 'name a compose file; one of version 1 has its services at the top, put them under `services:`';
    throw unreadable({ file, reason: 'expected a compose file, with services', hint });
  }
  return { content: value, locate };
}
