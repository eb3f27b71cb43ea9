import { isRecord } from '../plan/merge.ts';
import { commandWanted } from '../registry-schema.ts';
import type { Problem } from './problem.ts';

/** Services that no environment could start: they have neither a program nor an image. */
export function startProblems(services: ReadonlyMap<string, unknown>): Problem[] {
  return [...services].flatMap(([name, service]) =>
    lacks(service, 'command') && lacks(service, 'image') ? [missingCommand(name)] : [],
  );
}

/** Services that cannot run as processes. */
export function embeddedCommandProblems(services: ReadonlyMap<string, unknown>): Problem[] {
  return [...services].flatMap(([name, service]) => (lacks(service, 'command') ? [missingCommand(name)] : []));
}

/** Services that cannot run as containers. */
export function containerImageProblems(services: ReadonlyMap<string, unknown>): Problem[] {
  const message = 'missing, expected an object with dockerfile, since this environment runs containers';
  return [...services].flatMap(([name, service]) =>
    lacks(service, 'image') ? [{ path: [name, 'image'], message }] : [],
  );
}

function missingCommand(name: string): Problem {
  return { path: [name, 'command'], message: `missing, expected ${commandWanted}` };
}

function lacks(service: unknown, key: string): boolean {
  return isRecord(service) && service[key] === undefined;
}
