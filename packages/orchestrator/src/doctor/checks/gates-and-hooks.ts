import { relative } from 'node:path';

import type { ResolvedEnvironment, ResolvedGate, ResolvedHook } from '@maestro/registry';

import { check } from '../check.ts';
import { failed, type Judgement, ok, warning } from '../finding.ts';
import { type CoverageFacts, lookAtCoverage } from '../look-at-coverage.ts';
import { lookAtProgram, type ProgramFacts, type ProgramProblem } from '../look-at-programs.ts';
import { Nothing } from '../nothing.ts';
import { counted, duration, listed, quoted } from '../words.ts';
import type { World } from '../world.ts';

const group = 'gates and hooks';

export const gateAndHookChecks = [
  check({
    name: 'gate-programs',
    group,
    look: (world) => programs(world, commandGates(world.environment), 'no gate runs a program'),
    judge: judgePrograms,
  }),
  check({
    name: 'hook-programs',
    group,
    look: (world) => programs(world, hooks(world.environment), 'no hooks'),
    judge: judgePrograms,
  }),
  check({ name: 'gate-requests', group, look: ({ environment }) => requests(environment), judge: judgeRequests }),
  check({ name: 'gate-coverage', group, look: coverage, judge: judgeCoverage }),
  check({ name: 'passed-variables', group, look: ({ environment }) => variables(environment), judge: judgeVariables }),
  check({ name: 'call-deadlines', group, look: ({ environment }) => deadlines(environment), judge: judgeDeadlines }),
];

interface Owned<One> {
  /** In words, such as `the gate unit of api`. */
  readonly by: string;
  /** Null for one of the environment. */
  readonly service: ResolvedEnvironment['services'][number] | null;
  readonly one: One;
}

function gates({ gates: own, services }: ResolvedEnvironment): readonly Owned<ResolvedGate>[] {
  return [
    ...own.map((one) => ({ by: `the gate ${one.name}`, service: null, one })),
    ...services.flatMap((service) =>
      service.gates.map((one) => ({ by: `the gate ${one.name} of ${service.name}`, service, one })),
    ),
  ];
}

function commandGates(environment: ResolvedEnvironment) {
  return gates(environment).flatMap(({ by, service, one }) => (one.kind === 'command' ? [{ by, service, one }] : []));
}

function hooks({ hooks: own, services }: ResolvedEnvironment): readonly Owned<ResolvedHook>[] {
  const place = ({ stage, when }: ResolvedHook) => `a hook ${when} ${stage}`;
  return [
    ...own.map((one) => ({ by: place(one), service: null, one })),
    ...services.flatMap((service) =>
      service.hooks.map((one) => ({ by: `${place(one)} of ${service.name}`, service, one })),
    ),
  ];
}

interface FoundPrograms {
  /** The registry's. */
  readonly file: string;
  readonly found: readonly ProgramFacts[];
}

async function programs(
  { environment }: World,
  called: readonly Owned<{ readonly command: readonly string[]; readonly folder: string }>[],
  none: string,
): Promise<FoundPrograms | Nothing> {
  if (called.length === 0) return new Nothing(none);
  const path = process.env.PATH ?? '';
  const found = called.map(({ by, one: { command, folder } }) => {
    return lookAtProgram({ by, program: command[0] ?? '', folder, path });
  });
  return { file: environment.file, found: await Promise.all(found) };
}

export function judgePrograms({ file, found }: FoundPrograms): Judgement {
  const wrong = found.flatMap(({ by, program, problem }) => (problem === null ? [] : [{ by, program, problem }]));
  const [first] = wrong;
  if (first === undefined) return ok(listed([...new Set(found.map(({ program }) => program))]));
  const message = wrong.map(({ by, program, problem }) => `${by}: ${inWords(program, problem)}`).join('; ');
  return failed(message, fixOf(first, file));
}

function inWords(program: string, problem: ProgramProblem): string {
  if (problem.kind === 'not-executable') return `${problem.file} may not be run`;
  if (problem.kind === 'no-interpreter') return `${problem.file} is for ${problem.interpreter}, which is not there`;
  if (problem.beside) return `${program} is in its folder, expected ./${program}`;
  return problem.onPath ? `${program} is not on the PATH` : `there is no ${program}`;
}

function fixOf({ program, problem }: { program: string; problem: ProgramProblem }, file: string): string {
  if (problem.kind === 'not-executable') return `chmod +x ${quoted(problem.file)}`;
  if (problem.kind === 'no-interpreter') return `head -1 ${quoted(problem.file)}`;
  return problem.onPath && !problem.beside ? `command -v ${quoted(program)}` : `$EDITOR ${quoted(file)}`;
}

interface RequestFacts {
  readonly by: string;
  /** Whether the service is a job, which has no instance to ask. */
  readonly ofJob: boolean;
  readonly tries: number;
  readonly intervalMs: number;
  readonly deadlineMs: number;
}

interface FoundRequests {
  readonly file: string;
  readonly found: readonly RequestFacts[];
}

