import { createHash } from 'node:crypto';

import type { TlsListener, Topology } from '../../ports/router.ts';
import type { InstanceAddress } from '../../ports/runtime.ts';
import { slotName } from '../../slots.ts';
import type { ContentFiles } from './content-files.ts';
import { type Directive, quoted, textOf } from './directives.ts';
import type { NginxLayout } from './nginx-layout.ts';
import { isAtLeast, type NginxVersion } from './nginx-version.ts';
import { canaryMaps, requestMaps, serviceChoices, type ServiceChoice, slotChoice } from './render-routing.ts';
import { logFormat, serviceLocations, serviceUpstreams } from './render-service.ts';
import { type Settled, settledComment } from './settled-topology.ts';

/** All that a configuration is made of. */
export interface NginxInput {
  readonly topology: Topology;
  readonly settled: Settled;
  /** Of the replicas of each slot, by its name. */
  readonly addresses: ReadonlyMap<string, readonly InstanceAddress[]>;
  readonly contents: ContentFiles;
  readonly layout: NginxLayout;
  readonly version: NginxVersion;
  /** Where listeners for other services listen. */
  readonly servicesHost: string;
  /** The system's user of the workers, where the master is root's; nginx's own choice by default. */
  readonly workerUser?: string | undefined;
  /** Whether a second nginx may listen beside this one, to take over from it. */
  readonly sharesPorts: boolean;
}

export interface Rendered {
  /** Of everything in it: equal topologies on equal ground have the same one. */
  readonly id: string;
  readonly text: string;
}

/** Writes the configuration of a topology; which slot is live is not in it. */
export function renderNginx(input: NginxInput): Rendered {
  const id = createHash('sha256')
    .update(textOf(configuration(input, '')))
    .digest('hex')
    .slice(0, 16);
  return { id, text: textOf(configuration(input, id)) };
}

function configuration(input: NginxInput, id: string): readonly Directive[] {
  const { settled, layout, workerUser, sharesPorts } = input;
  return [
    '# Made by Maestro from the topology of an environment. What is changed here is lost.',
    settledComment({ ...settled, id }),
    ...(workerUser === undefined ? [] : [`user ${workerUser};`]),
    'worker_processes auto;',
    'worker_rlimit_nofile 65536;',
    ...(sharesPorts ? [] : [`pid ${quoted(layout.pidFile)};`]),
    `error_log ${quoted(layout.errorLog)} warn;`,
    ['events', ['worker_connections 16384;']],
    ['http', http(input, id)],
  ];
}

function http(input: NginxInput, id: string): readonly Directive[] {
  const { topology, settled, layout, servicesHost } = input;
  const choices = serviceChoices(topology.services);
  return [
    ...general(input),
    ...requestMaps({ previewKey: settled.previewKey, tls: topology.tls !== undefined }),
    ...canaryMaps(topology.services),
    ...choices.flatMap(({ maps }) => maps),
    logFormat,
    `access_log ${quoted(layout.accessLog)} maestro buffer=32k flush=1s;`,
    ...topology.services.flatMap((service) =>
      (['blue', 'green'] as const).flatMap((slot) =>
        serviceUpstreams(slotName({ service: service.name, slot }), input.addresses),
      ),
    ),
    statusServer(input, id),
    ...publicServers(input, id, choices),
    ...topology.services.map((service): Directive => {
      const { name } = service;
      const choice = { host: null, maps: [], services: [service], variables: [name] };
      const address = listen(input, servicesHost, settled.services[name]?.listenPort ?? 0, { first: true });
      return ['server', [address, ...routing(input, id, choice)]];
    }),
  ];
}

