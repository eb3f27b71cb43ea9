import { noneNamed } from '../errors.ts';
import { isRecord } from '../plan/merge.ts';
import { mergeService } from '../plan/merge-service.ts';
import { nameMessage, namePattern, type Registry, registrySchema, serviceSchema } from '../registry-schema.ts';
import { linkProblems, secretSourceProblems } from './link-problems.ts';
import { containerImageProblems, embeddedCommandProblems, startProblems } from './start-problems.ts';
import { embeddedProblems, strategyProblems } from './runtime-problems.ts';
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
    ...below(['services'], [...nameProblems(services), ...serviceProblems(services)]),
    ...below(['bases'], baseNameProblems(section(input, 'bases'), services)),
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
  const merged = new Map([...services].map(([name, service]) => [name, mergeService(service, overrides.get(name))]));
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
        ...without(
          [...linkProblems(merged), ...strategyProblems(merged)],
          [...linkProblems(services), ...strategyProblems(services)],
        ),
      ],
    ),
    ...(sourceMissing ? secretSourceProblems(merged) : []),
    ...below(['services'], without(runtimeProblems(environment, merged), startProblems(services))),
    ...(isRecord(environment) && environment.runtime === 'embedded' ? embeddedProblems(environment, merged) : []),
  ];
}

function serviceProblems(services: ReadonlyMap<string, unknown>): Problem[] {
  return [...linkProblems(services), ...startProblems(services), ...strategyProblems(services)];
}

/** What this environment needs of each service in order to start it. */
function runtimeProblems(environment: unknown, merged: ReadonlyMap<string, unknown>): Problem[] {
  const runtime = isRecord(environment) ? environment.runtime : undefined;
  if (runtime === 'embedded') return embeddedCommandProblems(merged);
  return runtime === 'docker' ? containerImageProblems(merged) : [];
}

/** Both name image repositories of the project. */
function baseNameProblems(bases: ReadonlyMap<string, unknown>, services: ReadonlyMap<string, unknown>): Problem[] {
  const taken = [...bases.keys()].filter((name) => services.has(name));
  return [
    ...nameProblems(bases),
    ...taken.map((name) => ({ path: [name], message: 'expected another name than that of a service' })),
  ];
}

/** The merged service's problems, without those that it has by itself where the override changes nothing. */
function overrideProblems(service: unknown, override: unknown): Problem[] {
  if (!isRecord(service) || !isRecord(override)) return [];
  const inherited = schemaProblems(serviceSchema, service).filter(({ path }) => !reaches(override, path));
  return without(schemaProblems(serviceSchema, mergeService(service, override)), inherited);
}

function nameProblems(entries: ReadonlyMap<string, unknown>): Problem[] {
  const wrong = [...entries.keys()].filter((name) => !namePattern.test(name));
  return wrong.map((name) => ({ path: [name], message: nameMessage }));
}

function section(input: unknown, key: 'bases' | 'environments' | 'services'): ReadonlyMap<string, unknown> {
  const entries = isRecord(input) ? input[key] : undefined;
  return new Map(isRecord(entries) ? Object.entries(entries) : []);
}

function reaches(value: unknown, path: ProblemPath): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return value !== undefined;
  if (Array.isArray(value)) return reaches(value[Number(key)], rest);
  return isRecord(value) && Object.hasOwn(value, key) && reaches(value[key], rest);
}
