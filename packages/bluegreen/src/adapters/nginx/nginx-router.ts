import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Clock, type Logger, writeFileDurably } from '@maestro/core';

import { unknownService } from '../../errors.ts';
import type { Generation } from '../../plan/generation.ts';
import type {
  InFlight,
  PreviewTarget,
  Router,
  RouterAddresses,
  Switched,
  SwitchRequest,
  Topology,
} from '../../ports/router.ts';
import type { InstanceKey } from '../../ports/runtime.ts';
import { GenerationFolder } from '../files/generation-folder.ts';
import { rotateLogs } from './access-log.ts';
import { checkTopology } from './check-topology.ts';
import { countClients, countConnections, readTables } from './connections.ts';
import { removeOtherContents, writeContents } from './content-files.ts';
import { nginxMarks, settledMarks } from './generation-marks.ts';
import { configurationRefused, notServed } from './nginx-fault.ts';
import { takingWorkers } from './nginx-program.ts';
import { askStatus, checkFree, prepareFolders, whenServed } from './nginx-state.ts';
import { type Prepared, prepareConfiguration, type PrepareOptions } from './prepare-configuration.ts';
import { previewHeader } from './render-routing.ts';
import {
  addressesOf,
  isSettled,
  listenersOf,
  placesOf,
  readSettled,
  type StoredTopology,
  writeSettled,
} from './settled-topology.ts';

export interface NginxRouterOptions extends PrepareOptions {
  /** How long clients are told that their connections will be closed before a reload closes them. */
  readonly goodbyeMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Stoppable {
  readonly signal?: AbortSignal | undefined;
}

const secondLookMs = 50;

/**
 * nginx, told what to listen on by a configuration that is rendered once for a topology, and where to send traffic by the
 * generation on disk, which it looks at for each request. It is never reloaded to switch.
 */
export class NginxRouter implements Router {
  readonly #options: NginxRouterOptions;
  readonly #generations: GenerationFolder;
  #stored: StoredTopology | null = null;
  #read: { readonly stamp: string; readonly stored: Promise<StoredTopology | null> } | undefined;

  constructor(options: NginxRouterOptions) {
    this.#options = options;
    this.#generations = new GenerationFolder({
      folder: options.layout.stateFolder,
      clock: options.clock,
      routerMarks: (routing) => nginxMarks(routing, this.#stored),
    });
  }

  async apply(topology: Topology, options: Stoppable = {}): Promise<RouterAddresses> {
    const { layout, servicesHost } = this.#options;
    checkTopology(topology);
    await prepareFolders(layout);
    const next = await this.#prepare(topology, options);
    const served = await this.#served();
    if (served !== next.id) await this.#load(next, served, options);
    await this.#settleDown(next);
    return addressesOf(next.settled, servicesHost);
  }

