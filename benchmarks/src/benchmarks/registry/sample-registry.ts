import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RegistryInput } from '@maestro/registry';
import { stringify } from 'yaml';

/** The languages that a registry is written in here. */
export type Language = 'json' | 'ts' | 'yaml';

/** What of a registry is resolved. */
export const environmentName = 'production';

/** A registry of so many services, with two environments; a third of the services differ in the one that is resolved. */
export function sampleRegistry(services: number): RegistryInput {
  const numbers = Array.from({ length: services }, (_, number) => number);
  const third = numbers.filter((number) => number % 3 === 0).map(serviceName);
  return {
    project: 'large',
    bases: { node: { context: 'bases/node', dockerfile: 'bases/node/Dockerfile' } },
    services: Object.fromEntries(numbers.map((number) => [serviceName(number), sampleService(number)])),
    environments: {
      demo: { runtime: 'embedded', proxy: { port: 8080 }, secrets: { source: 'dotenv', file: '.env' } },
      [environmentName]: {
        runtime: 'docker',
        proxy: { port: 80 },
        images: { repository: 'https://registry.example.com/large' },
        secrets: { source: 'aws', regions: ['eu-central-1'] },
        environment: { REGION: 'eu' },
        services: Object.fromEntries(third.map((name) => [name, { container: { replicas: 2 } }])),
      },
    },
  };
}

export function serviceName(number: number): string {
  return `service-${number}`;
}

/** Of ten services each but the first depends on the one before it. */
function sampleService(number: number): RegistryInput['services'][string] {
  const name = serviceName(number);
  return {
    context: `services/${name}`,
    command: ['node', 'main.ts'],
    image: { dockerfile: `dockerfiles/${name}/Dockerfile`, user: '1000:1000' },
    route: { host: `${name}.example.com` },
    dependsOn: number % 10 === 0 ? [] : [serviceName(number - 1)],
    environment: { LOG_LEVEL: 'info', QUEUE: `queue ${number}` },
    secrets: ['SESSION_KEY'],
    sharedPaths: ['libs/common'],
    container: { memory: '256m' },
    ...(number % 5 === 0 && { database: { adapter: 'postgresql', urlSecret: 'DATABASE_URL' } }),
  };
}

/** Writes it to a file in a folder; returns its path. */
export async function writeRegistry(registry: RegistryInput, folder: string, language: Language): Promise<string> {
  const { services } = registry;
  const file = join(folder, `registry-${Object.keys(services).length}.${language}`);
  await writeFile(file, textOf(registry, language));
  return file;
}

function textOf(registry: RegistryInput, language: Language): string {
  if (language === 'yaml') return stringify(registry);
  const json = JSON.stringify(registry, undefined, 2);
  if (language === 'json') return json;
  return `import { defineRegistry } from '@maestro/registry';\n\nexport default defineRegistry(${json});\n`;
}
