import type { FoundService } from './found-service.ts';

/** What a new project is called, has and listens on. */
export interface NewProject {
  readonly project: string;
  readonly services: readonly FoundService[];
  /** Where its first environment is reached. */
  readonly port: number;
}

/** Names that a public side often has: it gets everything that no other route is for. */
const publicNames = ['gateway', 'web', 'frontend', 'app', 'site', 'ui', 'www'];

/** The registry of a new project, as TypeScript that needs no package to be run. */
export function renderConfig({ project, services, port }: NewProject): string {
  const front = frontOf(services);
  return `// What is deployed, and where to; every key is described at @maestro/registry. Editors check this file as well, once
// that is installed: npm install --save-dev @maestro/registry
export default {
  project: ${quoted(project)},

  services: {
${services.map((service) => renderService(service, services, service === front)).join('\n')}
  },

  environments: {
    development: {
      ${runtimeOf(services)}
      // Where it is reached: http://127.0.0.1:${port}
      proxy: { port: ${port} },
      // Where the secrets are that services name; .env.example has their names, and git ignores .env.
      secrets: { source: 'dotenv', file: '.env' },
    },
    // Containers behind nginx, from images that other machines have, too; each service needs an image for that.
    // production: {
    //   runtime: 'docker',
    //   proxy: { host: '0.0.0.0', port: 80 },
    //   images: { repository: 'https://registry.example.com/${project}' },
    //   secrets: { source: 'aws', regions: ['eu-central-1'] },
    // },
  },
} satisfies import('@maestro/registry').RegistryInput;
`;
}

/** The secrets that the services are configured with, each with an example. */
export function secretsOf(
  services: readonly FoundService[],
): readonly { readonly name: string; readonly example: string }[] {
  return services.flatMap((service) => {
    const { database, name } = service;
    if (database === null || database === 'sqlite') return [];
    const scheme = database === 'mysql' ? 'mysql' : 'postgres';
    return [{ name: urlSecret(service, services), example: `${scheme}://user:password@127.0.0.1/${name}` }];
  });
}

function runtimeOf(services: readonly FoundService[]): string {
  return needsContainers(services)
    ? "// Containers of this machine's Docker Engine.\n      runtime: 'docker',"
    : "// Processes on this machine, one beside the other; nothing has to be installed for it.\n      runtime: 'embedded',";
}

/** Where images alone say how a service is started; each service needs one then. */
function needsContainers(services: readonly FoundService[]): boolean {
  return services.some(({ command }) => command === null) && services.every(({ dockerfile }) => dockerfile !== null);
}

function renderService(service: FoundService, services: readonly FoundService[], isFront: boolean): string {
  const { name, context, command, dockerfile, port } = service;
  const path = isFront ? '/' : `/${name}`;
  const variable = `${name.toUpperCase().replaceAll('-', '_')}_URL`;
  return [
    `    ${/^\w+$/.test(name) ? name : quoted(name)}: {`,
    `      // Its folder, as it is in git.`,
    `      context: ${quoted(context)},`,
    ...(command !== null || !needsContainers(services) ? renderCommand(service) : []),
    `      // Where the proxy offers it. Other services reach it by ${variable}, also without a route.`,
    `      route: { path: ${quoted(path)} },`,
    `      // Well as soon as it takes connections. What it says of itself is better: health: { path: '/health' }`,
    `      health: { kind: 'tcp' },`,
    ...(dockerfile === null
      ? [`      // For environments that run containers: image: { dockerfile: ${quoted(dockerfileIn(context))} },`]
      : [
          `      // For environments that run containers.`,
          `      image: { dockerfile: ${quoted(dockerfile)} },`,
          ...(port === null ? [] : [`      container: { port: ${port} },`]),
        ]),
    ...renderDatabase(service, services),
    `    },`,
  ].join('\n');
}

function renderCommand({ command, needsPackages }: FoundService): readonly string[] {
  if (command === null)
    return [
      `      // Nothing says how it is started outside of a container: write it here.`,
      `      command: ['false'],`,
    ];
  const packages = needsPackages
    ? [
        '      // As a process it has the files that are in git, and of its packages those that the machine has installed.',
      ]
    : [];
  return [
    `      // What starts it: it must listen on the address in HOST and PORT, and end when it gets SIGTERM.`,
    ...packages,
    `      command: [${command.map(quoted).join(', ')}],`,
  ];
}

function renderDatabase(service: FoundService, services: readonly FoundService[]): readonly string[] {
  const { name, database } = service;
  const about = `      // Its database, whose migrations are in migrations/.`;
  if (database === null) return [`${about} Such as: database: { adapter: 'sqlite', file: ${quoted(`${name}.db`)} },`];
  if (database === 'sqlite')
    return [
      `${about} The variable DATABASE_PATH tells its file.`,
      `      database: { adapter: 'sqlite', file: ${quoted(`${name}.db`)} },`,
    ];
  const secret = quoted(urlSecret(service, services));
  return [
    about,
    `      database: { adapter: ${quoted(database)}, urlSecret: ${secret} },`,
    `      secrets: [${secret}],`,
  ];
}

/** The usual name, unless there are several. */
function urlSecret({ name }: FoundService, services: readonly FoundService[]): string {
  const servers = services.filter(({ database }) => database !== null && database !== 'sqlite');
  return servers.length === 1 ? 'DATABASE_URL' : `${name.toUpperCase().replaceAll('-', '_')}_DATABASE_URL`;
}

function frontOf(services: readonly FoundService[]): FoundService | undefined {
  return services.find(({ name }) => publicNames.includes(name)) ?? services[0];
}

function dockerfileIn(context: string): string {
  return context === '.' ? 'Dockerfile' : `${context}/Dockerfile`;
}

function quoted(text: string): string {
  return `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)}'`;
}
