import { resolve } from 'node:path';

import { type ReleaseStage, releaseStages } from './gates-schema.ts';
import type { EnvironmentDefinition, Service } from './registry-schema.ts';
import { type ResolvedHealth, resolveHealth } from './resolve-health.ts';

/** A program with the folder it is run in, absolute. */
export interface ResolvedCommand {
  readonly command: readonly string[];
  readonly folder: string;
  readonly timeoutMs: number;
  /** Names of the deployer's variables that it gets although they are withheld. */
  readonly pass: readonly string[];
}

/** The least percentage of each metric; only those that the registry names. */
export interface ResolvedCoverage {
  /** Absolute, in Istanbul's format `json-summary`. */
  readonly file: string;
  readonly minimum: Readonly<Partial<Record<'branches' | 'functions' | 'lines' | 'statements', number>>>;
}

/** A condition that a release must meet; `after` tells which stage it follows. */
export type ResolvedGate = { readonly name: string; readonly after: 'images' | 'probe' } & (
  | (ResolvedCommand & { readonly kind: 'command'; readonly coverage: ResolvedCoverage | null })
  | { readonly kind: 'http'; readonly check: Extract<ResolvedHealth, { readonly kind: 'http' }> }
);

/** A program that is run before or after a stage of a release. */
export interface ResolvedHook extends ResolvedCommand {
  readonly stage: ReleaseStage;
  readonly when: 'before' | 'after';
}

type Gate = Service['gates'][string] | EnvironmentDefinition['gates'][string];

const askedEachMs = 500;
const requestMs = 30_000;
const commandMs = 600_000;

export function resolveGates(gates: Readonly<Record<string, Gate>>, folder: string): readonly ResolvedGate[] {
  return Object.entries(gates).map(([name, gate]): ResolvedGate => {
    const { command = [], pass, after = 'images', coverage } = gate;
    const http = 'http' in gate ? gate.http : undefined;
    const timeoutMs = gate.timeoutMs ?? (http === undefined ? commandMs : requestMs);
    if (http === undefined) {
      const judged = coverage === undefined ? null : resolveCoverage(coverage, folder);
      return { name, kind: 'command', command, folder, timeoutMs, pass, after, coverage: judged };
    }
    const { tries = 1, ...asked } = http;
    const times = { timeoutMs, intervalMs: askedEachMs, deadlineMs: timeoutMs, failures: tries };
    const check = resolveHealth({ kind: 'http', ...asked, ...times });
    if (check.kind !== 'http') throw new TypeError('a check over HTTP is resolved to one');
    return { name, kind: 'http', after: 'probe', check };
  });
}

function resolveCoverage({ file, ...metrics }: NonNullable<Gate['coverage']>, folder: string): ResolvedCoverage {
  const named = Object.entries(metrics).filter(([, least]) => least !== undefined);
  return { file: resolve(folder, file), minimum: Object.fromEntries(named) };
}

/** In the order of the stages. */
export function resolveHooks(hooks: Service['hooks'], folder: string): readonly ResolvedHook[] {
  return releaseStages.flatMap((stage) =>
    (['before', 'after'] as const).flatMap((when) =>
      (hooks[`${when}${capitalised(stage)}`] ?? []).map((hook) => ({ ...hook, stage, when, folder })),
    ),
  );
}

function capitalised<Text extends string>(text: Text): Capitalize<Text> {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}` as Capitalize<Text>;
}
