import { checkUnsupported } from './errors.ts';
import type { HealthCheck, HttpCheck } from './health-check.ts';
import type { CommandProbe, Probe, ProbeResult, TcpProbe } from './ports/probe.ts';
import type { Instance, InstanceAddress, InstanceKey } from './ports/runtime.ts';
import type { Router } from './ports/router.ts';
import { slotName } from './slots.ts';

type Failed = Extract<ProbeResult, { healthy: false }>;

/** What one question showed. */
export type Sighting =
  | { readonly healthy: true }
  | {
      readonly healthy: false;
      readonly reason: Failed['reason'] | 'wrong-host' | 'starting' | 'unhealthy';
      readonly detail: string;
      readonly way: 'directly' | 'through the proxy';
    };

/** How instances are asked. */
export interface Probes {
  readonly http: Probe;
  readonly tcp: TcpProbe;
  /** Null where nothing can be run inside an instance. */
  readonly command: CommandProbe | null;
}

export interface AskOptions {
  readonly instance: Instance;
  readonly check: HealthCheck;
  /** The Host that outsiders use; null where any will do. */
  readonly host: string | null;
  /** Null for a service without traffic. */
  readonly router: Router | null;
  readonly probes: Probes;
  /** Leaves a question out that the one through the router answers as well: who is not well through it is not asked why. */
  readonly briefly?: boolean | undefined;
  readonly signal: AbortSignal;
}

// How servers refuse a Host that they do not know.
const refusals = [400, 403, 404, 421];

/**
 * Asks a running instance once: HTTP at each replica and then through the router, as an outsider would.
 * Throws `BLUEGREEN_CHECK_UNSUPPORTED`.
 */
export async function askInstance(options: AskOptions): Promise<Sighting> {
  const { instance, check, probes, signal } = options;
  const { timeoutMs } = check;
  switch (check.kind) {
    case 'tcp':
      return atEachReplica(instance, (address) => probes.tcp({ address, timeoutMs, signal }));
    case 'command':
      if (probes.command === null)
        throw checkUnsupported(slotName(instance), 'nothing can be run inside an instance here');
      return directly(await probes.command({ key: keyOf(instance), command: check.command, timeoutMs, signal }));
    case 'image':
      return askImage(instance);
    default:
      return askHttp(options, check);
  }
}

async function askHttp(options: AskOptions, check: HttpCheck): Promise<Sighting> {
  const { instance, host, router, probes, briefly = false, signal } = options;
  const { path, timeoutMs } = check;
  const named = check.host ?? host;
  const expected = { statuses: check.statuses, body: check.body };
  const ask = async (url: string, headers: Readonly<Record<string, string>>): Promise<ProbeResult | WrongHost> => {
    const question = { url, expected, timeoutMs, signal };
    if (named === null) return probes.http({ ...question, headers });
    const answer = await probes.http({ ...question, headers: { ...headers, host: named } });
    if (answer.healthy || !refusals.includes(answer.status ?? 0)) return answer;
    const anyHost = await probes.http({ ...question, headers });
    return anyHost.healthy ? wrongHost(answer.detail, named) : answer;
  };

  if (router === null || !briefly || instance.addresses.length > 1) {
    const direct = await atEachReplica(instance, ({ host: machine, port }) =>
      ask(new URL(path, `http://${machine}:${port}`).href, {}),
    );
    if (!direct.healthy || router === null) return direct;
  }
  const { url, headers } = await router.preview({ ...keyOf(instance), path });
  const answer = await ask(url, headers);
  return answer.healthy ? answer : { ...answer, way: 'through the proxy' };
}

interface WrongHost {
  readonly healthy: false;
  readonly reason: 'wrong-host';
  readonly detail: string;
}

function wrongHost(detail: string, host: string): WrongHost {
  return { healthy: false, reason: 'wrong-host', detail: `${detail}, but it answers well without the Host ${host}` };
}

async function atEachReplica(
  { addresses }: Instance,
  ask: (address: InstanceAddress) => Promise<ProbeResult | WrongHost>,
): Promise<Sighting> {
  const answers = await Promise.all(addresses.map((address) => ask(address)));
  const index = answers.findIndex(({ healthy }) => !healthy);
  const answer = answers[index];
  if (answer === undefined) return { healthy: true };
  const sighting = directly(answer);
  if (sighting.healthy || addresses.length === 1) return sighting;
  return { ...sighting, detail: `replica ${index + 1} of ${addresses.length}: ${sighting.detail}` };
}

function directly(answer: ProbeResult | WrongHost): Sighting {
  return answer.healthy ? answer : { healthy: false, reason: answer.reason, detail: answer.detail, way: 'directly' };
}

function askImage(instance: Instance): Sighting {
  switch (instance.imageHealth) {
    case null:
      throw checkUnsupported(slotName(instance), 'its image has no HEALTHCHECK');
    case 'healthy':
      return { healthy: true };
    case 'starting':
      return {
        healthy: false,
        reason: 'starting',
        detail: 'its HEALTHCHECK has not been content yet',
        way: 'directly',
      };
    case 'unhealthy':
      return { healthy: false, reason: 'unhealthy', detail: 'its HEALTHCHECK is not content', way: 'directly' };
  }
}

function keyOf({ service, slot }: Instance): InstanceKey {
  return { service, slot };
}
