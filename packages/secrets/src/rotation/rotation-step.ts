import type { SecretStage } from '../ports/secret-store.ts';

export type Stages = Readonly<Partial<Record<SecretStage, string>>>;

/** What one run of a rotation has done so far; another process begins with nothing and does it again. */
export interface RotationProgress {
  /** The version that was current when the new one was created or taken up. */
  readonly from: string;
  /** The new version. */
  readonly to: string;
  readonly reached: 'created' | 'set' | 'tested';
}

export interface ObservedRotation {
  readonly stages: Stages;
  /** The version that was current when this run began. */
  readonly begunAt: string | undefined;
  /** The version that the caller wants a rotation to have made, once. */
  readonly token: string | undefined;
  /** Whether the pending version was made to follow the current one. */
  readonly follows: boolean;
  readonly progress: RotationProgress | undefined;
}

export type RotationStep =
  | { readonly type: 'create'; readonly from: string; readonly replacing: string | undefined }
  | { readonly type: 'resume'; readonly from: string; readonly to: string }
  | { readonly type: 'set'; readonly from: string; readonly to: string }
  | { readonly type: 'test'; readonly from: string; readonly to: string }
  | { readonly type: 'finish'; readonly from: string; readonly to: string }
  | { readonly type: 'done'; readonly version: string }
  /** Somebody else has changed the secret in a way that a rotation does not. */
  | { readonly type: 'conflict'; readonly problem: string };

/** Whether a rotation was begun and has not ended: what is pending has never been current. */
export function isOpenRotation({ current, previous, pending }: Stages): boolean {
  return pending !== undefined && pending !== current && pending !== previous;
}

/**
 * The next step of a rotation. Whatever is done twice, by two that rotate at once or after a crash, has the same effect as
 * once, because both have the one pending version: it is created on condition, set with the same password, and made
 * current on condition.
 */
export function nextRotationStep({ stages, begunAt, token, follows, progress }: ObservedRotation): RotationStep {
  const { current, previous, pending } = stages;
  if (current === undefined) return { type: 'conflict', problem: 'it has no current version' };
  if (progress !== undefined) return continued(stages, progress);
  if (token !== undefined && (token === current || token === previous)) return { type: 'done', version: token };
  if (current !== begunAt) {
    if (current === pending) return { type: 'done', version: current };
    return changed(begunAt, current);
  }
  if (pending !== undefined && isOpenRotation(stages) && follows) return { type: 'resume', from: current, to: pending };
  return { type: 'create', from: current, replacing: pending };
}

const after = { created: 'set', set: 'test', tested: 'finish' } as const;

function continued({ current, previous, pending }: Stages, { from, to, reached }: RotationProgress): RotationStep {
  if (to === current || to === previous) return { type: 'done', version: to };
  if (current !== from) return changed(from, current);
  if (pending !== to) {
    return { type: 'conflict', problem: `expected version ${to} to be pending, it is ${pending ?? 'none'}` };
  }
  return { type: after[reached], from, to };
}

function changed(expected: string | undefined, current: string | undefined): RotationStep {
  return {
    type: 'conflict',
    problem: `expected version ${expected ?? 'none'} to be current, it is ${current ?? 'none'}`,
  };
}
