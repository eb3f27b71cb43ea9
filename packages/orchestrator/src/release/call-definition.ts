import { releaseStages } from '@maestro/registry';
import { z } from 'zod';

import { healthSchema } from './health-definition.ts';

const commandSchema = z.object({
  kind: z.literal('command'),
  command: z.array(z.string()).readonly(),
  folder: z.string(),
  timeoutMs: z.number(),
  pass: z.array(z.string()).readonly(),
});

/** A function of the script that deploys: only its name can be written down. */
const functionSchema = z.object({ kind: z.literal('function'), timeoutMs: z.number() });

export const gateSchema = z.intersection(
  z.object({
    /** Of its step, such as `gate:api:unit`. */
    id: z.string(),
    name: z.string(),
    /** Null for one of the whole release. */
    service: z.string().nullable(),
    after: z.enum(['images', 'probe']),
  }),
  z.discriminatedUnion('kind', [
    commandSchema.extend({
      coverage: z.object({ file: z.string(), minimum: z.record(z.string(), z.number()) }).nullable(),
    }),
    z.object({ kind: z.literal('http'), check: healthSchema }),
    functionSchema,
  ]),
);

/** A condition that the release must meet. */
export type GateDefinition = z.infer<typeof gateSchema>;

export const hookSchema = z.intersection(
  z.object({
    /** Of its step, such as `hook:before-switch:1`. */
    id: z.string(),
    stage: z.enum(releaseStages),
    when: z.enum(['before', 'after']),
    service: z.string().nullable(),
  }),
  z.discriminatedUnion('kind', [commandSchema, functionSchema.extend({ name: z.string() })]),
);

/** A program or function around a stage of the release. */
export type HookDefinition = z.infer<typeof hookSchema>;
