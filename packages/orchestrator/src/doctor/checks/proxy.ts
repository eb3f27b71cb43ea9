import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import type { LiveFacts, NginxFacts } from '@maestro/bluegreen/nginx';
import type { ResolvedProxy } from '@maestro/registry';

import { check } from '../check.ts';
import { failed, type Judgement, ok, warning } from '../finding.ts';
import { looked, Nothing } from '../nothing.ts';
import { listed, quoted } from '../words.ts';
import type { World } from '../world.ts';

/** A port that the proxy is to listen on. */
export interface PortFacts {
  readonly host: string;
  readonly port: number;
  /** `ours`: the proxy of this environment listens there. `refused` names why this user could not. */
  readonly state: 'free' | 'ours' | { readonly refused: string };
}

const common = { group: 'proxy', saidBy: 'proxy' } as const;

export const proxyChecks = [
  check({
    name: 'ports',
    group: 'proxy',
    look: async (world) => {
      const wanted = wantedPorts(world.environment.proxy);
      if (wanted.length === 0) return new Nothing('any free port will do');
      const ours = await ownPorts(world);
      return await Promise.all(wanted.map(({ host, port }) => lookAtPort({ host, port, isOurs: ours.has(port) })));
    },
    judge: judgePorts,
  }),
  check({ name: 'proxy', group: 'proxy', look: ({ nginx }) => nginx(), judge: judgeProgram }),
  check({ ...common, name: 'proxy-configuration', look: ({ nginx }) => nginx(), judge: judgeConfiguration }),
  check({
    ...common,
    name: 'proxy-running',
    look: async (world) => {
      const isLive = (await world.live()).kind === 'live';
      const facts = await world.nginx();
      if (!(facts instanceof Nothing)) return { ...facts, isLive };
      return looked(world.status(), ({ url }) => {
        const isRunning = url !== null;
        return { isLive, hasServed: isLive, isRunning, servesCurrent: isRunning };
      });
    },
    judge: judgeRunning,
  }),
  check({
    name: 'generation',
    group: 'proxy',
    look: async ({ environment: { stateFolder }, live }) => {
      const facts = await live();
      const definition = facts.kind === 'live' ? join(stateFolder, 'releases', `${facts.release}.json`) : stateFolder;
      const isDefined = await access(definition).then(
        () => true,
        () => false,
      );
      return { live: facts, stateFolder, isDefined };
    },
    judge: judgeGeneration,
  }),
  check({ ...common, name: 'proxy-leftovers', look: ({ nginx }) => nginx(), judge: judgeLeftovers }),
];

export function judgePorts(ports: readonly PortFacts[]): Judgement {
  const refused = ports.find(({ state }) => typeof state === 'object');
  if (refused === undefined || typeof refused.state !== 'object') {
    return ok(ports.map(({ port, state }) => `${port} is ${state === 'ours' ? "the proxy's" : 'free'}`).join(', '));
  }
  const { host, port } = refused;
  const place = `${host}:${port}`;
  switch (refused.state.refused) {
    case 'EADDRINUSE':
      return failed(
        `somebody else listens on ${place}`,
        `ss --listening --tcp --numeric --processes 'sport = :${port}'`,
      );
    case 'EACCES':
      return failed(
        `${place} is a port that this user may not listen on`,
        `sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}`,
      );
    default:
      return failed(`the proxy cannot listen on ${place}: ${refused.state.refused}`, 'ip address show');
  }
}

export function judgeProgram({ version, isSupported }: Pick<NginxFacts, 'isSupported' | 'version'>): Judgement {
  if (isSupported) return ok(`nginx ${version}`);
  return failed(`nginx ${version} is too old, expected 1.22 or newer`, 'apt-get install --only-upgrade nginx');
}

export function judgeConfiguration({ wrong, hasServed }: Pick<NginxFacts, 'hasServed' | 'wrong'>): Judgement {
  if (wrong === null) return ok(hasServed ? 'nginx finds nothing wrong with it' : 'made by the first deployment');
  return failed(`nginx would not start with its configuration: ${wrong.split('\n')[0] ?? ''}`, 'maestro deploy');
}

export function judgeRunning(
  facts: Pick<NginxFacts, 'hasServed' | 'isRunning' | 'servesCurrent'> & { readonly isLive: boolean },
): Judgement {
  const { hasServed, isRunning, servesCurrent, isLive } = facts;
  if (!hasServed && !isLive) return ok('started by the first deployment');
  if (!isRunning) {
    return isLive
      ? failed('the proxy does not run: nobody reaches what is live', 'maestro deploy')
      : ok('stopped, as the environment is');
  }
  if (servesCurrent) return ok('it serves its configuration');
  return failed('the proxy serves another configuration than the one in use', 'maestro deploy');
}

export function judgeGeneration(facts: {
  readonly live: LiveFacts;
  readonly stateFolder: string;
  readonly isDefined: boolean;
}): Judgement {
  const { live, stateFolder, isDefined } = facts;
  switch (live.kind) {
    case 'none':
      return ok('nothing was ever live');
    case 'unreadable':
      return failed(
        live.message,
        `ls -l ${quoted(join(stateFolder, 'live'))} ${quoted(join(stateFolder, 'generations'))}`,
      );
    case 'live':
      if (isDefined) return ok(`${live.number}, of release ${live.release}`);
      return failed(
        `release ${live.release} is live, and its definition is lost: it cannot be started again`,
        'maestro deploy',
      );
  }
}

export function judgeLeftovers({ leftovers }: Pick<NginxFacts, 'leftovers'>): Judgement {
  if (leftovers.length === 0) return ok('none');
  return warning(`what was cut off left ${listed(leftovers)}`, `rm ${leftovers.map(quoted).join(' ')}`);
}

function wantedPorts({ host, port, tls }: ResolvedProxy) {
  const ports = [port, ...(tls === undefined ? [] : [tls.port])].filter((one) => one !== 0);
  return ports.map((one) => ({ host, port: one }));
}

/** Where the environment's own proxy listens now. */
async function ownPorts(world: World): Promise<ReadonlySet<number>> {
  // Where it cannot be told, the ports are taken for somebody else's.
  const unknown = () => new Nothing('it cannot be told');
  const facts = await world.nginx().catch(unknown);
  if (!(facts instanceof Nothing)) return new Set(facts.isRunning ? facts.listeners.map(({ port }) => port) : []);
  const status = await world.status().catch(unknown);
  const url = status instanceof Nothing ? null : status.url;
  return new Set(url === null ? [] : [Number(new URL(url).port)]);
}

/** Listens for a moment where nobody else does. */
async function lookAtPort(place: {
  readonly host: string;
  readonly port: number;
  readonly isOurs: boolean;
}): Promise<PortFacts> {
  const { host, port, isOurs } = place;
  if (isOurs) return { host, port, state: 'ours' };
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return { host, port, state: 'free' };
  } catch (error) {
    return { host, port, state: { refused: (error as NodeJS.ErrnoException).code ?? 'unknown' } };
  } finally {
    server.close();
  }
}
