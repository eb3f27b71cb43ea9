import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { RecordingLogger } from '@maestro/core/testing';
import { recordFaults } from '@maestro/services/faults';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { openOciImageStore, openOciReleaseHistory } from '../../src/oci.ts';
import { sampleReleaseId } from '../../src/testing.ts';
import { type RecordingJob, releaseOf } from './recording-jobs.ts';
import { RegistryFront } from './registry-front.ts';
import { imageOf, newNamespace } from './registry-images.ts';

const environment = 'production';
const program = fileURLToPath(new URL('recording-to-registry.ts', import.meta.url));

function deployer(job: RecordingJob): ChildProcess {
  const node = ['--conditions=@maestro/source', '--disable-warning=ExperimentalWarning', program, JSON.stringify(job)];
  return spawn(process.execPath, node, { stdio: ['ignore', 'inherit', 'inherit'] });
}

async function endOf(child: ChildProcess): Promise<unknown> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal ?? code;
}

/** The numbers of the releases that a history holds; rejects when there is anything in it that is no whole record. */
async function numbersIn(place: { readonly registry: string; readonly namespace: string }): Promise<readonly number[]> {
  const logger = new RecordingLogger();
  const history = openOciReleaseHistory({ ...place, project: 'shop', logger });
  const records = await history.list({ environment, limit: 1_000 });
  expect(logger.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  return records.map(({ id }) => Number(id.slice(5)));
}

/** The release, the nine before it and what the oldest of these refers to. */
const remembered = (number: number) => Array.from({ length: 11 }, (_, index) => number - index);

describeWith('deployers that record into one registry', ['image-repository'], (parts) => {
  const place = () => {
    const { address, prefix } = parts()['image-repository'];
    return { registry: address, namespace: newNamespace(prefix) };
  };

  it('lose and tear no release, eight at the same time', { timeout: 120_000 }, async () => {
    const { registry, namespace } = place();
    const jobs = Array.from({ length: 8 }, (_, first) => Array.from({ length: 6 }, (__, turn) => 1 + first + turn * 8));
    const ends = jobs.map((numbers) => endOf(deployer({ registry, namespace, digests: [], numbers })));
    expect(await Promise.all(ends)).toEqual(jobs.map(() => 0));
    const newest = (await numbersIn({ registry, namespace })).slice(0, 10);
    recordFaults({
      promised: 'nothing is torn or lost',
      fault: 'eight deployers record 48 releases into one registry at once',
      times: 1,
      checked: { releases: 10 },
      wrong: {
        'lost releases': remembered(48)
          .slice(0, 10)
          .filter((number) => !newest.includes(number)).length,
      },
    });
    // Of 48 releases, whoever recorded them in whichever order.
    expect(newest).toEqual(remembered(48).slice(0, 10));
  });

  it(
    'may be killed at each request, before it is done or after; recording again ends well',
    {
      timeout: 300_000,
    },
    async () => {
      const { registry, namespace } = place();
      const store = openOciImageStore({ registry, namespace });
      const put = async (text: string) => (await store.put(await imageOf(`recording deployers ${text}`))).digest;
      const digests = [await put('one'), await put('another')];
      const tags = async (repository: string) => {
        const answer = await fetch(`${registry}/v2/${namespace}/${repository}/tags/list`);
        return ((await answer.json()) as { tags: string[] }).tags;
      };
      let number = 12;
      for (let first = 1; first <= number; first += 1) {
        await openOciReleaseHistory({ registry, namespace, project: 'shop' }).record(releaseOf(first, digests));
      }

      const kills = { before: 0, after: 0 };
      for (const moment of ['before', 'after'] as const) {
        for (let at = 1; ; at += 1) {
          number += 1;
          const job = { namespace, digests, numbers: [number] };
          const end = await killedAt(at, { moment, registry, job });
          const found = await numbersIn({ registry, namespace });
          if (end === 0) {
            expect(found).toEqual(remembered(number));
            break;
          }
          expect(end).toBe('SIGKILL');
          kills[moment] += 1;
          expect([remembered(number - 1), remembered(number)]).toContainEqual(found);
          const again = openOciReleaseHistory({ registry, namespace, project: 'shop' });
          await again.record(releaseOf(number, digests));
          expect(await numbersIn({ registry, namespace })).toEqual(remembered(number));
        }
      }
      recordFaults({
        promised: 'nothing is torn or lost',
        fault: 'deployer killed (SIGKILL) at a request that records a release in a registry',
        times: kills.before + kills.after,
        checked: { histories: 2 * (kills.before + kills.after) },
        wrong: { 'histories that are neither as before nor as after': 0 },
      });
      // Reads and writes; then only what changes something: upload begun and ended, record, tag, removal.
      expect(kills.before).toBeGreaterThan(20);
      expect(kills.after).toBe(5);
      const kept = remembered(number).map((one) => `h-production-${sampleReleaseId(one)}`);
      expect(new Set(await tags('shop-release-history'))).toEqual(new Set(kept));
      const api = await tags('shop-api');
      for (let one = 1; one <= number; one += 1) expect(api).toContain(`h-production-${sampleReleaseId(one)}`);
    },
  );
});

interface Killing {
  readonly moment: 'before' | 'after';
  readonly registry: string;
  readonly job: Omit<RecordingJob, 'registry'>;
}

/** Runs a deployer that dies at a request, before the registry gets it, or at a change, after it was made. */
async function killedAt(at: number, { moment, registry, job }: Killing): Promise<unknown> {
  let requests = 0;
  const children: ChildProcess[] = [];
  const die = () => {
    requests += 1;
    if (requests === at) for (const child of children) child.kill('SIGKILL');
    return requests >= at;
  };
  await using front = await RegistryFront.open(registry, () =>
    moment === 'before' && die() ? { status: 503 } : undefined,
  );
  for (const method of moment === 'after' ? ['POST', 'PUT', 'DELETE'] : []) {
    const reaction = async ({ forward }: { readonly forward: () => Promise<{ readonly status: number }> }) => {
      const answer = await forward();
      die();
      return answer;
    };
    front.put({ method, path: /./, reaction });
  }
  const child = deployer({ ...job, registry: front.origin });
  children.push(child);
  return await endOf(child);
}
