import { z } from 'zod';

import { list, milliseconds, object, text, wanted, wholeNumber } from './schema-parts.ts';

export const httpPath = text(/^\/[^\s#]*$/, 'a path that starts with "/"');

export const bodySchema = object({
  /** A text that the answer must hold. */
  contains: text(/./, 'a text').optional(),
  /** A regular expression that it must match. */
  matches: z.string(wanted('a regular expression')).refine(isExpression, wanted('a regular expression')).optional(),
}).refine(({ contains, matches }) => (contains === undefined) !== (matches === undefined), {
  error: 'expected either contains or matches',
});

export const statusesSchema = list(
  text(/^[1-5]\d\d(-[1-5]\d\d)?$/, 'a status or a range such as "200-299"'),
  'a list of statuses',
).optional();

const kinds = ['http', 'tcp', 'command', 'image'] as const;

/** When a new instance of a service counts as healthy. */
export const healthSchema = object({
  /**
   * `http`: a request is answered; `tcp`: the port takes connections; `command`: a program in the container ends with 0;
   * `image`: the HEALTHCHECK of the image is content. The last two are for containers.
   */
  kind: z.enum(kinds, wanted('"http", "tcp", "command" or "image"')).default('http'),
  /** For `http`; `/health` by default. A redirect is no healthy answer. */
  path: httpPath.optional(),
  /** For `http`: the Host to ask with, instead of the one of the route. */
  host: text(/^[A-Za-z0-9.-]+$/, 'a host name without scheme, port and path').optional(),
  /** For `http`: statuses that are healthy, such as "401" or "200-299", which is the default. */
  statuses: statusesSchema,
  /** For `http`: what the answer must hold. */
  body: bodySchema.optional(),
  /** For `command`: the program and its arguments. */
  command: list(z.string(wanted('a string in quotes')), 'a list that starts with a program')
    .min(1, wanted('a program'))
    .optional(),
  /** Time for one answer. */
  timeoutMs: milliseconds(1).default(2_000),
  /** Pause between two questions. */
  intervalMs: milliseconds(1).default(50),
  /** Time for the service to become ready. */
  deadlineMs: milliseconds(1).default(30_000),
  /** So long failures do not count; a crash always does. */
  startPeriodMs: milliseconds(0).optional(),
  /** How often in a row it must be well; once by default. */
  successes: wholeNumber(1, 1_000, 'a whole number from 1 to 1000').optional(),
  /** How many failures in a row end the wait; by default only the deadline does. */
  failures: wholeNumber(1, 100_000, 'a whole number from 1 to 100000').optional(),
}).superRefine(checkKind);

const keysOfHttp = ['path', 'host', 'statuses', 'body'] as const;

function checkKind(health: Omit<z.output<typeof healthSchema>, never>, context: z.core.$RefinementCtx): void {
  const report = (key: string, message: string) => {
    context.issues.push({ code: 'custom', input: undefined, path: [key], message });
  };
  const { kind, command } = health;
  if (kind !== 'http') {
    for (const key of keysOfHttp) if (health[key] !== undefined) report(key, 'expected only where kind is "http"');
  }
  if (kind !== 'command' && command !== undefined) report('command', 'expected only where kind is "command"');
  if (kind === 'command' && command === undefined)
    report('command', 'missing, expected a list that starts with a program');
}

function isExpression(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
