import { z } from 'zod';

/** What is read of the engine's answers, https://docs.docker.com/reference/api/engine/ */

const named = z.record(z.string(), z.string());

export const listedContainers = z.array(
  z.object({ Id: z.string(), Names: z.array(z.string()), State: z.string(), Labels: named }),
);
export type ListedContainer = z.infer<typeof listedContainers>[number];

export const createdContainer = z.object({ Id: z.string() });

export const inspectedExec = z.object({ ExitCode: z.int().nullable() });

export const inspectedContainer = z.object({
  Id: z.string(),
  Created: z.string(),
  RestartCount: z.int().default(0),
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    Paused: z.boolean().default(false),
    Restarting: z.boolean().default(false),
    OOMKilled: z.boolean().default(false),
    ExitCode: z.int(),
    Error: z.string().default(''),
    StartedAt: z.string(),
    Health: z.object({ Status: z.string() }).nullish(),
  }),
  Config: z.object({ Labels: named.nullable(), Image: z.string() }),
  HostConfig: z.object({ RestartPolicy: z.object({ Name: z.string() }) }),
});
export type InspectedContainer = z.infer<typeof inspectedContainer>;

const words = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

export const inspectedImage = z.object({
  Id: z.string(),
  Config: z.object({ Entrypoint: words, Cmd: words }).nullish(),
});

export const inspectedNetwork = z.object({
  Id: z.string(),
  Name: z.string(),
  Labels: named.nullable(),
  IPAM: z.object({
    Config: z.array(z.object({ Subnet: z.string().default(''), Gateway: z.string().optional() })).nullable(),
  }),
});
export type InspectedNetwork = z.infer<typeof inspectedNetwork>;

export const listedNetworks = z.array(inspectedNetwork);

export const engineInfo = z.object({
  OperatingSystem: z.string().default(''),
  SecurityOptions: z
    .array(z.string())
    .nullish()
    .transform((list) => list ?? []),
});
