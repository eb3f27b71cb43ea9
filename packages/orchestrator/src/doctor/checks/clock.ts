import { check } from '../check.ts';
import { failed, type Judgement, ok, warning } from '../finding.ts';
import { Nothing } from '../nothing.ts';
import { duration } from '../words.ts';
import type { World } from '../world.ts';

/** A clock elsewhere: its time minus that of this machine. */
export interface OtherClock {
  readonly of: string;
  readonly offsetMs: number;
}

// Both ends tell whole seconds, and an answer takes its time.
const toleratedMs = 5_000;
/** AWS refuses what was signed longer ago, and leases of deployers end by then. */
const refusedMs = 5 * 60_000;

export const clockCheck = check({
  name: 'clock',
  group: 'machine',
  look: async (world) => {
    const others = await otherClocks(world);
    return others.length === 0 ? new Nothing('nobody to compare with') : others;
  },
  judge: judgeClocks,
});

/** Of those that answered: where one does not, another check says so. */
async function otherClocks({ imageRepository, awsIdentity }: World): Promise<readonly OtherClock[]> {
  const asked = [
    { of: 'the image repository', facts: imageRepository() },
    { of: 'AWS', facts: awsIdentity() },
  ];
  const told = await Promise.all(
    asked.map(async ({ of, facts }) => {
      const told = await facts.catch(() => new Nothing('it does not answer'));
      return { of, offsetMs: told instanceof Nothing ? null : told.clockOffsetMs };
    }),
  );
  return told.flatMap(({ of, offsetMs }) => (offsetMs === null ? [] : [{ of, offsetMs }]));
}

export function judgeClocks(others: readonly OtherClock[]): Judgement {
  const furthest = others.toSorted((a, b) => Math.abs(b.offsetMs) - Math.abs(a.offsetMs))[0];
  const offMs = Math.abs(furthest?.offsetMs ?? 0);
  if (furthest === undefined || offMs <= toleratedMs) return ok(`as that of ${others.map(({ of }) => of).join(', ')}`);
  const message = `${duration(offMs)} ${furthest.offsetMs > 0 ? 'behind' : 'ahead of'} that of ${furthest.of}`;
  const fix = 'timedatectl set-ntp true';
  if (offMs <= refusedMs) return warning(message, fix);
  return failed(`${message}: logins and signatures are refused`, fix);
}
