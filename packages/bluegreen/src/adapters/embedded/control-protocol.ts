import { z } from 'zod';

/** What goes over the daemon's control socket; both ends parse with these schemas. */

const slot = z.enum(['blue', 'green']);
const key = { service: z.string(), slot };
const labels = { release: z.string(), image: z.string(), digest: z.string(), configHash: z.string() };

export const instanceSchema = z.object({
  ...key,
  ...labels,
  state: z.enum(['running', 'stopped', 'crashed']),
  addresses: z.tuple([z.object({ host: z.string(), port: z.int() })]),
  restarts: z.int(),
  imageHealth: z.null(),
  startedAt: z.string(),
  exit: z.string().nullable(),
});
export type EmbeddedInstance = z.infer<typeof instanceSchema>;

export const startSchema = z.object({
  ...key,
  ...labels,
  /** The unpacked image. */
  folder: z.string(),
  command: z.array(z.string()).min(1),
  environment: z.record(z.string(), z.string()),
  /** Revealed for the way through the socket; the daemon keeps them in memory only. */
  secrets: z.record(z.string(), z.string()),
});
export type StartRequest = z.infer<typeof startSchema>;

export const stopSchema = z.object({ ...key, timeoutMs: z.number().nonnegative() });

export const keySchema = z.object(key);

const fieldSchema = { header: z.string() };
const cookieSchema = { cookie: z.string() };

const canarySchema = z.object({
  stickBy: z
    .union([z.enum(['visitor', 'client-address', 'nothing']), z.object(fieldSchema), z.object(cookieSchema)])
    .optional(),
  match: z
    .union([z.object({ ...fieldSchema, value: z.string() }), z.object({ ...cookieSchema, value: z.string() })])
    .optional(),
});

export const topologySchema = z.object({
  listen: z.object({ host: z.string(), port: z.int().min(0).max(65535) }),
  services: z.array(
    z.object({
      name: z.string(),
      route: z.object({ host: z.string().nullable(), path: z.string() }).nullable(),
      canary: canarySchema.optional(),
    }),
  ),
});

export const addressesSchema = z.object({ url: z.string(), services: z.record(z.string(), z.string()) });

export const stateSchema = z.object({
  pid: z.int(),
  addresses: addressesSchema.nullable(),
  instances: z.array(instanceSchema),
  previewKey: z.string(),
});
export type DaemonState = z.infer<typeof stateSchema>;

export const inFlightSchema = z.object({ requests: z.int(), connections: z.int() });

export const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  retryable: z.boolean(),
});

export const emptySchema = z.object({});