function requests(environment: ResolvedEnvironment): FoundRequests | Nothing {
  const found = gates(environment).flatMap(({ by, service, one }): RequestFacts[] => {
    if (one.kind !== 'http') return [];
    const { failures: tries = 1, intervalMs, deadlineMs } = one.check;
    return [{ by, ofJob: service?.strategy.kind === 'job', tries, intervalMs, deadlineMs }];
  });
  return found.length === 0 ? new Nothing('no gate sends a request') : { file: environment.file, found };
}

export function judgeRequests({ file, found }: FoundRequests): Judgement {
  const fix = `$EDITOR ${quoted(file)}`;
  const never = found.find(({ ofJob }) => ofJob);
  if (never !== undefined) return failed(`${never.by} is never asked: a job has no instance`, fix);
  const hasty = found.find(({ tries, intervalMs, deadlineMs }) => (tries - 1) * intervalMs >= deadlineMs);
  if (hasty === undefined) return ok(counted(found.length, 'request'));
  const { by, tries, intervalMs, deadlineMs } = hasty;
  return warning(`${by}: ${tries} tries, one each ${intervalMs} ms, do not fit into its ${deadlineMs} ms`, fix);
}

interface FoundCoverage {
  /** Of the registry. */
  readonly root: string;
  readonly found: readonly CoverageFacts[];
  /** Those that git would take into a commit. */
  readonly committable: readonly string[];
}

async function coverage({ environment, git }: World): Promise<FoundCoverage | Nothing> {
  const wanted = coverageFiles(environment);
  if (wanted.length === 0) return new Nothing('no gate judges coverage');
  const [found, { committable }] = await Promise.all([Promise.all(wanted.map(lookAtCoverage)), git()]);
  return { root: environment.root, found, committable };
}

/** Where gates have their summaries of coverage written. */
export function coverageFiles(environment: ResolvedEnvironment): readonly Pick<CoverageFacts, 'by' | 'file'>[] {
  return commandGates(environment).flatMap(({ by, one }) => {
    return one.coverage === null ? [] : [{ by, file: one.coverage.file }];
  });
}

export function judgeCoverage({ root, found, committable }: FoundCoverage): Judgement {
  const folder = found.find(({ isFolder }) => isFolder);
  if (folder !== undefined) return failed(`${folder.by}: ${folder.file} is a folder`, `ls -ld ${quoted(folder.file)}`);
  const closed = found.find(({ isWritable }) => !isWritable);
  if (closed !== undefined) {
    return failed(`${closed.by}: ${closed.file} cannot be written`, `ls -ld ${quoted(closed.place)}`);
  }
  const seen = found.find(({ file }) => committable.includes(file));
  if (seen === undefined) return ok(counted(found.length, 'file'));
  const path = relative(root, seen.file);
  const message = `${seen.by}: git does not ignore ${path}, and so its folder changes each time`;
  return warning(message, `echo '/${path}' >> .gitignore`);
}

interface PassedVariables {
  readonly by: string;
  readonly unset: readonly string[];
}

function variables(environment: ResolvedEnvironment): readonly PassedVariables[] | Nothing {
  const called = [...commandGates(environment), ...hooks(environment)].filter(({ one }) => one.pass.length > 0);
  if (called.length === 0) return new Nothing('none are passed');
  return called.map(({ by, one }) => ({ by, unset: one.pass.filter((name) => process.env[name] === undefined) }));
}

export function judgeVariables(found: readonly PassedVariables[]): Judgement {
  const lacking = found.filter(({ unset }) => unset.length > 0);
  const [first] = lacking;
  if (first === undefined) return ok('all are set');
  const message = lacking.map(({ by, unset }) => `${by} is to get ${listed(unset)}`).join('; ');
  return warning(`${message}: not set here`, `export ${first.unset[0] ?? ''}=…`);
}

interface Deadline {
  readonly by: string;
  readonly timeoutMs: number;
}

interface FoundDeadlines {
  readonly file: string;
  readonly found: readonly Deadline[];
}

function deadlines(environment: ResolvedEnvironment): FoundDeadlines | Nothing {
  const found = [...commandGates(environment), ...hooks(environment)].map(({ by, one: { timeoutMs } }) => {
    return { by, timeoutMs };
  });
  return found.length === 0 ? new Nothing('no programs') : { file: environment.file, found };
}

/** Whoever writes seconds gets less than a program takes to start; nobody else can deploy while a hook is waited for. */
const sane = { leastMs: 1_000, mostMs: 3_600_000 };

export function judgeDeadlines({ file, found }: FoundDeadlines): Judgement {
  const fix = `$EDITOR ${quoted(file)}`;
  const short = found.filter(({ timeoutMs }) => timeoutMs < sane.leastMs);
  if (short.length > 0) return warning(`${inDeadlines(short)}: too little for a program to start and do anything`, fix);
  const long = found.filter(({ timeoutMs }) => timeoutMs > sane.mostMs);
  if (long.length > 0) return warning(`${inDeadlines(long)}, in which nobody else can deploy`, fix);
  return ok(`${duration(Math.max(...found.map(({ timeoutMs }) => timeoutMs)))} at most`);
}

function inDeadlines(found: readonly Deadline[]): string {
  return listed(
    found.map(({ by, timeoutMs }) => `${by} has ${timeoutMs < 1_000 ? `${timeoutMs} ms` : duration(timeoutMs)}`),
  );
}
