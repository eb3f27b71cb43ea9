import { isRecord } from '../../plan/merge.ts';
import { routeLabel } from '../compose-names.ts';
import { pairsOf, scalarText, type ServiceContext, textsOf } from './import-context.ts';

/** Where a service of a compose file listens, and who reaches it. */
export interface ImportedPorts {
  /** In its container; null where the file does not say. */
  readonly port: number | null;
  /** On the machine; null for any free port. */
  readonly published: { readonly host: string | null; readonly port: number | null } | null;
  /** What a label says of it. */
  readonly route: { readonly host?: string; readonly path: string } | null;
}

export function importPorts(context: ServiceContext): ImportedPorts {
  const { service, report } = context;
  const written: readonly unknown[] = Array.isArray(service.ports) ? service.ports : [];
  const ports = written.flatMap((item, index) => {
    const found = portOf(item);
    if (found !== null) return [found];
    report(
      ['ports', index],
      'a range of ports, or one that is not TCP',
      'publish it yourself: the proxy passes on HTTP to one port',
    );
    return [];
  });
  const [first, ...others] = ports;
  if (others.length > 0) {
    report(
      ['ports'],
      `further ports: ${others.map(({ port }) => port).join(', ')}`,
      'a service has one port; make it two services, or one port',
    );
  }
  const exposed = textsOf(service.expose)
    .map((text) => Number(text.replace('/tcp', '')))
    .find(isPort);
  return {
    port: first?.port ?? exposed ?? null,
    published: first?.published ?? null,
    route: importRoute(context),
  };
}

interface Port extends Pick<ImportedPorts, 'published'> {
  readonly port: number;
}

/** `3000`, `8080:80`, `127.0.0.1:8080:80/tcp`, and the same as an object. */
function portOf(item: unknown): Port | null {
  if (isRecord(item)) {
    const [published] = textsOf(item.published);
    const host = scalarText(item.host_ip);
    if (item.protocol !== undefined && item.protocol !== 'tcp') return null;
    return portFrom(scalarText(item.target) ?? '', published ?? '', host);
  }
  const found = /^(?:(\[[^\]]+\]|[^:[\]]*):)?(?:(\d*):)?(\d+)(?:\/tcp)?$/.exec(scalarText(item) ?? '');
  if (found === null) return null;
  const [, first, second, target = ''] = found;
  // With one colon what stands before it is a port.
  return second === undefined ? portFrom(target, first ?? '', null) : portFrom(target, second, first ?? null);
}

function portFrom(target: string, published: string, host: string | null): Port | null {
  if (!isPort(Number(target)) || !/^\d*$/.test(published)) return null;
  const address = host === null || host === '' ? null : host.replaceAll(/[[\]]/g, '');
  return { port: Number(target), published: { host: address, port: published === '' ? null : Number(published) } };
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

/** A label of ours, or the rule of a Traefik router that consists of a host and a prefix. */
function importRoute({ service, report }: ServiceContext): ImportedPorts['route'] {
  const labels = pairsOf(service.labels);
  const ours = labels.find(([name]) => name === routeLabel)?.[1];
  const rule = labels.find(([name]) => /^traefik\.http\.routers\.[^.]+\.rule$/.test(name))?.[1];
  const others = labels.filter(([name]) => !/^(?:maestro|traefik)\./.test(name));
  if (others.length > 0) {
    report(['labels'], 'labels of the container', 'put them into the Dockerfile: LABEL');
  }
  if (typeof ours === 'string') return routeFrom(ours);
  if (typeof rule !== 'string') return null;
  const [, host] = /\bHost\(`([^`]+)`\)/.exec(rule) ?? [];
  const [, path = '/'] = /\bPathPrefix\(`([^`]+)`\)/.exec(rule) ?? [];
  if (/\|\||!|Headers|Regexp|Query|Method/.test(rule)) {
    report(
      ['labels'],
      'a rule of Traefik with more than a host and a prefix',
      'a route has a host and a path; give it both',
    );
  }
  return { ...(host === undefined ? {} : { host }), path };
}

function routeFrom(text: string): ImportedPorts['route'] {
  const start = text.indexOf('/');
  const host = start === -1 ? text : text.slice(0, start);
  return { ...(host === '' ? {} : { host }), path: start === -1 ? '/' : text.slice(start) };
}
