import { z } from 'zod';

import { isRecord } from './plan/merge.ts';
import { list, object, serverPort, text, wanted, wholeNumber } from './schema-parts.ts';

const containerPath = text(/^\/[^\s:]*$/, 'an absolute path in the container');
const readOnly = z.boolean(wanted('true or false')).default(false);
const amount = text(/^\d+(?:\.\d+)?[kmgKMG][bB]?$/, 'an amount such as "512m" or "2g"');
const name = (what: string) => text(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, `the name of ${what}`);
const capability = text(/^(?:CAP_)?[A-Z_]+$/, 'the name of a capability, such as NET_RAW, or ALL');

const mountSchema = z.discriminatedUnion(
  'type',
  [
    object({ type: z.literal('volume'), source: name('a volume'), target: containerPath, readOnly }),
    object({
      type: z.literal('bind'),
      /** On the machine of the engine. */
      source: text(/^\/\S*$/, "an absolute path on the engine's machine"),
      target: containerPath,
      readOnly,
    }),
    object({ type: z.literal('tmpfs'), target: containerPath, size: amount }),
  ],
  {
    error: (issue: z.core.$ZodRawIssue) => {
      if (issue.code !== 'invalid_union') return wanted('an object with type').error(issue);
      const type = isRecord(issue.input) ? issue.input.type : undefined;
      return `${type === undefined ? 'missing, ' : ''}expected "volume", "bind" or "tmpfs"`;
    },
  },
);

const limit = wholeNumber(0, Number.MAX_SAFE_INTEGER, 'a whole number from 0 on');

/** How the containers of a service are made; names are those of compose files. */
export const containerSchema = object({
  /** Where the service listens in its container, told to it in PORT. */
  port: serverPort.default(8080),
  /** Copies of it in each slot. */
  replicas: wholeNumber(1, 100, 'a whole number from 1 to 100').default(1),
  /**
   * How it gets its secrets, which are files in memory at `/run/secrets`: as `variables` a shell of the image exports them
   * before the program starts; `files` are for programs that read them, and images without a shell.
   */
  secretsAs: z.enum(['files', 'variables'], wanted('"files" or "variables"')).default('variables'),
  /** Processors it may use; all by default. */
  cpus: z
    .number(wanted('a number of processors, such as 0.5'))
    .positive(wanted('a number of processors, such as 0.5'))
    .optional(),
  /** It is killed beyond that, and gets no swap space; no limit by default. */
  memory: amount.optional(),
  /** Processes and threads; no limit by default. */
  pidsLimit: wholeNumber(1, 4_194_304, 'a whole number from 1 to 4194304').optional(),
  /** What is mounted into it, besides its secrets. */
  volumes: list(mountSchema, 'a list of mounts').default([]),
  /** Networks it joins beside the environment's own; they must be there. */
  networks: list(name('a network'), 'a list of names of networks').default([]),
  /** Limits of the kernel for its processes, by name: `nofile`. */
  ulimits: z
    .record(
      text(/^[a-z]+$/, 'a name such as nofile'),
      object({ soft: limit, hard: limit }),
      wanted('an object with a key for each limit, such as nofile'),
    )
    .default({}),
  /** Whether its root file system cannot be written to. */
  readOnly,
  /** Capabilities of the kernel that it does without; `ALL` for every one. */
  capDrop: list(capability, 'a list of capabilities').default([]),
  /** Capabilities that it gets beyond the engine's usual ones. */
  capAdd: list(capability, 'a list of capabilities').default([]),
  /** Whether a small init process stands before the program, for one that leaves zombies behind. */
  init: z.boolean(wanted('true or false')).default(false),
  /** Where its output goes; by default to three JSON files of 10 MB that rotate. */
  logging: object({
    /** One that the engine has, such as `journald`. */
    driver: name('a log driver'),
    /** As the driver takes them. */
    options: z
      .record(z.string(), z.string(wanted('a string in quotes')), wanted('an object with a key for each option'))
      .default({}),
  }).optional(),
});
