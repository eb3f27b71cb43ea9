import { z } from 'zod';

import { bodySchema, httpPath, statusesSchema } from './health-schema.ts';
import { list, milliseconds, name, object, text, variableName, wanted, wholeNumber } from './schema-parts.ts';

const command = list(z.string(wanted('a string in quotes')), 'a list that starts with a program').min(
  1,
  wanted('a program'),
);

/** Names of variables of the deployer that a command gets although they are withheld: those of secrets and `AWS_*`. */
const pass = list(variableName, 'a list of names of variables').default([]);

const percent = wholeNumber(0, 100, 'a percentage from 0 to 100').optional();

/** The least of each metric that tests must have run through. */
const coverageSchema = object({
  /** Where the command writes its summary, in Istanbul's format `json-summary`; relative to its folder. */
  file: text(/./, 'the path of a file').default('coverage/coverage-summary.json'),
  lines: percent,
  statements: percent,
  branches: percent,
  functions: percent,
});

const httpGateSchema = object({
  /** What is asked for, with its query. */
  path: httpPath,
  /** Statuses that pass, such as "401" or "200-299", which is the default. */
  statuses: statusesSchema,
  /** What the answer must hold. */
  body: bodySchema.optional(),
  /** So many answers may be wrong before the gate fails; 1 by default. */
  tries: wholeNumber(1, 1_000, 'a whole number from 1 to 1000').optional(),
});

const common = {
  /** A program and its arguments, run where the release is deployed from; it passes by ending with 0. */
  command: command.optional(),
  /** What the command's summary of coverage must say besides. */
  coverage: coverageSchema.optional(),
  /**
   * `images`: before anything is touched, the default; `probe`: once new instances are healthy, before they get traffic.
   */
  after: z.enum(['images', 'probe'], wanted('"images" or "probe"')).optional(),
  /** 10 minutes by default, 30 seconds for a request. */
  timeoutMs: milliseconds(1).optional(),
  pass,
};

type GateShape = z.output<ReturnType<typeof object<typeof common>>> & { readonly http?: unknown };

/** A condition that a new version of a service must meet, or its release is refused. */
const gateSchema = object({
  ...common,
  /** A request that the new instance must answer well, directly and then through the proxy; after `probe`. */
  http: httpGateSchema.optional(),
}).superRefine(checkGate);

const environmentGateSchema = object(common).superRefine(checkGate);

export const gatesSchema = gatesOf(gateSchema);
export const environmentGatesSchema = gatesOf(environmentGateSchema);

function gatesOf<Gate extends z.ZodType>(gate: Gate) {
  return z.record(name, gate, wanted('an object with a key for each gate')).default({});
}

function checkGate(gate: GateShape, context: z.core.$RefinementCtx): void {
  const report = (key: string, message: string) => {
    context.issues.push({ code: 'custom', input: undefined, path: [key], message });
  };
  const { http, after, coverage } = gate;
  if (gate.command === undefined && http === undefined) report('command', 'missing, expected what the gate asks');
  if (gate.command !== undefined && http !== undefined) report('http', 'expected only where there is no command');
  if (http !== undefined && after === 'images') report('after', 'expected "probe" where a request is sent');
  if (http !== undefined && coverage !== undefined) report('coverage', 'expected only where there is a command');
}

/** The stages of a release, in their order; each has a hook before and one after it. */
export const releaseStages = [
  'build',
  'images',
  'scan',
  'gates',
  'secrets',
  'migrate',
  'start',
  'canary',
  'switch',
  'bake',
  'drain',
  'record',
] as const;

export type ReleaseStage = (typeof releaseStages)[number];

const hookSchema = object({
  /** A program and its arguments; it gets the release as JSON on its standard input. */
  command,
  timeoutMs: milliseconds(1).default(60_000),
  pass,
});

const hookList = list(hookSchema, 'a list of hooks').optional();

/** Programs around the stages of a release, run one after the other. */
export const hooksSchema = object({
  beforeBuild: hookList,
  afterBuild: hookList,
  beforeImages: hookList,
  afterImages: hookList,
  beforeScan: hookList,
  afterScan: hookList,
  beforeGates: hookList,
  afterGates: hookList,
  beforeSecrets: hookList,
  afterSecrets: hookList,
  beforeMigrate: hookList,
  afterMigrate: hookList,
  beforeStart: hookList,
  afterStart: hookList,
  beforeCanary: hookList,
  afterCanary: hookList,
  beforeSwitch: hookList,
  afterSwitch: hookList,
  beforeBake: hookList,
  afterBake: hookList,
  beforeDrain: hookList,
  afterDrain: hookList,
  beforeRecord: hookList,
  afterRecord: hookList,
}).default({});
