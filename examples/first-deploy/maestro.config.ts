import { defineRegistry } from '@maestro/registry';

export default defineRegistry({
  project: 'first-deploy',
  services: {
    gateway: {
      context: 'services/gateway',
      command: ['node', 'src/server.ts'],
      route: { path: '/' },
      dependsOn: ['template-service'],
      secrets: ['API_TOKEN'],
    },
    // No route: only other services reach it, by the address in TEMPLATE_SERVICE_URL.
    'template-service': {
      context: 'services/template-service',
      command: ['node', 'src/server.ts'],
      environment: { BODY_LIMIT_BYTES: '65536' },
      secrets: ['API_TOKEN'],
      database: { adapter: 'sqlite', file: 'templates.sqlite' },
    },
  },
  environments: {
    development: {
      runtime: 'embedded',
      proxy: { port: 8000 },
      secrets: { source: 'dotenv', file: '.env' },
    },
    demo: {
      runtime: 'embedded',
      proxy: { port: 8080 },
      secrets: { source: 'dotenv', file: '.env' },
      services: {
        // A version that does not become healthy is given up after 4 seconds instead of 30.
        'template-service': { health: { deadlineMs: 4_000 } },
      },
    },
  },
});
