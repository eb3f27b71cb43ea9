import { noneNamed } from '../errors.ts';
import { isRecord, merge } from '../plan/merge.ts';
import { nameMessage, namePattern, type Registry, registrySchema, serviceSchema } from '../registry-schema.ts';
import { linkProblems, secretSourceProblems } from './link-problems.ts';
import { below, type Problem, type ProblemPath, without } from './problem.ts';
import { schemaProblems } from './schema-problems.ts';

export type CheckedRegistry =
  | { readonly valid: true; readonly registry: Registry }
  | { readonly valid: false; readonly problems: readonly Problem[] };

/** Checks what a registry file holds, and reports all its problems at once. */
export function checkRegistry(input: unknown): CheckedRegistry {
  const services = section(input, 'services');
  const environments = section(input, 'environments');
  const problems = [
    ...schemaProblems(registrySchema, input),
    ...below(['services'], [...nameProblems(services), ...linkProblems(services)]),
    ...below(['environments'], nameProblems(environments)),
    ...[...environments].flatMap(([name, environment]) =>
      below(['environments', name], environmentProblems(environment, services)),
    ),
  ];
  return problems.length === 0 ? { valid: true, registry: registrySchema.parse(input) } : { valid: false, problems };
}

/** What goes wrong only once the environment's changes are merged into the services. */
function environmentProblems(environment: unknown, services: ReadonlyMap<string, unknown>): Problem[] {
  const overrides = section(environment, 'services');
  const merged = new Map([...services].map(([name, service]) => [name, merge(service, overrides.get(name))]));
  const names = [...services.keys()];
  const sourceMissing = isRecord(environment) && environment.secrets === undefined;
  return [
    ...below(
      ['services'],
      [
        ...[...overrides].flatMap(([name, override]) =>
          services.has(name)
            ? below([name], overrideProblems(services.get(name), override))
            : [{ path: [name], message: noneNamed('service', name, names) }],
        ),
        ...without(linkProblems(merged), linkProblems(services)),
      ],
    ),
    ...(sourceMissing ? secretSourceProblems(merged) : []),
  ];
}

/** The merged service's problems, without those that it has by itself where the override changes nothing. */
function overrideProblems(service: unknown, override: unknown): Problem[] {
  if (!isRecord(service) || !isRecord(override)) return [];
  const inherited = schemaProblems(serviceSchema, service).filter(({ path }) => !reaches(override, path));
  return without(schemaProblems(serviceSchema, merge(service, override)), inherited);
}

function nameProblems(entries: ReadonlyMap<string, unknown>): Problem[] {
  const wrong = [...entries.keys()].filter((name) => !namePattern.test(name));
  return wrong.map((name) => ({ path: [name], message: nameMessage }));
}

function section(input: unknown, key: 'services' | 'environments'): ReadonlyMap<string, unknown> {
  const entries = isRecord(input) ? input[key] : undefined;
  return new Map(isRecord(entries) ? Object.entries(entries) : []);
}

function reaches(value: unknown, path: ProblemPath): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return value !== undefined;
  if (Array.isArray(value)) return reaches(value[Number(key)], rest);
  return isRecord(value) && Object.hasOwn(value, key) && reaches(value[key], rest);
}