  async reloadsFor(topology: Topology): Promise<boolean> {
    checkTopology(topology);
    const served = await this.#served();
    return served !== null && served !== (await this.#prepare(topology, {})).id;
  }

  async addresses(): Promise<RouterAddresses | null> {
    const stored = await this.#readStored();
    if (stored === null || (await this.#served()) === null) return null;
    return addressesOf(stored, this.#options.servicesHost);
  }

  generation(): Promise<Generation | null> {
    return Promise.resolve(this.#generations.live());
  }

  async switchTo(request: SwitchRequest): Promise<Switched> {
    this.#stored = await this.#readStored();
    const switched = await this.#generations.switchTo(request);
    await rotateLogs(this.#options);
    return switched;
  }

  /** Connections that wait in the pool for a second request look like requests for up to a second. */
  async inFlight(key: InstanceKey): Promise<InFlight> {
    const { slots, program, clock } = this.#options;
    const stored = await this.#readStored();
    const addresses = stored === null ? [] : await slots.addressesOf(placesOf(stored, key));
    const look = async () => countConnections(await readTables(await program.master()), addresses);
    const first = await look();
    if (first.requests + first.connections > 0) return first;
    // A worker that has just chosen the slot has not connected to it yet.
    await clock.sleep(secondLookMs);
    return look();
  }

  async preview({ service, slot, path }: InstanceKey & { readonly path: string }): Promise<PreviewTarget> {
    const stored = await this.#readStored();
    const address = stored === null ? undefined : addressesOf(stored, this.#options.servicesHost).services[service];
    if (stored === null || address === undefined) throw unknownService(service);
    return { url: new URL(path, address).href, headers: { [previewHeader]: `${stored.previewKey} ${slot}` } };
  }

  /** Starts nginx where it does not run but has served before. Throws `BLUEGREEN_PROXY_FAILED`, `BLUEGREEN_PORT_IN_USE`. */
  async ensureRunning(options: Stoppable = {}): Promise<void> {
    const { program, layout } = this.#options;
    const stored = await this.#readStored();
    if (stored === null || (await program.master()) !== null) return;
    await prepareFolders(layout);
    await program.start(options);
    await whenServed(this.#options, { ...stored, replaced: [], ...options });
  }

  /** Has a new nginx, such as one that was installed in the meantime, take over from the one that runs. */
  async replaceProxy(options: Stoppable = {}): Promise<void> {
    const { program, layout } = this.#options;
    const stored = await this.#readStored();
    if (stored === null) return;
    const wrong = await program.check(layout.config, options);
    if (wrong !== null) throw configurationRefused(wrong);
    await this.#sayGoodbye(stored.id, options);
    await program.replace(options);
    await whenServed(this.#options, { ...stored, replaced: [], ...options });
    await this.#settleDown({ id: stored.id, settled: stored, text: await readFile(layout.config, 'utf8') });
  }

  async #prepare(topology: Topology, { signal }: Stoppable): Promise<Prepared> {
    return prepareConfiguration(this.#options, { topology, before: await this.#readStored(), signal });
  }

  /** Starts nginx with a configuration, or gives it to the one that runs. */
  async #load(next: Prepared, served: string | null, options: Stoppable): Promise<void> {
    const { layout, program, servicesHost } = this.#options;
    await writeContents(next.contents);
    await writeFileDurably(layout.nextConfig, next.text);
    const wrong = await program.check(layout.nextConfig, options);
    if (wrong !== null) throw configurationRefused(wrong);

    const before = await this.#readStored();
    const master = await program.master();
    const open = before === null || master === null ? [] : listenersOf(before, servicesHost);
    if (before !== null && master !== null) await checkFree(listenersOf(next.settled, servicesHost), open);
    const old = await readFile(layout.config, 'utf8').catch(() => undefined);
    const logged = (await stat(layout.errorLog).catch(() => undefined))?.size ?? 0;
    if (master !== null) await this.#sayGoodbye(served, options);
    await rename(layout.nextConfig, layout.config);
    // Before it is served: ports that it listens on are never handed out to somebody else.
    await writeSettled(layout.settled, { ...next.settled, id: next.id });
    const replaced = master === null ? [] : await takingWorkers(master);
    try {
      if (master === null) await program.start(options);
      else await program.reload();
      await whenServed(this.#options, { ...next.settled, id: next.id, replaced, ...options });
    } catch (error) {
      await (old === undefined ? rm(layout.config, { force: true }) : writeFileDurably(layout.config, old));
      await (before === null ? rm(layout.settled, { force: true }) : writeSettled(layout.settled, before));
      await rm(layout.closing, { force: true });
      throw await notServed(layout, error, logged);
    }
  }

  /** Answers say for a while that their connection ends, so that the reload finds none idle that a client is about to use. */
  async #sayGoodbye(served: string | null, { signal }: Stoppable): Promise<void> {
    const { layout, program, clock, goodbyeMs, servicesHost } = this.#options;
    const stored = await this.#readStored();
    const ports = stored === null ? [] : listenersOf(stored, servicesHost).map(({ port }) => port);
    if (countClients(await readTables(await program.master()), ports) === 0) return;
    await writeFile(layout.closing, '');
    if (served !== null) await this.#unsettle(served);
    await clock.sleep(goodbyeMs, signal);
  }

  /** Has nginx test for all that may be unusual, such as a goodbye. */
  async #unsettle(served: string): Promise<void> {
    const live = join(this.#options.layout.stateFolder, 'live');
    const marks = await readdir(live).catch(noneIfMissing);
    for (const mark of marks) {
      if (mark.startsWith(settledMarks(served))) await rm(join(live, mark), { force: true });
    }
  }

  /** Leaves behind what an apply that was cut off would have: nobody is said goodbye to, and the usual is known as such. */
  async #settleDown({ id, settled, text }: Pick<Prepared, 'id' | 'settled' | 'text'>): Promise<void> {
    const { layout } = this.#options;
    await rm(layout.closing, { force: true });
    this.#stored = { ...settled, id };
    if (!(await isSettled(layout.settled, this.#stored))) await writeSettled(layout.settled, this.#stored);
    const target = this.#generations.liveTarget();
    if (target !== undefined) {
      const marks = nginxMarks(this.#generations.read(target), this.#stored);
      for (const mark of marks) await writeFile(join(layout.stateFolder, target, mark), '');
    }
    await removeOtherContents(layout.contents, text);
    await rotateLogs(this.#options);
  }

  async #served(): Promise<string | null> {
    const stored = await this.#readStored();
    return stored === null ? null : askStatus(this.#options, stored.statusPort);
  }

  /** Another process may have replaced it since, but rarely has: each probe asks for it. */
  async #readStored(): Promise<StoredTopology | null> {
    const { layout, logger } = this.#options;
    const found = await stat(layout.settled, { bigint: true }).catch(() => undefined);
    if (found === undefined) return await readSettled(layout, logger);
    const stamp = [found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
    if (this.#read?.stamp !== stamp) this.#read = { stamp, stored: readSettled(layout, logger) };
    return await this.#read.stored;
  }
}

/** Before the first switch. */
function noneIfMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code !== 'ENOENT') throw error;
  return [];
}
