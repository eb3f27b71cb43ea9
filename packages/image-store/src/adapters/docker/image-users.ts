import { z } from 'zod';

import { guardedDigest } from '../../image/guard-tags.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import type { ImageReference } from '../../retention/plan-prune.ts';
import type { EngineClient } from './engine-client.ts';
import type { EngineImages } from './engine-images.ts';
import { engineFailed } from './errors.ts';

const containersSchema = z.array(
  z.object({ Id: z.string(), ImageID: z.string(), Names: z.array(z.string()).default([]) }),
);

/** What containers need, running or not: under each digest that the engine knows their image by. */
export async function imageUsers(
  { client, images }: { readonly client: EngineClient; readonly images: EngineImages },
  { signal }: Cancellable,
): Promise<readonly ImageReference[]> {
  const request = { method: 'GET', path: '/containers/json', query: { all: 'true' } } as const;
  const containers = await client.ask(request, containersSchema, { signal }).catch((error: unknown) => {
    throw engineFailed({ address: client.address, what: 'list the containers' }, error);
  });
  const digests = new Map<string, readonly string[]>();
  for (const id of new Set(containers.map(({ ImageID }) => ImageID))) {
    const image = await images.inspect(id, { signal });
    const known = (image?.digests ?? []).map((name) => name.slice(name.indexOf('@') + 1));
    const guarded = (image?.tags ?? []).flatMap((name) => guardedDigest(name.slice(name.lastIndexOf(':') + 1)) ?? []);
    digests.set(id, [...new Set([id, ...known, ...guarded])]);
  }
  return containers.flatMap(({ Id, ImageID, Names: [name = Id] }) =>
    (digests.get(ImageID) ?? []).map((digest) => ({ digest, by: `container ${name.replace(/^\//, '')}` })),
  );
}
