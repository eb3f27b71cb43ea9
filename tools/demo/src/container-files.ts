import type { ContainerGround } from './containers.ts';

/** What the example lacks to run in containers: a Dockerfile, and a registry that lays its own environment over the example's. */
export function containerFiles(ground: ContainerGround): Readonly<Record<string, string>> {
  const labels = Object.entries(ground.labels).map(([label, value]) => `LABEL "${label}"="${value}"`);
  return {
    Dockerfile: [
      `FROM ${ground.baseImage}`,
      ...labels,
      'WORKDIR /srv',
      'COPY . .',
      'CMD ["node", "src/server.ts"]',
      '',
    ].join('\n'),
    [containerConfig]: registry(ground),
  };
}

export const containerConfig = 'maestro.docker.config.ts';

function registry({ engine, repository, name, user }: ContainerGround): string {
  // Workers of a root's nginx are another user's, who cannot look into a folder for temporary files.
  const proxy = { port: 0, ...(user.startsWith('0:') ? { workerUser: 'root' } : {}) };
  return `import { defineRegistry } from '@maestro/registry';

import example from './maestro.config.ts';

const image = { dockerfile: 'Dockerfile', user: ${JSON.stringify(user)} };
const { gateway, 'template-service': templates } = example.services;

export default defineRegistry({
  project: ${JSON.stringify(name)},
  services: {
    gateway: { ...gateway, image },
    'template-service': { ...templates, image },
  },
  environments: {
    demo: {
      runtime: 'docker',
      proxy: ${JSON.stringify(proxy)},
      images: ${JSON.stringify({ engine, repository })},
      secrets: { source: 'dotenv', file: '.env' },
      // A version that does not become healthy is given up after 8 seconds instead of 30.
      services: { 'template-service': { health: { deadlineMs: 8_000 } } },
    },
  },
});
`;
}
