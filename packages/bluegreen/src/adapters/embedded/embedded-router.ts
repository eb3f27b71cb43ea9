import { isMaestroError } from '@maestro/core';

import { unknownService } from '../../errors.ts';
import type { Generation } from '../../plan/generation.ts';
import type { InstanceKey } from '../../ports/runtime.ts';
import type {
  InFlight,
  PreviewTarget,
  Router,
  RouterAddresses,
  Switched,
  SwitchRequest,
  Topology,
} from '../../ports/router.ts';
import type { GenerationFolder } from '../files/generation-folder.ts';
import type { ControlClient } from './control-client.ts';
import { addressesSchema, type DaemonState, inFlightSchema, stateSchema } from './control-protocol.ts';
import { checkEmbeddedTopology } from './embedded-topology.ts';
import { previewHeader } from './preview-header.ts';

const answerMs = 10_000;

/** The daemon's proxy, told what to listen on through the socket and where to send traffic by the generation on disk. */
export class EmbeddedRouter implements Router {
  readonly #client: ControlClient;
  readonly #generations: GenerationFolder;

  constructor(options: { readonly client: ControlClient; readonly generations: GenerationFolder }) {
    this.#client = options.client;
    this.#generations = options.generations;
  }

  async apply(
    topology: Topology,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<RouterAddresses> {
    checkEmbeddedTopology(topology);
    return this.#client.call({
      operation: '/apply',
      body: topology,
      schema: addressesSchema,
      deadlineMs: answerMs,
      signal,
    });
  }

  /** Its sockets are opened and closed one by one: nothing else notices. */
  reloadsFor(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async addresses(): Promise<RouterAddresses | null> {
    try {
      return (await this.#state()).addresses;
    } catch (error) {
      if (isMaestroError(error, 'BLUEGREEN_DAEMON_NOT_RUNNING')) return null;
      throw error;
    }
  }

  generation(): Promise<Generation | null> {
    return Promise.resolve(this.#generations.live());
  }

  switchTo(request: SwitchRequest): Promise<Switched> {
    return this.#generations.switchTo(request);
  }

  inFlight({ service, slot }: InstanceKey): Promise<InFlight> {
    return this.#client.call({
      operation: '/in-flight',
      body: { service, slot },
      schema: inFlightSchema,
      deadlineMs: answerMs,
    });
  }

  async preview({ service, slot, path }: InstanceKey & { readonly path: string }): Promise<PreviewTarget> {
    const { addresses, previewKey } = await this.#state();
    const address = addresses?.services[service];
    if (address === undefined) throw unknownService(service);
    return { url: new URL(path, address).href, headers: { [previewHeader]: `${previewKey} ${slot}` } };
  }

  #state(): Promise<DaemonState> {
    return this.#client.call({ operation: '/state', schema: stateSchema, deadlineMs: answerMs });
  }
}
