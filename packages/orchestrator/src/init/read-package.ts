import { z } from 'zod';

/** What a package.json says about the service in its folder. */
export interface PackageFacts {
  readonly name: string | null;
  readonly command: readonly string[] | null;
  readonly port: number | null;
  readonly dependencies: readonly string[];
}

const text = z.string().optional().catch(undefined);
const packageSchema = z.object({
  name: text,
  scripts: z.object({ start: text }).optional().catch(undefined),
  dependencies: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

/** Undefined for a text that is no package.json. */
export function readPackage(contents: string): PackageFacts | undefined {
  const parsed = parse(contents);
  if (parsed === undefined) return undefined;
  const { name, scripts, dependencies } = parsed;
  const start = scripts?.start;
  return {
    name: name?.replace(/^@[^/]*\//, '') ?? null,
    command: start === undefined || start.trim() === '' ? null : programOf(start.trim()),
    port: Number(/\bPORT=(\d+)/.exec(start ?? '')?.[1] ?? 0) || null,
    dependencies: Object.keys(dependencies ?? {}),
  };
}

function parse(contents: string): z.infer<typeof packageSchema> | undefined {
  try {
    return packageSchema.safeParse(JSON.parse(contents)).data;
  } catch {
    return undefined;
  }
}

/** Node itself where nothing else is needed: a signal to npm does not always reach what it has started. */
function programOf(start: string): readonly string[] {
  return /^node(?: [\w@%+:,./=-]+)+$/.test(start) ? start.split(' ') : ['npm', 'start'];
}
