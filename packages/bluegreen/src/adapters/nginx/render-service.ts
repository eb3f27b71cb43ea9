import type { InstanceAddress } from '../../ports/runtime.ts';
import type { RoutedService } from '../../ports/router.ts';
import { type Directive, quoted } from './directives.ts';
import { previewHeader } from './render-routing.ts';

const defaultAnswerMs = 60_000;
const defaultSilenceMs = 3_600_000;

/** JSON, a line for each request; without what comes after the path, which may hold secrets. */
export const logFormat = `log_format maestro escape=json '${[
  '{"at":"$msec"',
  '"service":"$maestro_service"',
  '"slot":"$maestro_target"',
  '"status":"$status"',
  '"seconds":"$request_time"',
  '"upstreamSeconds":"$upstream_response_time"',
  '"long":"$maestro_long"',
  '"canary":"$maestro_canary"',
  '"preview":"$maestro_preview"',
  '"method":"$request_method"',
  '"host":"$host"',
  '"path":"$maestro_path"',
  '"bytes":"$bytes_sent"',
  '"client":"$remote_addr"}',
].join(',')}';`;

/** The replicas of a slot, with a pool of idle connections, and without one for what is long-lived. */
export function serviceUpstreams(
  slot: string,
  addresses: ReadonlyMap<string, readonly InstanceAddress[]>,
): readonly Directive[] {
  const servers = (addresses.get(slot) ?? []).map(
    ({ host, port }) => `server ${host.includes(':') ? `[${host}]` : host}:${port};`,
  );
  return [
    [
      `upstream ${slot}`,
      // Idle connections are given up well before the service closes them: one that is closed while a request is being
      // written to it would fail that request. Of common servers gunicorn's is the quickest to close one, after 2 s.
      // When they are gone, what is left is on its way.
      [...servers, 'keepalive 64;', 'keepalive_timeout 1s;'],
    ],
    [`upstream ${slot}.long`, servers],
  ];
}

/** Where requests for a service are passed on: usual ones, long-lived ones, and those of clients that are said goodbye to. */
export function serviceLocations(service: RoutedService, snippet: string | undefined): readonly Directive[] {
  const { name, proxy = {} } = service;
  const { answerTimeoutMs = defaultAnswerMs, silenceTimeoutMs = defaultSilenceMs } = proxy;
  const common = [
    `client_max_body_size ${proxy.maxBodyBytes ?? 0};`,
    'add_header Set-Cookie $maestro_set_cookie always;',
    ...passing,
    ...(snippet === undefined ? [] : [`include ${quoted(snippet)};`]),
  ];
  const usual =
    proxy.streaming === true
      ? long(name, silenceTimeoutMs)
      : [
          `proxy_pass http://${name}.$maestro_target$request_uri;`,
          `proxy_read_timeout ${answerTimeoutMs}ms;`,
          'proxy_set_header Connection "";',
        ];
  return [
    [`location = "/${name}"`, [...usual, ...common]],
    [`location = "/${name}.closing"`, ['keepalive_timeout 0;', ...usual, ...common]],
    [`location = "/${name}.long"`, [...long(name, silenceTimeoutMs), ...common]],
  ];
}

/** On connections of their own that the kernel marks, so that they can be told from requests from the outside. */
function long(name: string, silenceTimeoutMs: number): readonly string[] {
  return [
    `proxy_pass http://${name}.$maestro_target.long$request_uri;`,
    // Its end is the end of the connection as well: nobody could be said goodbye to on one that is busy for hours.
    'keepalive_timeout 0;',
    'proxy_buffering off;',
    'proxy_socket_keepalive on;',
    `proxy_read_timeout ${silenceTimeoutMs}ms;`,
    `proxy_send_timeout ${silenceTimeoutMs}ms;`,
    'proxy_set_header Upgrade $maestro_upgrade;',
    'proxy_set_header Connection $maestro_connection;',
  ];
}

const passing = [
  'proxy_http_version 1.1;',
  'proxy_connect_timeout 5s;',
  // A slot must be connected to when it is chosen: one that is drained while a slow body is still awaited would be gone.
  'proxy_request_buffering off;',
  'proxy_buffer_size 16k;',
  'proxy_buffers 16 16k;',
  'proxy_busy_buffers_size 64k;',
  // Slow readers hold back the service instead of filling the disk.
  'proxy_max_temp_file_size 0;',
  'proxy_redirect off;',
  'proxy_set_header Host $maestro_host;',
  'proxy_set_header X-Real-IP $remote_addr;',
  'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
  'proxy_set_header X-Forwarded-Host $maestro_host;',
  'proxy_set_header X-Forwarded-Proto $maestro_proto;',
  `proxy_set_header ${previewHeader} "";`,
];
