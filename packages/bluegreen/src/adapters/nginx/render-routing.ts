import { visitorCookie } from '../../plan/canary.ts';
import { prefixesOf } from '../../plan/routes.ts';
import type { RequestField, RoutedService } from '../../ports/router.ts';
import { type Directive, quoted } from './directives.ts';
import { settledMark } from './generation-marks.ts';
import type { NginxLayout } from './nginx-layout.ts';

/** Header that leads to a slot whether or not it is live, with the key that only the environment's state has. */
export const previewHeader = 'x-maestro-preview';

/** How the public server of a host finds the service for a request. */
export interface ServiceChoice {
  /** Null stands for every host that no route names. */
  readonly host: string | null;
  readonly maps: readonly Directive[];
  /** All that it can lead to. */
  readonly services: readonly RoutedService[];
  /** Each holds a service that wants the request, the first one most of all; or the service itself. */
  readonly variables: readonly string[];
}

/** One for each host of a route, and one for all others. */
export function serviceChoices(services: readonly RoutedService[]): readonly ServiceChoice[] {
  const hosts = new Set(
    services.flatMap(({ route }) => (typeof route?.host === 'string' ? [route.host.toLowerCase()] : [])),
  );
  return [null, ...[...hosts].sort()].map((host, index) => choiceOf(services, host, `$maestro_route_${index}`));
}

function choiceOf(services: readonly RoutedService[], host: string | null, variable: string): ServiceChoice {
  const prefixes = prefixesOf(services, host);
  const depth = Math.max(1, ...prefixes.map((prefix) => prefix.services.length));
  const variables = Array.from({ length: depth }, (_, place) => `${variable}_${place}`);
  const maps = variables.map((name, place): Directive => {
    const lines = prefixes.map(({ path, services: wanting }) => {
      const wants = wanting[place] ?? '';
      return path === '' ? `default ${quoted(wants)};` : `${pathPattern(path)} ${quoted(wants)};`;
    });
    return [`map $uri ${name}`, lines];
  });
  const names = new Set(prefixes.flatMap((prefix) => prefix.services));
  return { host, maps, variables, services: services.filter(({ name }) => names.has(name)) };
}

/** Whole segments below a path, which is one that `checkTopology` let through. */
function pathPattern(path: string): string {
  return `"~^${path.replace(/[.*+()]/g, '[$&]')}(/|\\z)"`;
}

/** What is asked of each request: whether it is a preview, long-lived, a canary's. */
export function requestMaps({
  previewKey,
  tls,
}: {
  readonly previewKey: string;
  readonly tls: boolean;
}): readonly Directive[] {
  const slots = ['blue', 'green'];
  return [
    ['map $http_x_maestro_preview $maestro_preview', slots.map((slot) => `"${previewKey} ${slot}" ${slot};`)],
    // Other upgrades are offers that a server may ignore (RFC 9110, 7.8), such as the one to HTTP/2 that Java's client makes.
    ['map $http_upgrade $maestro_upgrade', ['websocket websocket;']],
    ['map $maestro_upgrade $maestro_connection', ['websocket upgrade;', 'default "";']],
    ['map $http_accept $maestro_events', ['text/event-stream 1;']],
    ['map "$maestro_upgrade$maestro_events" $maestro_long', ['websocket 1;', '1 1;', 'websocket1 1;']],
    ['map "$maestro_long$maestro_closing" $maestro_way', ['1 .long;', '1.closing .long;', '.closing .closing;']],
    // A preview is what an outsider's request would be, who comes by TLS.
    ['map $maestro_preview $maestro_proto', ['"" $scheme;', `default ${tls ? 'https' : '$scheme'};`]],
    ['map $http_host $maestro_host', ['"" $host;', 'default $http_host;']],
    [
      'map "$maestro_slot$maestro_canary" $maestro_target',
      ['blue blue;', 'green green;', 'blue1 green;', 'green1 blue;'],
    ],
  ];
}

