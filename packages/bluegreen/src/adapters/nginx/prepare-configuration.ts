import type { Topology } from '../../ports/router.ts';
import type { InstanceAddress } from '../../ports/runtime.ts';
import type { SlotAddresses } from '../../ports/slot-addresses.ts';
import { slotName } from '../../slots.ts';
import { type ReadContents, readContents } from './content-files.ts';
import type { NginxLayout } from './nginx-layout.ts';
import type { NginxProgram } from './nginx-program.ts';
import { type Rendered, renderNginx } from './render-nginx.ts';
import { placesOf, settle, type Settled } from './settled-topology.ts';

export interface PrepareOptions {
  readonly layout: NginxLayout;
  readonly program: NginxProgram;
  /** Where the slots answer. */
  readonly slots: SlotAddresses;
  /** Where other services reach each service, such as the gateway of their network. */
  readonly servicesHost: string;
  readonly workerUser?: string | undefined;
}

/** A configuration, and what belongs to it; nothing of it is written yet. */
export interface Prepared extends Rendered {
  readonly settled: Settled;
  readonly contents: ReadContents;
}

/** Makes the configuration of a topology, in which everything keeps the port that it had before. */
export async function prepareConfiguration(
  { layout, program, slots, servicesHost, workerUser }: PrepareOptions,
  wanted: {
    readonly topology: Topology;
    readonly before: Settled | null;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Prepared> {
  const { topology, before, signal } = wanted;
  const settled = await settle({ before, topology, servicesHost, scope: layout.folder });
  const contents = await readContents(layout.contents, topology);
  const rendered = renderNginx({
    topology,
    settled,
    addresses: await addressesBySlot(slots, settled),
    contents: contents.files,
    layout,
    version: await program.version({ signal }),
    servicesHost,
    workerUser,
    sharesPorts: program.sharesPorts,
  });
  return { ...rendered, settled, contents };
}

async function addressesBySlot(
  slots: SlotAddresses,
  settled: Settled,
): Promise<ReadonlyMap<string, readonly InstanceAddress[]>> {
  const keys = settled.routed.flatMap((service) => (['blue', 'green'] as const).map((slot) => ({ service, slot })));
  const places = keys.flatMap((key) => placesOf(settled, key));
  // Asked for together, so that they are handed out in the order of the topology.
  const addresses = await slots.addressesOf(places);
  const bySlot = new Map<string, InstanceAddress[]>(keys.map((key) => [slotName(key), []]));
  for (const [index, address] of addresses.entries()) {
    const place = places[index];
    if (place !== undefined) bySlot.get(slotName(place))?.push(address);
  }
  return bySlot;
}
