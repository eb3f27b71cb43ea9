import { isIP } from 'node:net';

import type { ResolvedEnvironment, ResolvedService } from '../resolve-environment.ts';
import { defaultProxyImage } from './compose-names.ts';
import type { ComposeValue } from './compose-value.ts';

const configurationFile = '/etc/nginx/conf.d/default.conf';
const inside = 80;

type Routed = ResolvedService & { readonly route: NonNullable<ResolvedService['route']> };

/**
 * nginx at the environment's address, which passes requests on by the routes of the services; null where nobody has one. Its
 * configuration is a variable of it, so that the compose file is all there is.
 */
export function composeProxy({ proxy, services }: ResolvedEnvironment): ComposeValue | null {
  const routed = routedOf(services);
  if (routed.length === 0) return null;
  return {
    image: proxy.image ?? defaultProxyImage,
    entrypoint: [
      '/bin/sh',
      '-c',
      `printf '%s' "$NGINX_CONFIGURATION" > ${configurationFile} && exec nginx -g 'daemon off;'`,
    ],
    environment: { NGINX_CONFIGURATION: configurationOf(routed) },
    ports: [`${publishedAt(proxy)}:${inside}`],
    depends_on: Object.fromEntries(
      routed
        .map(({ name }) => name)
        .toSorted()
        .map((name) => [name, { condition: 'service_healthy' }]),
    ),
  };
}

/** Where the file's services answer, as people type it. */
export function proxyUrl({ proxy, services }: ResolvedEnvironment): string | null {
  if (routedOf(services).length === 0 || proxy.port === 0) return null;
  const host = addressOf(proxy.host);
  const shown = host === '0.0.0.0' ? '127.0.0.1' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}${proxy.port === 80 ? '' : `:${proxy.port}`}/`;
}

function routedOf(services: readonly ResolvedService[]): readonly Routed[] {
  return services.filter((service): service is Routed => service.route !== null);
}

/** Port 0 is any free one: `docker-compose port maestro_proxy 80` tells which. */
function publishedAt({ host, port }: ResolvedEnvironment['proxy']): string {
  const address = addressOf(host);
  return `${address.includes(':') ? `[${address}]` : address}:${port === 0 ? '' : port}`;
}

/** An engine publishes at addresses only; a name could be another machine's, too. */
function addressOf(host: string): string {
  return isIP(host) === 0 ? '127.0.0.1' : host;
}

function configurationOf(services: readonly Routed[]): string {
  const hosts = new Set(services.flatMap(({ route }) => (route.host === undefined ? [] : [route.host])));
  return [...common, ...[null, ...[...hosts].sort()].map((host) => serverOf(host, services)), ''].join('\n');
}

const common = [
  // What stands for a service is looked up anew all the time: it comes back with another address.
  'resolver 127.0.0.11 valid=1s ipv6=off;',
  'map $http_upgrade $connection_upgrade { default upgrade; "" ""; }',
  'client_max_body_size 0;',
  'proxy_http_version 1.1;',
  'proxy_set_header Host $http_host;',
  'proxy_set_header Upgrade $http_upgrade;',
  'proxy_set_header Connection $connection_upgrade;',
  'proxy_set_header X-Real-IP $remote_addr;',
  'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
  'proxy_set_header X-Forwarded-Host $http_host;',
  'proxy_set_header X-Forwarded-Proto $scheme;',
];

/** A host has its own routes and those of any host; of two with the same path its own. */
function serverOf(host: string | null, services: readonly Routed[]): string {
  const ofAnyHost = services.filter(({ route }) => route.host === undefined);
  const itsOwn = services.filter(({ route }) => route.host !== undefined && route.host === host);
  const byPath = new Map([...ofAnyHost, ...itsOwn].map((one) => [one.route.path.replace(/\/+$/, ''), one]));
  // The first pattern that fits is taken, so the longest comes first; the root is what fits no pattern.
  const paths = [...byPath].sort(([a], [b]) => b.length - a.length || (a < b ? -1 : 1));
  return [
    'server {',
    `  listen ${inside}${host === null ? ' default_server' : ''};`,
    `  server_name ${host ?? '_'};`,
    ...paths.flatMap(([path, service]) => locationOf(path, service)),
    ...(byPath.has('') ? [] : ['  location / { return 404 "no service has a route for this request\\n"; }']),
    '}',
  ].join('\n');
}

function locationOf(path: string, { name, container, passing }: Routed): readonly string[] {
  const {
    maxBodyBytes,
    answerTimeoutMs,
    silenceTimeoutMs = 3_600_000,
    streaming = false,
    snippet = '',
  } = passing ?? {};
  const timeoutMs = streaming ? silenceTimeoutMs : answerTimeoutMs;
  return [
    `  location ${path === '' ? '/' : `~ ${pathPattern(path)}`} {`,
    `    set $service http://${name}:${container?.port ?? ''};`,
    '    proxy_pass $service;',
    ...(timeoutMs === undefined ? [] : [`    proxy_read_timeout ${timeoutMs}ms;`]),
    ...(maxBodyBytes === undefined ? [] : [`    client_max_body_size ${maxBodyBytes};`]),
    ...(streaming ? ['    proxy_buffering off;'] : []),
    ...(snippet === ''
      ? []
      : snippet
          .trimEnd()
          .split('\n')
          .map((line) => `    ${line}`.trimEnd())),
    '  }',
  ];
}

/** Whole segments below a path. */
function pathPattern(path: string): string {
  return `"^${path.replaceAll(/[.*+?()[\]{}|^$\\]/g, String.raw`\$&`).replaceAll('"', String.raw`\"`)}(/|$)"`;
}
