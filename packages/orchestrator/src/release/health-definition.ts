import { z } from 'zod';

const times = {
  timeoutMs: z.number(),
  intervalMs: z.number(),
  deadlineMs: z.number(),
  startPeriodMs: z.number().optional(),
  successes: z.number().optional(),
  failures: z.number().optional(),
};

export const healthSchema = z.union([
  z.object({
    // Releases were written down without it while there was no other kind.
    kind: z.literal('http').default('http'),
    path: z.string(),
    host: z.string().optional(),
    statuses: z
      .array(z.tuple([z.number(), z.number()]).readonly())
      .readonly()
      .optional(),
    body: z.union([z.object({ contains: z.string() }), z.object({ matches: z.string() })]).optional(),
    ...times,
  }),
  z.object({ kind: z.literal('command'), command: z.array(z.string()).readonly(), ...times }),
  z.object({ kind: z.enum(['image', 'tcp']), ...times }),
]);
