import { reportError } from '@maestro/core';

import { type CheckFinding, type CheckGroup, failed, type Judgement, skipped } from './finding.ts';
import { Nothing } from './nothing.ts';
import type { World } from './world.ts';

/** One thing that a deployment needs. */
export interface Check {
  readonly name: string;
  readonly group: CheckGroup;
  /** Never rejects: what a check meets on its way is a finding. */
  run(world: World): Promise<CheckFinding>;
}

interface CheckOptions<Facts> {
  readonly name: string;
  readonly group: CheckGroup;
  /** The check that says so when what this one looks at is out of reach; this one by default. */
  readonly saidBy?: string;
  /** Looks at the world, and changes nothing in it. */
  readonly look: (world: World) => Promise<Facts | Nothing> | Facts | Nothing;
  /** Says what that means, by the facts alone. */
  readonly judge: (facts: Facts) => Judgement;
}

/** A check of a look, which may fail, and of a judgement, which does not. */
export function check<Facts>({ name, group, saidBy, look, judge }: CheckOptions<Facts>): Check {
  return {
    name,
    group,
    run: async (world) => {
      try {
        const facts = await look(world);
        return { check: name, group, ...(facts instanceof Nothing ? skipped(facts.why) : judge(facts)) };
      } catch (error) {
        if (saidBy !== undefined) return { check: name, group, ...skipped(`cannot be told: see ${saidBy}`) };
        return failedCheck({ name, group }, error);
      }
    },
  };
}

/** The finding of a check that met an error. */
export function failedCheck({ name, group }: Pick<Check, 'group' | 'name'>, error: unknown): CheckFinding {
  const { code, message, hint = 'maestro doctor --verbose' } = reportError(error);
  return { check: name, group, ...failed(message, hint), code };
}
