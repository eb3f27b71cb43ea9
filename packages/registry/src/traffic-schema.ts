import { z } from 'zod';

import { filePath, list, milliseconds, object, port, serverPort, text, wanted, wholeNumber } from './schema-parts.ts';

const headerName = text(/^[A-Za-z0-9-]+$/, 'the name of a header');
const cookieName = text(/^[A-Za-z0-9_]+$/, 'the name of a cookie: letters, digits and underscores');
const bytes = wholeNumber(1, Number.MAX_SAFE_INTEGER, 'a whole number of bytes from 1 on');

/** How the requests of a service are passed on by nginx. */
export const passingSchema = object({
  /** A request with a longer body gets 413; any length by default. */
  maxBodyBytes: bytes.optional(),
  /** How long the service may be silent within an answer; a minute by default. */
  answerTimeoutMs: milliseconds(1).optional(),
  /** The same for WebSockets and event streams; an hour by default. */
  silenceTimeoutMs: milliseconds(1).optional(),
  /** Whether every answer is passed on as it comes and counted as long-lived, not only WebSockets and event streams. */
  streaming: z.boolean(wanted('true or false')).optional(),
  /** Directives of nginx for what has no key here; `nginx -t` tries them before they are used. */
  snippet: text(/\S/, 'directives of nginx').optional(),
});

const stickByWanted = '"visitor", "client-address", "nothing", or an object with header or cookie';
const field = z.union(
  [object({ header: headerName }), object({ cookie: cookieName })],
  wanted('an object with header or cookie'),
);
const value = text(/^[^$]+$/, 'a value without a dollar sign');

/** Which requests a canary of the service gets. */
export const canaryRuleSchema = object({
  /** What requests have in common that go to the same slot; a cookie of the proxy's, one for each visitor, by default. */
  stickBy: z.union([z.enum(['visitor', 'client-address', 'nothing']), field], wanted(stickByWanted)).optional(),
  /** Requests that it gets whatever its share, such as those of testers. */
  match: z
    .union(
      [object({ header: headerName, value }), object({ cookie: cookieName, value })],
      wanted('an object with header or cookie, and value'),
    )
    .optional(),
});

const certificateSchema = object({
  /** Names that it is shown for; the first certificate is shown for all that no other one names. */
  hosts: list(text(/^(?:\*\.)?[A-Za-z0-9.-]+$/, 'a host name, or *. and one'), 'a list of host names').default([]),
  /** In PEM, with the chain; relative to the registry file, as `key`. */
  certificate: filePath('the path of a certificate'),
  /** In PEM, without a password. */
  key: filePath('the path of a key'),
});

const tlsSchema = object({
  /** Where requests with TLS are taken; on the same address. */
  port: serverPort.default(443),
  /** What clients are shown, by the host they ask for. */
  certificates: list(certificateSchema, 'a list of certificates').min(1, wanted('at least one certificate')),
  /** Whether clients may speak HTTP/2. */
  http2: z.boolean(wanted('true or false')).default(true),
  /** Whether requests without TLS are sent here. */
  redirect: z.boolean(wanted('true or false')).default(true),
});

/** Where an environment is reached. */
export const proxySchema = object({
  /** Address to listen on. */
  host: text(/^[^\s/]+$/, 'a host name or address').default('127.0.0.1'),
  /** 0 takes any free port, kept afterwards. */
  port,
  /** For containers only, as the keys that follow. */
  tls: tlsSchema.optional(),
  /** An HTML file for who asks for a service that is not live; relative to the registry file. */
  maintenancePage: filePath('the path of an HTML file').optional(),
  /**
   * nginx runs in a container of this image, with the network of its machine, and comes back by itself after a reboot; by
   * default the nginx that is installed on the machine is run.
   */
  image: text(/^[a-z0-9][A-Za-z0-9._:/@-]*$/, 'the name of an image, such as "nginx:1.28"').optional(),
  /** The system's user of nginx's workers, where root deploys: they must be able to read the state folder. */
  workerUser: text(
    /^[a-z_][a-z0-9_-]*(?: [a-z_][a-z0-9_-]*)?$/,
    'the name of a user, or of a user and a group',
  ).optional(),
  /** How long clients are told that their connections will be closed, before nginx is reloaded; 1,000 by default. */
  closingMs: milliseconds(0).optional(),
});

/** The network that containers of an environment have of their own. */
export const networkSchema = object({
  /** One that nothing else has by default. */
  subnet: text(/^\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}$/, 'a network such as 10.200.4.0/22').optional(),
  /**
   * How nginx reaches containers: at their addresses in it, or where these lead nowhere, as on Docker Desktop, at ports of
   * 127.0.0.1. What the engine says of itself decides by default.
   */
  reach: z.enum(['bridge', 'published'], wanted('"bridge" or "published"')).optional(),
});

const share = z
  .number(wanted('a share from 0 to 1'))
  .min(0, wanted('a share from 0 to 1'))
  .max(1, wanted('a share from 0 to 1'));

/** What a new version may do worse than the one before it, before the traffic goes back by itself. */
export const limitsSchema = object({
  /** Share of the requests that may fail beyond the share that failed before. */
  errorRate: share.optional(),
  /** How many times as long the slowest twentieth of the requests may take. */
  latencyRatio: z.number(wanted('a number from 1 on')).min(1, wanted('a number from 1 on')).optional(),
  /** A request that takes longer by no more than this is never slow. */
  latencyFloorMs: milliseconds(0).optional(),
  /** The first requests of a new version are not judged by their latency. */
  warmUpMs: milliseconds(0).optional(),
  /** Fewer requests than these are not judged. */
  minimumRequests: wholeNumber(1, 1_000_000, 'a whole number from 1 to 1000000').optional(),
  /** How often a new version may be started again by itself. */
  restarts: wholeNumber(0, 1_000, 'a whole number from 0 to 1000').optional(),
});

/** A new version gets a growing share of the traffic first. */
export const canarySchema = object({
  /** Shares in percent; 0 for those requests alone that the rules of services name. */
  steps: list(wholeNumber(0, 99, 'a percentage from 0 to 99'), 'a list of percentages').min(
    1,
    wanted('at least one percentage'),
  ),
  /** How long each step takes. */
  stepMs: milliseconds(1).default(60_000),
});
