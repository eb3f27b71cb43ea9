import { join } from 'node:path';

import { type ReleaseRecord, rollbackTarget } from '@maestro/image-store';
import { openDockerEngine } from '@maestro/image-store/docker';
import { openFileReleaseHistory } from '@maestro/image-store/embedded';
import { openOciImageStore } from '@maestro/image-store/oci';

import type { Context } from '../../benchmark.ts';
import { elapsedMs } from '../../measure/elapsed.ts';
import { quantile } from '../../measure/statistics.ts';
import { openCountingFront } from './counting-front.ts';
import { locationIn, type Place } from './place.ts';
import { randomImage } from './random-image.ts';
import { environment, releaseOf } from './release-of.ts';

export interface Rollbacks {
  /** Each makes a container that could be started, returns how long that took, and takes it away again. */
  readonly ours: () => Promise<number>;
  readonly docker: () => Promise<number>;
  /** Inspects and creates by the engine's interface, without a process: what ours adds to. */
  readonly engine: () => Promise<number>;
  /** How often the image repository was asked since the images were fetched. */
  readonly requests: () => number;
}

const imageBytes = 100_000;
const releases = 10;

/** From the question what to roll back to, to a container of it, with the image repository out of the picture. */
export async function warmRollback(place: Place, { pair, record, quick, stack }: Context): Promise<void> {
  const { rounds, samples } = quick ? { rounds: 2, samples: 20 } : { rounds: 10, samples: 40 };
  const { ours, docker, engine, requests } = await prepareRollbacks(place, { stack });
  const p95 = async (measure: () => Promise<number>) => {
    const taken: number[] = [];
    while (taken.length < samples) taken.push(await measure());
    return quantile(taken, 0.95);
  };
  const common = { unit: 'ms', rounds, ours: () => p95(ours), bar: { of: 'ratio', atMost: 2 } } as const;
  await pair({
    ...common,
    name: 'warm rollback, p95',
    peer: { name: 'docker inspect, create', measure: () => p95(docker) },
  });
  await pair({
    ...common,
    name: 'the same beside the bare engine',
    warmUp: false,
    peer: { name: 'engine inspect, create', measure: () => p95(engine) },
  });
  const none = { of: 'value', atMost: 0 } as const;
  const unit = 'requests';
  record({ name: 'asked of the repository meanwhile', unit, samples: [requests()], statistic: 'sum', bar: none });
}

export async function prepareRollbacks(place: Place, { stack }: Pick<Context, 'stack'>): Promise<Rollbacks> {
  const { engine, suite, api, docker, folder, signal } = place;
  const front = stack.use(await openCountingFront(place.registry));
  const { location, repository, reference } = locationIn({ ...place, registry: front.origin }, 'rollback');
  const target = openDockerEngine({ engine, repositories: location }).engine;
  const store = openOciImageStore(location);
  const history = openFileReleaseHistory({ folder: join(folder, 'history') });
  const records: ReleaseRecord[] = [];
  for (let index = 0; index < releases; index += 1) {
    const image = await randomImage(repository, imageBytes);
    const { digest, tag } = image;
    await store.put(image, { signal });
    await target.pull({ repository, digest }, { signal });
    const services = [{ name: 'api', image: `${repository}:${tag}`, digest }];
    const record = releaseOf({ index, previousHealthy: records.at(-1)?.id ?? null, services });
    await history.record(record, { signal });
    records.push(record);
  }
  const current = records.at(-1)?.id ?? null;
  const digest = records.at(-2)?.services[0]?.digest ?? '';
  const image = `${reference}@${digest}`;

  let made = 0;
  const removing = (create: (name: string) => Promise<unknown>) => async () => {
    const name = `${suite}-rollback-${(made += 1)}`;
    const ms = await elapsedMs(() => create(name));
    await api.getContainer(name).remove();
    return ms;
  };
  const create = (name: string, of: string) =>
    api.createContainer({ _query: { name }, _body: { Image: of, Cmd: ['/none'] } } as object);
  const before = front.requests();
  return {
    ours: removing(async (name) => {
      const wanted = rollbackTarget({ records: await history.list({ environment }, { signal }), current });
      const [service] = wanted.services;
      const held = await target.pull({ repository, digest: service?.digest ?? '' }, { signal });
      await create(name, `${reference}@${held.digest}`);
    }),
    docker: removing(async (name) => {
      await docker.run(['inspect', image]);
      await docker.run(['create', '--name', name, image, '/none']);
    }),
    engine: removing(async (name) => {
      await api.getImage(image).inspect();
      await create(name, image);
    }),
    requests: () => front.requests() - before,
  };
}