function general({ layout, version }: NginxInput): readonly Directive[] {
  return [
    'server_tokens off;',
    'default_type text/plain;',
    'uninitialized_variable_warn off;',
    'map_hash_bucket_size 256;',
    'server_names_hash_bucket_size 512;',
    'variables_hash_max_size 4096;',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${quoted(`${layout.temporary}/${name}`)};`,
    ),
    // Longer than browsers and load balancers keep an idle connection, so that it is they who close it.
    'keepalive_timeout 75s;',
    'large_client_header_buffers 8 32k;',
    // Idle connections are closed this long after their last request at the earliest, also by a reload.
    ...(isAtLeast(version, [1, 27, 4]) ? ['keepalive_min_timeout 10s;'] : []),
  ];
}

/** Says which configuration is served, and whether the workers see the generations. */
function statusServer(input: NginxInput, id: string): Directive {
  const { settled, layout } = input;
  return [
    'server',
    [
      listen(input, '127.0.0.1', settled.statusPort, { first: true }),
      'access_log off;',
      'keepalive_timeout 0;',
      [`if (!-f ${quoted(layout.config)})`, ['return 500 blind;']],
      `return 200 "${id}";`,
    ],
  ];
}

function publicServers(input: NginxInput, id: string, choices: readonly ServiceChoice[]): readonly Directive[] {
  const { topology, settled } = input;
  const { tls } = topology;
  const { host, port } = settled.listen;
  return choices.flatMap((choice): Directive[] => {
    const plain = listen(input, host, port, { first: choice.host === null });
    const names = choice.host === null ? [] : [`server_name ${quoted(choice.host)};`];
    const served = routing(input, id, choice);
    if (tls === undefined) return [['server', [plain, ...names, ...served]]];
    const encrypted = [...tlsLines(input, tls, choice.host), ...names];
    if (tls.redirect === false) return [['server', [plain, ...encrypted, ...served]]];
    const place = tls.port === 443 ? '' : `:${tls.port}`;
    return [
      ['server', [plain, ...names, 'access_log off;', `return 308 https://$host${place}$request_uri;`]],
      ['server', [...encrypted, ...served]],
    ];
  });
}

function tlsLines(input: NginxInput, tls: TlsListener, host: string | null): readonly string[] {
  const { contents, version, settled } = input;
  const http2 = tls.http2 !== false;
  const own = isAtLeast(version, [1, 25, 1]);
  const options = ['ssl', ...(http2 && !own ? ['http2'] : [])];
  const named = tls.certificates.findIndex(({ hosts }) => host !== null && hosts.some((name) => covers(name, host)));
  const { certificate, key } = contents.certificates[Math.max(0, named)] ?? { certificate: '', key: '' };
  return [
    listen(input, settled.listen.host, tls.port, { first: host === null, options }),
    ...(http2 && own ? ['http2 on;'] : []),
    `ssl_certificate ${quoted(certificate)};`,
    `ssl_certificate_key ${quoted(key)};`,
    'ssl_protocols TLSv1.2 TLSv1.3;',
    'ssl_session_cache shared:maestro:10m;',
    'ssl_session_timeout 1d;',
  ];
}

/** Whether a certificate's name is that of a host, or its wildcard. */
function covers(name: string, host: string): boolean {
  const wanted = host.toLowerCase();
  if (!name.startsWith('*.')) return name.toLowerCase() === wanted;
  return wanted.slice(wanted.indexOf('.')) === name.slice(1).toLowerCase();
}

/** The first server at an address says how its socket is opened, and gets the requests that name no other one. */
function listen(
  { sharesPorts }: NginxInput,
  host: string,
  port: number,
  { first, options = [] }: { readonly first: boolean; readonly options?: readonly string[] },
): string {
  const address = host.includes(':') ? `[${host}]` : host;
  const socket = first ? ['default_server', ...(sharesPorts ? ['reuseport'] : [])] : [];
  return `listen ${[`${address}:${port}`, ...options, ...socket].join(' ')};`;
}

function routing({ contents, layout }: NginxInput, id: string, choice: ServiceChoice): readonly Directive[] {
  return [
    ...slotChoice({ layout, id, variables: choice.variables }),
    ...choice.services.flatMap((service) => serviceLocations(service, contents.snippets[service.name])),
    ...maintenance(contents.maintenancePage),
  ];
}

function maintenance(page: string | null): readonly Directive[] {
  const refusal = 'return 503 "$maestro_service is not deployed\\n";';
  if (page === null) return [['location = "/.down"', ['add_header Retry-After 5 always;', refusal]]];
  return [
    ['location = "/.down"', ['error_page 503 /.maintenance;', 'return 503;']],
    [
      'location = "/.maintenance"',
      ['internal;', 'default_type text/html;', 'add_header Retry-After 5 always;', `alias ${quoted(page)};`],
    ],
  ];
}
