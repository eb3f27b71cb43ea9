import { z } from 'zod';

import { noneNamed } from '../errors.ts';
import { dependencyCycles, formatCycle } from '../plan/dependencies.ts';
import type { Problem } from './problem.ts';

// Malformed parts read as absent: they are reported by their schema, and must not hide a problem elsewhere.
const linksSchema = z
  .object({
    dependsOn: z.array(z.string()).catch([]),
    secrets: z.array(z.string()).catch([]),
    database: z
      .object({
        urlSecret: z.string().optional().catch(undefined),
        passwordSecret: z.string().optional().catch(undefined),
        rotation: z.object({ secret: z.string() }).optional().catch(undefined),
      })
      .optional()
      .catch(undefined),
    route: z
      .object({ host: z.string().toLowerCase().optional(), path: z.string().default('/') })
      .optional()
      .catch(undefined),
  })
  .catch({ dependsOn: [], secrets: [] });

type Links = z.output<typeof linksSchema> & { readonly name: string };

/** Problems between services, which no service shows alone; paths start at the name of a service. */
export function linkProblems(services: ReadonlyMap<string, unknown>): Problem[] {
  const links = [...services].map(([name, service]) => linksOf(name, service));
  return [...unknownDependencies(links), ...circles(links), ...sharedRoutes(links), ...sharedRotations(links)];
}

/** What is missing where services need secrets and the environment does not say where they come from. */
export function secretSourceProblems(services: ReadonlyMap<string, unknown>): Problem[] {
  const needs = [...services]
    .map(([name, service]) => neededSecrets(linksOf(name, service)))
    .filter(({ secrets }) => secrets.length > 0)
    .map(({ name, secrets }) => `${name} needs ${secrets.join(', ')}`);
  if (needs.length === 0) return [];
  return [{ path: ['secrets'], message: `missing, expected where secrets come from: ${needs.join('; ')}` }];
}

function neededSecrets({ name, secrets, database }: Links) {
  const ofDatabase = [database?.urlSecret, database?.passwordSecret].filter((secret) => secret !== undefined);
  return { name, secrets: [...new Set([...secrets, ...ofDatabase])] };
}

function linksOf(name: string, service: unknown): Links {
  return { name, ...linksSchema.parse(service) };
}

function unknownDependencies(services: readonly Links[]): Problem[] {
  const names = services.map(({ name }) => name);
  return services.flatMap(({ name, dependsOn }) =>
    dependsOn.flatMap((dependency, index) =>
      names.includes(dependency)
        ? []
        : [{ path: [name, 'dependsOn', index], message: noneNamed('service', dependency, names) }],
    ),
  );
}

function circles(services: readonly Links[]): Problem[] {
  return dependencyCycles(services).map((cycle) => ({
    path: [cycle[0] ?? '', 'dependsOn'],
    message: `services depend on one another: ${formatCycle(cycle)}`,
  }));
}

function sharedRoutes(services: readonly Links[]): Problem[] {
  const owners = new Map<string, string>();
  return services.flatMap(({ name, route }) => {
    if (route === undefined) return [];
    const path = route.path.replace(/(?<=.)\/+$/, '');
    const address = `${route.host === undefined ? 'any host' : `host ${route.host}`}, path ${path}`;
    const owner = owners.get(address);
    if (owner !== undefined) return [{ path: [name, 'route'], message: `the same route as "${owner}": ${address}` }];
    owners.set(address, name);
    return [];
  });
}

/** Of two that say how one secret is rotated only one could be right. */
function sharedRotations(services: readonly Links[]): Problem[] {
  const owners = new Map<string, string>();
  return services.flatMap(({ name, database }) => {
    const secret = database?.rotation?.secret;
    if (secret === undefined) return [];
    const owner = owners.get(secret);
    if (owner === undefined) {
      owners.set(secret, name);
      return [];
    }
    const message = `${secret} is rotated for "${owner}" already, expected in one service only`;
    return [{ path: [name, 'database', 'rotation', 'secret'], message }];
  });
}
