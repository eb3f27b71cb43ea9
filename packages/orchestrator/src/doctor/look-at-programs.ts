import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

/** A program that a gate or hook runs, as it would be found. */
export interface ProgramFacts {
  /** Who runs it, such as `the gate unit of api`. */
  readonly by: string;
  readonly program: string;
  /** Null where it can be run. */
  readonly problem: ProgramProblem | null;
}

export type ProgramProblem =
  /** `beside`: it lies in the folder that it is run in, where nobody looks for it. */
  | { readonly kind: 'missing'; readonly onPath: boolean; readonly beside: boolean }
  | { readonly kind: 'not-executable'; readonly file: string }
  | { readonly kind: 'no-interpreter'; readonly file: string; readonly interpreter: string };

export interface LookAtProgramOptions {
  readonly by: string;
  readonly program: string;
  /** The one that it is run in, absolute. */
  readonly folder: string;
  /** Folders as in the variable `PATH`. */
  readonly path: string;
}

/** Looks for a program where the system would: with a slash in its name in the folder, else in those of the `PATH`. */
export async function lookAtProgram({ by, program, folder, path }: LookAtProgramOptions): Promise<ProgramFacts> {
  const found = await find(program, folder, path);
  if ('kind' in found) return { by, program, problem: found };
  const { file } = found;
  const interpreter = await missingInterpreter(file, folder, path);
  const problem = interpreter === null ? null : ({ kind: 'no-interpreter', file, interpreter } as const);
  return { by, program, problem };
}

async function find(
  program: string,
  folder: string,
  path: string,
): Promise<ProgramProblem | { readonly file: string }> {
  const onPath = !program.includes('/');
  const places = onPath ? path.split(delimiter).map((place) => join(place, program)) : [program];
  let unusable: string | null = null;
  for (const place of places) {
    const file = resolve(folder, place);
    if (!(await isFile(file))) continue;
    if (await isExecutable(file)) return { file };
    unusable ??= file;
  }
  if (unusable !== null) return { kind: 'not-executable', file: unusable };
  return { kind: 'missing', onPath, beside: onPath && (await isFile(join(folder, program))) };
}

const firstBytes = 256;

/** What a script says that it is for, where there is no such program; null for everything else. */
async function missingInterpreter(file: string, folder: string, path: string): Promise<string | null> {
  const [interpreter, name] = await interpreterOf(file);
  if (interpreter === undefined) return null;
  if (!(await isExecutable(resolve(folder, interpreter)))) return interpreter;
  if (!interpreter.endsWith('/env') || name === undefined || name.startsWith('-')) return null;
  return 'kind' in (await find(name, folder, path)) ? name : null;
}

/** The words of its first line; none where it is no script, or cannot be read. */
async function interpreterOf(file: string): Promise<readonly string[]> {
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(firstBytes) });
    const line = /^#!\s*([^\n\r]+)/.exec(buffer.toString('latin1', 0, bytesRead))?.[1] ?? '';
    return line.split(/\s+/).filter((word) => word !== '');
  } catch {
    return [];
  }
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null))?.isFile() ?? false;
}

async function isExecutable(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