/** Who a request is for a canary, a place among a hundred that stays the same, and whether a rule names it. */
export function canaryMaps(services: readonly RoutedService[]): readonly Directive[] {
  const keys = services.flatMap(({ name, canary }) => {
    const stickBy = canary?.stickBy ?? 'visitor';
    return stickBy === 'visitor' ? [] : [`${name} "${keyOf(stickBy)}";`];
  });
  const rules = services.flatMap(({ name, canary }, index) => {
    const match = canary?.match;
    return match === undefined ? [] : [{ name, match, variable: `$maestro_match_${index}` }];
  });
  // A percentage covers the places up to it, so that a rising one keeps whom it had.
  const places = Array.from({ length: 99 }, (_, index) => `1% ${index + 1};`);
  return [
    [`map $cookie_${visitorCookie} $maestro_visitor`, ['"" $request_id;', `default $cookie_${visitorCookie};`]],
    ['map $maestro_service $maestro_key', ['default $maestro_visitor;', ...keys]],
    ['map $maestro_key $maestro_drawn', ['"" $request_id;', 'default $maestro_key;']],
    ['split_clients $maestro_drawn $maestro_place', [...places, '* 100;']],
    ...rules.map(({ match, variable }): Directive => [
      `map "=${variableOf(match)}" ${variable}`,
      [`"=${quoted(match.value).slice(1)} 1;`],
    ]),
    ['map $maestro_service $maestro_named', rules.map(({ name, variable }) => `${name} ${variable};`)],
    ['map $maestro_service $maestro_visits', ['default 1;', ...keys.map((key) => key.replace(/ .*/, ' "";'))]],
    [
      `map "$maestro_visits:$cookie_${visitorCookie}" $maestro_new_visitor`,
      [`1: "${visitorCookie}=$request_id; Path=/; HttpOnly; SameSite=Lax";`],
    ],
    // Cookies are looked for only while something is tried out.
    ['map $maestro_trying $maestro_set_cookie', ['1 $maestro_new_visitor;']],
  ];
}

function keyOf(stickBy: 'client-address' | 'nothing' | RequestField): string {
  if (stickBy === 'client-address') return '$remote_addr';
  return stickBy === 'nothing' ? '$request_id' : variableOf(stickBy);
}

function variableOf(field: RequestField): string {
  if ('cookie' in field) return `$cookie_${field.cookie}`;
  return `$http_${field.header.toLowerCase().replaceAll('-', '_')}`;
}

/**
 * Chooses service and slot by marks in the live generation, each tested for at each request. Where everything is as usual
 * one test is enough for blue and two for green: each costs about three hundredths of what a whole request costs.
 */
export function slotChoice(options: {
  readonly layout: NginxLayout;
  /** Of the configuration. */
  readonly id: string;
  /** Of a `ServiceChoice`. */
  readonly variables: readonly string[];
}): readonly Directive[] {
  const { layout, id, variables } = options;
  const mark = (name: string) => `(-f ${pathOf(layout.stateFolder, `live/${name}`)})`;
  const [first = ''] = variables;
  const route = 'rewrite ^ /$maestro_service$maestro_way break;';
  const slot: readonly Directive[] = [
    'set $maestro_slot blue;',
    [`if ${mark('$maestro_service.green')}`, ['set $maestro_slot green;']],
  ];
  return [
    // An internal redirect comes through here again.
    ['if ($maestro_routed)', ['break;']],
    'set $maestro_routed 1;',
    // Without what comes after the path, which may hold secrets; for the log.
    'set $maestro_path $uri;',
    `set $maestro_service ${first};`,
    ['if ($maestro_service = "")', ['return 404 "no service has a route for this request\\n";']],
    ['if ($maestro_preview)', ['set $maestro_slot $maestro_preview;', route]],
    ...(['blue', 'green'] as const).map((live): Directive => [
      `if ${mark(settledMark(id, '$maestro_service', live))}`,
      [`set $maestro_slot ${live};`, route],
    ]),
    // The routes of services that are live come first: a service takes its traffic, and gives it back, at a switch.
    ...(variables.length === 1 ? [] : variables.toReversed()).map((variable): Directive => [
      `if ${mark(`.live-${variable}`)}`,
      [`set $maestro_service ${variable};`],
    ]),
    ...slot,
    [`if ${mark('.canary-$maestro_service')}`, ['set $maestro_trying 1;']],
    [`if ${mark('.canary-$maestro_service-$maestro_place')}`, ['set $maestro_canary 1;']],
    'set $maestro_tried "$maestro_trying$maestro_named";',
    ['if ($maestro_tried = 11)', ['set $maestro_canary 1;']],
    [`if (-f ${quoted(layout.closing)})`, ['set $maestro_closing .closing;']],
    [`if ${mark('.live-$maestro_service').replace('(-f', '(!-f')}`, ['rewrite ^ /.down break;']],
    route,
  ];
}

/** A path with variables in its last part. */
function pathOf(folder: string, name: string): string {
  return `${quoted(folder).slice(0, -1)}/${name}"`;
}
