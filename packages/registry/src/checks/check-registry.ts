import { noneNamed } from '../errors.ts';
import { withDefaults } from '../plan/defaults.ts';
import { isRecord } from '../plan/merge.ts';
import { mergeService } from '../plan/merge-service.ts';
import { type Registry, registrySchema, serviceSchema } from '../registry-schema.ts';
import { nameMessage, namePattern } from '../schema-parts.ts';
import { mountProblems, portProblems } from './conflict-problems.ts';
import { linkProblems, secretSourceProblems } from './link-problems.ts';
import { containerImageProblems, embeddedCommandProblems, startProblems } from './start-problems.ts';
import { embeddedProblems, strategyProblems } from './runtime-problems.ts';
import { below, placeOf, type Problem, reaches, without } from './problem.ts';
import { schemaProblems } from './schema-problems.ts';

export type CheckedRegistry =
  | { readonly valid: true; readonly registry: Registry }
  | { readonly valid: false; readonly problems: readonly Problem[] };

/** Checks what a registry file holds, and reports all its problems at once. */
export function checkRegistry(written: unknown): CheckedRegistry {
  const input = withDefaults(written);
  const parsed = registrySchema.safeParse(input);
  const services = section(input, 'services');
  const environments = section(input, 'environments');
  const own = { joint: jointProblems(services), start: startProblems(services) };
  const problems = [
    ...(parsed.success ? [] : schemaProblems(registrySchema, input)),
    ...below(['services'], [...nameProblems(services), ...own.joint, ...own.start]),
    ...below(['bases'], baseNameProblems(section(input, 'bases'), services)),
    ...below(['environments'], [...nameProblems(environments), ...portProblems(environments)]),
    ...[...environments].flatMap(([name, environment]) =>
      below(['environments', name], environmentProblems(environment, services, own)),
    ),
  ];
  if (problems.length > 0 || !parsed.success) return { valid: false, problems: atDefaults(problems, written) };
  const { project, bases, services: checked, environments: all } = parsed.data;
  return { valid: true, registry: { project, bases, services: checked, environments: all } };
}

/** What a service has of the registry's defaults is wrong there, and once, however many services have it. */
function atDefaults(problems: readonly Problem[], written: unknown): readonly Problem[] {
  const placed = problems.map(({ path, message }): Problem => ({ path: placeOf(path, written), message }));
  return [...new Map(placed.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** What goes wrong only once the environment's changes are merged into the services. */
function environmentProblems(
  environment: unknown,
  services: ReadonlyMap<string, unknown>,
  own: { readonly joint: readonly Problem[]; readonly start: readonly Problem[] },
): Problem[] {
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
        ...(overrides.size === 0 ? [] : without(jointProblems(merged), own.joint)),
      ],
    ),
    ...(sourceMissing ? secretSourceProblems(merged) : []),
    ...below(['services'], without(runtimeProblems(environment, merged), own.start)),
    ...(isRecord(environment) && environment.runtime === 'embedded' ? embeddedProblems(environment, merged) : []),
  ];
}

/** What does not go together, in one service or between several. */
function jointProblems(services: ReadonlyMap<string, unknown>): Problem[] {
  return [...linkProblems(services), ...strategyProblems(services), ...mountProblems(services)];
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
  const problems = schemaProblems(serviceSchema, mergeService(service, override));
  // Most have none, and need not be checked a second time.
  if (problems.length === 0) return [];
  const inherited = schemaProblems(serviceSchema, service).filter(({ path }) => !reaches(override, path));
  return without(problems, inherited);
}

function nameProblems(entries: ReadonlyMap<string, unknown>): Problem[] {
  const wrong = [...entries.keys()].filter((name) => !namePattern.test(name));
  return wrong.map((name) => ({ path: [name], message: nameMessage }));
}

function section(input: unknown, key: 'bases' | 'environments' | 'services'): ReadonlyMap<string, unknown> {
  const entries = isRecord(input) ? input[key] : undefined;
  return new Map(isRecord(entries) ? Object.entries(entries) : []);
}
