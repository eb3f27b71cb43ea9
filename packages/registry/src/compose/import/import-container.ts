import { resolve } from 'node:path';

import { isRecord } from '../../plan/merge.ts';
import { amountOf } from './amounts.ts';
import { pairsOf, recordOf, scalarText, type ServiceContext, textsOf } from './import-context.ts';

type Keys = Readonly<Record<string, unknown>>;

/** How containers of a service are made, in the registry's words; only what the file says. */
export function importContainer(context: ServiceContext): Keys {
  const { service } = context;
  const limits = recordOf(recordOf(recordOf(service.deploy).resources).limits);
  const memory = amountOf(service.mem_limit ?? limits.memory);
  const cpus = Number(service.cpus ?? limits.cpus ?? 0);
  const pids = Number(service.pids_limit ?? limits.pids ?? 0);
  const replicas = Number(service.scale ?? recordOf(service.deploy).replicas ?? 1);
  const volumes = importVolumes(context);
  const networks = importNetworks(context);
  const ulimits = importUlimits(service.ulimits);
  const capAdd = textsOf(service.cap_add).map((name) => name.toUpperCase());
  const capDrop = textsOf(service.cap_drop).map((name) => name.toUpperCase());
  reportReservations(context);
  return {
    ...(replicas > 1 ? { replicas } : {}),
    ...(cpus > 0 ? { cpus } : {}),
    ...(memory === null ? {} : { memory }),
    ...(pids > 0 ? { pidsLimit: pids } : {}),
    ...(volumes.length === 0 ? {} : { volumes }),
    ...(networks.length === 0 ? {} : { networks }),
    ...(Object.keys(ulimits).length === 0 ? {} : { ulimits }),
    ...(service.read_only === true ? { readOnly: true } : {}),
    ...(capDrop.length === 0 ? {} : { capDrop }),
    ...(capAdd.length === 0 ? {} : { capAdd }),
    ...(service.init === true ? { init: true } : {}),
    ...importLogging(service.logging),
  };
}

function reportReservations({ service, report }: ServiceContext): void {
  const deploy = recordOf(service.deploy);
  if (recordOf(deploy.resources).reservations !== undefined) {
    report(
      ['deploy', 'resources', 'reservations'],
      'reserved resources',
      'one machine has no scheduler; size it for the sum',
    );
  }
  for (const key of ['placement', 'labels', 'endpoint_mode']) {
    if (deploy[key] !== undefined) report(['deploy', key], `deploy.${key}`, 'leave it out: it is for Swarm');
  }
}

function importUlimits(value: unknown): Keys {
  const entries = Object.entries(recordOf(value)).map(([name, limit]) => {
    const { soft, hard } = isRecord(limit) ? limit : { soft: limit, hard: limit };
    return [name, { soft, hard }] as const;
  });
  return Object.fromEntries(entries);
}

function importLogging(value: unknown): Keys {
  const { driver, options } = recordOf(value);
  if (typeof driver !== 'string') return {};
  const pairs = pairsOf(options).flatMap(([name, text]) => (text === null ? [] : [[name, text] as const]));
  return { logging: { driver, ...(pairs.length === 0 ? {} : { options: Object.fromEntries(pairs) }) } };
}

/** Networks that are there already can be joined; the others are the environment's own here. */
function importNetworks({ service, content, report }: ServiceContext): readonly string[] {
  const names = isRecord(service.networks) ? Object.keys(service.networks) : textsOf(service.networks);
  return names.flatMap((name) => {
    const settings = recordOf(isRecord(service.networks) ? service.networks[name] : undefined);
    if (Object.keys(settings).length > 0) {
      report(
        ['networks', name],
        'aliases or addresses in a network',
        'leave it out: Maestro gives addresses and <NAME>_URL',
      );
    }
    const network = recordOf(recordOf(content.networks)[name]);
    const external = network.external === true || isRecord(network.external);
    return external ? [scalarText(network.name) ?? scalarText(recordOf(network.external).name) ?? name] : [];
  });
}

function importVolumes(context: ServiceContext): readonly Keys[] {
  const { service, report } = context;
  const volumes: readonly unknown[] = Array.isArray(service.volumes) ? service.volumes : [];
  const mounts = volumes.flatMap((volume, index): Keys[] => {
    const mount = isRecord(volume) ? volume : shortVolume(scalarText(volume) ?? '');
    const at = (message: string, advice: string) => {
      report(['volumes', index], message, advice);
    };
    const found = mountOf(mount, context, at);
    return found === null ? [] : [found];
  });
  const temporary = textsOf(service.tmpfs).map((text, index) => {
    const [target = '', options = ''] = text.split(':');
    const at = (message: string, advice: string) => {
      report(['tmpfs', index], message, advice);
    };
    return tmpfs(target, /\bsize=([^,]+)/.exec(options)?.[1], at);
  });
  return [...mounts, ...temporary];
}

type ReportHere = (message: string, advice: string) => void;

function tmpfs(target: string, size: unknown, report: ReportHere): Keys {
  const amount = amountOf(size);
  if (amount === null) report('a file system in memory without a size', 'it may have 64 MB now; say how much it needs');
  return { type: 'tmpfs', target, size: amount ?? '64m' };
}

/** `source:target:ro`; without a source it is an anonymous volume. */
function shortVolume(text: string): Keys {
  const parts = text.split(':');
  const [source = '', target, mode = ''] = parts;
  if (target === undefined) return { type: 'volume', target: source };
  const type = /^[./~]/.test(source) ? 'bind' : 'volume';
  return { type, source, target, read_only: mode.split(',').includes('ro') };
}

function mountOf(mount: Keys, context: ServiceContext, report: ReportHere): Keys | null {
  const { type, source } = mount;
  const target = scalarText(mount.target) ?? '';
  const readOnly = mount.read_only === true ? { readOnly: true } : {};
  if (type === 'tmpfs') return tmpfs(target, recordOf(mount.tmpfs).size, report);
  if (typeof source !== 'string') {
    report(`a volume without a name at ${target}`, 'give it a name where it is kept, else leave it out');
    return null;
  }
  if (type === 'volume') return { type, source: volumeName(source, context), target, ...readOnly };
  if (type !== 'bind' || source.startsWith('~')) {
    report(`a mount of ${source}`, 'mount a volume, or a folder with an absolute path');
    return null;
  }
  const folder = resolve(context.folders.compose, source);
  // Maestro's own data is where it expects it.
  if (!source.startsWith('/') && !source.includes('.maestro/')) {
    const advice = `leave it out where it is for source code, which images hold; else the engine's machine needs ${folder}`;
    report(`a folder of this machine at ${target}`, advice);
  }
  return { type, source: folder, target, ...readOnly };
}

/** What the engine calls it, so that its data is found. */
function volumeName(source: string, { content, composeProject }: ServiceContext): string {
  const volume = recordOf(recordOf(content.volumes)[source]);
  if (typeof volume.name === 'string') return volume.name;
  const { external } = volume;
  if (external === true) return source;
  const named = composeProject === null ? source : `${composeProject}_${source}`;
  return scalarText(recordOf(external).name) ?? named;
}
