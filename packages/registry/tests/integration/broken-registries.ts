/** Registries with mistakes, each with everything that is said about it. */
export interface BrokenRegistry {
  readonly name: string;
  /** By path; the first one is loaded. */
  readonly files: Readonly<Record<string, string>>;
  /** The whole message, with paths from the folder of the files on. */
  readonly says: string;
}

const yamlFile = 'maestro.config.yaml';

/** A service and an environment without a mistake, for what is about something else. */
const api = `
  api: { context: api, command: [node, main.ts] }`;
const demo = `
environments:
  demo: { runtime: embedded, proxy: { port: 8080 } }
`;

function yaml(name: string, text: string, says: string): BrokenRegistry {
  return { name, files: { [yamlFile]: text.trimStart() }, says: says.trim() };
}

function several(name: string, files: Readonly<Record<string, string>>, says: string): BrokenRegistry {
  const trimmed = Object.entries(files).map(([path, text]) => [path, text.trimStart()]);
  return { name, files: Object.fromEntries(trimmed) as Record<string, string>, says: says.trim() };
}

export const brokenRegistries: readonly BrokenRegistry[] = [
  yaml(
    'an empty file',
    '',
    `
1 problem in maestro.config.yaml:
  - the registry (1:1): expected an object with project, include, dockerfiles, defaults, bases, services, environments, not null`,
  ),
  yaml(
    'a misspelt key at the top',
    `
project: shop
servces:${api}${demo}`,
    `
2 problems in maestro.config.yaml:
  - services (1:1): missing, expected an object with a key for each service
  - servces (2:1): unknown key, did you mean "services"?`,
  ),
  yaml(
    'a misspelt key of a service, and one like no other',
    `
project: shop
services:
  api:
    context: api
    command: [node, main.ts]
    helth: { path: /ready }
    image: { dockerfile: Dockerfile, team: shop }${demo}`,
    `
2 problems in maestro.config.yaml:
  - services.api.helth (6:5): unknown key, did you mean "health"?
  - services.api.image.team (7:38): unknown key, expected one of dockerfile, context, target, args, user, platforms`,
  ),
  yaml(
    'a misspelt key deep inside',
    `
project: shop
services:
  api:
    context: api
    command: [node, main.ts]
    container:
      volumes:
        - { type: volume, source: data, target: /data, readonly: true }${demo}`,
    `
1 problem in maestro.config.yaml:
  - services.api.container.volumes[0].readonly (8:56): unknown key, did you mean "readOnly"?`,
  ),
  yaml(
    'nothing but a project',
    `
project: shop
`,
    `
2 problems in maestro.config.yaml:
  - services (1:1): missing, expected an object with a key for each service
  - environments (1:1): missing, expected an object with a key for each environment`,
  ),
  yaml(
    'a project with capitals',
    `
project: Shop
services:${api}${demo}`,
    `
1 problem in maestro.config.yaml:
  - project (1:1): expected a name of at most 41 lower-case letters, digits and dashes that starts with a letter`,
  ),
  yaml(
    'a service with a name that cannot be one of a container',
    `
project: shop
services:
  My_API: { context: api, command: [node, main.ts] }${demo}`,
    `
1 problem in maestro.config.yaml:
  - services.My_API (3:3): expected a name of at most 41 lower-case letters, digits and dashes that starts with a letter`,
  ),
  yaml(
    'a service without anything',
    `
project: shop
services:
  api:
${demo}`,
    `
1 problem in maestro.config.yaml:
  - services.api (3:3): expected an object with context, command, image, route and more, not null`,
  ),
  yaml(
    'a service with neither a command nor an image',
    `
project: shop
services:
  api: { context: api }${demo}`,
    `
1 problem in maestro.config.yaml:
  - services.api.command (3:3): missing, expected a list that starts with the program to run`,
  ),
  yaml(
    'a command as a text, and a context outside',
    `
project: shop
services:
  api: { context: ../api, command: node main.ts }${demo}`,
    `
2 problems in maestro.config.yaml:
  - services.api.context (3:10): expected a relative path inside the folder of the registry file
  - services.api.command (3:27): expected a list that starts with the program to run, not a string`,
  ),
  yaml(
    'a number that YAML makes of a text',
    `
project: shop
services:
  api:
    context: api
    command: [node, 8080]
    environment: { RETRIES: 3 }${demo}`,
    `
2 problems in maestro.config.yaml:
  - services.api.command[1] (5:21): expected a string in quotes, not a number
  - services.api.environment.RETRIES (6:20): expected a string in quotes, not a number`,
  ),
  yaml(
    'times that are none',
    `
project: shop
services:
  api:
    context: api
    command: [node, main.ts]
    drainTimeoutMs: 30s
    health: { intervalMs: 0, deadlineMs: 1.5 }${demo}`,
    `
3 problems in maestro.config.yaml:
  - services.api.drainTimeoutMs (6:5): expected a whole number of milliseconds from 0 to 2147483647, not a string
  - services.api.health.intervalMs (7:15): expected a whole number of milliseconds from 1 to 2147483647
  - services.api.health.deadlineMs (7:30): expected a whole number of milliseconds from 1 to 2147483647`,
  ),
  yaml(
    'a strategy that there is not',
    `
project: shop
services:
  api: { context: api, command: [node, main.ts], strategy: rolling }${demo}`,
    `
1 problem in maestro.config.yaml:
  - services.api.strategy (3:50): expected "blue-green", "recreate", "worker" or "job"`,
  ),
  yaml(
    'keys that do not go together',
    `
project: shop
services:
  mail:
    context: mail
    command: [node, main.ts]
    strategy: worker
    route: { path: /mail }
  api:
    context: api
    command: [node, main.ts]
    overlap: false
    health: { kind: tcp, path: /ready }${demo}`,
    `
3 problems in maestro.config.yaml:
  - services.mail.route (7:5): expected only where the strategy is not "worker"
  - services.api.overlap (11:5): expected only where the strategy is "worker"
  - services.api.health.path (12:26): expected only where kind is "http"`,
  ),
  yaml(
    'a dependency that is nearly a service',
    `
project: shop
services:
  web: { context: web, command: [node, main.ts], dependsOn: [apii, database] }${api}${demo}`,
    `
2 problems in maestro.config.yaml:
  - services.web.dependsOn[0] (3:62): no service is named "apii"; did you mean "api"?
  - services.web.dependsOn[1] (3:68): no service is named "database"; there are: web, api`,
  ),
  yaml(
    'services that depend on one another',
    `
project: shop
services:
  web: { context: web, command: [node, main.ts], dependsOn: [api] }
  api: { context: api, command: [node, main.ts], dependsOn: [mail] }
  mail: { context: mail, command: [node, main.ts], dependsOn: [web] }${demo}`,
    `
1 problem in maestro.config.yaml:
  - services.web.dependsOn (3:50): services depend on one another: web -> api -> mail -> web`,
  ),
  yaml(
    'a service that depends on itself',
    `
project: shop
services:
  api: { context: api, command: [node, main.ts], dependsOn: [api] }${demo}`,
    `
1 problem in maestro.config.yaml:
  - services.api.dependsOn (3:50): services depend on one another: api -> api`,
  ),
  yaml(
    'a circle that an environment closes',
    `
project: shop
services:
  web: { context: web, command: [node, main.ts], dependsOn: [api] }${api}
environments:
  demo:
    runtime: embedded
    proxy: { port: 8080 }
    services:
      api: { dependsOn: [web] }
`,
    `
1 problem in maestro.config.yaml:
  - environments.demo.services.web.dependsOn (9:5): services depend on one another: web -> api -> web`,
  ),
  yaml(
    'two services with one route',
    `
project: shop
services:
  web: { context: web, command: [node, main.ts], route: { host: Shop.example, path: /app } }
  api:
    context: api
    command: [node, main.ts]
    route: { host: shop.example, path: /app/ }${demo}`,
    `
1 problem in maestro.config.yaml:
  - services.api.route (7:5): the same route as "web": host shop.example, path /app`,
  ),
  yaml(
    'two services that an environment gives one route',
    `
project: shop
services:
  web: { context: web, command: [node, main.ts], route: {} }${api}
environments:
  demo:
    runtime: embedded
    proxy: { port: 8080 }
    services:
      api: { route: { path: / } }
`,
    `
1 problem in maestro.config.yaml:
  - environments.demo.services.api.route (10:14): the same route as "web": any host, path /`,
  ),
  yaml(
    'routes that are none',
    `
project: shop
services:
  web: { context: web, command: [node, main.ts], route: { host: 'https://shop.example', path: app } }${demo}`,
    `
2 problems in maestro.config.yaml:
  - services.web.route.host (3:59): expected a host name without scheme, port and path
  - services.web.route.path (3:89): expected a path that starts with "/"`,
  ),
  yaml(
    'two environments of this machine with one port',
    `
project: shop
services:${api}
environments:
  development: { runtime: embedded, proxy: { port: 8080 } }
  demo:
    runtime: embedded
    proxy: { host: 127.0.0.1, port: 8080 }
`,
    `
1 problem in maestro.config.yaml:
  - environments.demo.proxy.port (8:31): the same as "development" on the same machine: 127.0.0.1:8080, expected another port`,
  ),
  yaml(
    'two environments of one engine with one port, and one that has a port twice',
    `
project: shop
services:
  api: { context: api, image: { dockerfile: Dockerfile } }
environments:
  staging:
    runtime: docker
    proxy: { port: 443, tls: { certificates: [{ certificate: a.pem, key: a.key }] } }
    images: { engine: 'tcp://build.example:2376' }
  production:
    runtime: docker
    proxy: { port: 443 }
    images: { engine: 'tcp://build.example:2376' }
`,
    `
2 problems in maestro.config.yaml:
  - environments.staging.proxy.tls (7:25): the same as proxy.port: 127.0.0.1:443, expected another port
  - environments.production.proxy.port (11:14): the same as "staging" on the same machine: 127.0.0.1:443, expected another port`,
  ),
  yaml(
    'a port that is none',
    `
project: shop
services:${api}
environments:
  demo: { runtime: embedded, proxy: { port: 80800 } }
`,
    `
1 problem in maestro.config.yaml:
  - environments.demo.proxy.port (5:39): expected a port from 0 (any free one) to 65535`,
  ),
  yaml(
    'an environment without anything, and one of a kind that there is not',
    `
project: shop
services:${api}
environments:
  demo: {}
  production: { runtime: kubernetes, proxy: { port: 80 } }
`,
    `
3 problems in maestro.config.yaml:
  - environments.demo.runtime (5:3): missing, expected "embedded" or "docker"
  - environments.demo.proxy (5:3): missing, expected an object with host, port, tls, maintenancePage, image, workerUser, closingMs
  - environments.production.runtime (6:17): expected "embedded" or "docker"`,
  ),
  yaml(
    'an environment that changes a service that there is not',
    `
project: shop
services:${api}
environments:
  demo:
    runtime: embedded
    proxy: { port: 8080 }
    services:
      apu: { environment: { LOG: debug } }
`,
    `
1 problem in maestro.config.yaml:
  - environments.demo.services.apu (9:7): no service is named "apu"; did you mean "api"?`,
  ),
  yaml(
    'an environment that breaks a service',
    `
project: shop
services:${api}
environments:
  demo:
    runtime: embedded
    proxy: { port: 8080 }
    services:
      api: { health: { kind: command, comand: [curl] }, container: { replicas: 0 } }
`,
    `
4 problems in maestro.config.yaml:
  - environments.demo.services.api.health.command (9:14): missing, expected a list that starts with a program
  - environments.demo.services.api.health.kind (9:24): expected "http" or "tcp" in an embedded environment
  - environments.demo.services.api.health.comand (9:39): unknown key, did you mean "command"?
  - environments.demo.services.api.container.replicas (9:70): expected a whole number from 1 to 100`,
  ),
  yaml(
    'an environment that does not say where secrets come from',
    `
project: shop
services:
  api:
    context: api
    command: [node, main.ts]
    secrets: [SESSION_KEY]
    database: { adapter: postgresql, urlSecret: DATABASE_URL }
  web: { context: web, command: [node, main.ts], secrets: [SESSION_KEY] }${demo}`,
    `
1 problem in maestro.config.yaml:
  - environments.demo.secrets (10:3): missing, expected where secrets come from: api needs SESSION_KEY, DATABASE_URL; web needs SESSION_KEY`,
  ),
  yaml(
    'secrets of a kind that there is not, and of one that is not complete',
    `
project: shop
services:${api}
environments:
  demo: { runtime: embedded, proxy: { port: 8080 }, secrets: { source: vault } }
  production: { runtime: embedded, proxy: { port: 80 }, secrets: { source: aws, regions: [Frankfurt] } }
`,
    `
2 problems in maestro.config.yaml:
  - environments.demo.secrets.source (5:64): expected "dotenv" or "aws"
  - environments.production.secrets.regions[0] (6:91): expected a region such as "eu-central-1"`,
  ),
  yaml(
    'what only containers have, in an environment of processes',
    `
project: shop
services:${api}
environments:
  demo:
    runtime: embedded
    proxy: { port: 8080, image: 'nginx:1.28' }
    network: { subnet: 10.200.4.0/22 }
`,
    `
2 problems in maestro.config.yaml:
  - environments.demo.proxy.image (7:26): expected only where the runtime is "docker"
  - environments.demo.network (8:5): expected only where the runtime is "docker"`,
  ),
  yaml(
    'a service without an image where services are containers',
    `
project: shop
services:${api}
environments:
  production: { runtime: docker, proxy: { port: 80 } }
`,
    `
1 problem in maestro.config.yaml:
  - environments.production.services.api.image (5:3): missing, expected an object with dockerfile, since this environment runs containers`,
  ),
  yaml(
    'mounts at one place, and over the secrets',
    `
project: shop
services:
  api:
    context: api
    image: { dockerfile: Dockerfile }
    container:
      volumes:
        - { type: volume, source: data, target: /data }
        - { type: bind, source: /srv/data, target: /data/ }
        - { type: bind, source: data, target: /run/secrets }
environments:
  production: { runtime: docker, proxy: { port: 80 } }
`,
    `
3 problems in maestro.config.yaml:
  - services.api.container.volumes[1].target (9:44): another mount is at /data already
  - services.api.container.volumes[2].source (10:25): expected an absolute path on the engine's machine
  - services.api.container.volumes[2].target (10:39): expected another place than /run/secrets, where its secrets are`,
  ),
  yaml(
    'a container with amounts and names that are none',
    `
project: shop
services:
  api:
    context: api
    image: { dockerfile: Dockerfile, user: node, platforms: [linux] }
    container: { memory: 512 MB, cpus: 0, secretsAs: env, capDrop: [net_raw] }
environments:
  production: { runtime: docker, proxy: { port: 80 } }
`,
    `
6 problems in maestro.config.yaml:
  - services.api.image.user (5:38): expected the numbers of a user and a group, such as "1000:1000"
  - services.api.image.platforms[0] (5:62): expected a platform such as "linux/amd64"
  - services.api.container.memory (6:18): expected an amount such as "512m" or "2g"
  - services.api.container.cpus (6:34): expected a number of processors, such as 0.5
  - services.api.container.secretsAs (6:43): expected "files" or "variables"
  - services.api.container.capDrop[0] (6:69): expected the name of a capability, such as NET_RAW, or ALL`,
  ),
  yaml(
    'a database that is half described, and one with a secret in it',
    `
project: shop
services:
  api: { context: api, command: [node, main.ts], database: { adapter: postgresql, host: db } }
  web:
    context: web
    command: [node, main.ts]
    database: { adapter: mysql, urlSecret: 'mysql://shop:hunter2@db/shop' }
environments:
  demo: { runtime: embedded, proxy: { port: 8080 }, secrets: { source: dotenv, file: .env } }
`,
    `
3 problems in maestro.config.yaml:
  - services.api.database.database (3:50): missing, expected the name of a database
  - services.api.database.user (3:50): missing, expected the name of a user
  - services.web.database.urlSecret (7:33): expected a name of capital letters, digits and underscores`,
  ),
  yaml(
    'a secret that is rotated for two services',
    `
project: shop
services:
  api: &service
    context: api
    command: [node, main.ts]
    database: { adapter: postgresql, urlSecret: DATABASE_URL, rotation: { secret: LOGIN } }
  web: *service
environments:
  demo: { runtime: embedded, proxy: { port: 8080 }, secrets: { source: dotenv, file: .env } }
`,
    `
1 problem in maestro.config.yaml:
  - services.web.database.rotation.secret (6:75): LOGIN is rotated for "api" already, expected in one service only`,
  ),
  yaml(
    'a base with the name of a service',
    `
project: shop
bases:
  api: { dockerfile: Dockerfile, context: . }
services:${api}${demo}`,
    `
1 problem in maestro.config.yaml:
  - bases.api (3:3): expected another name than that of a service`,
  ),
  yaml(
    'a mistake in defaults, which all services have',
    `
project: shop
defaults:
  command: [node, main.ts]
  container: { memry: 512m, replicas: none }
services:
  api: { context: api }
  web: { context: web, container: { replicas: 2 } }${demo}`,
    `
2 problems in maestro.config.yaml:
  - defaults.container.memry (4:16): unknown key, did you mean "memory"?
  - defaults.container.replicas (4:29): expected a whole number from 1 to 100, not a string`,
  ),
  yaml(
    'a route in defaults, which all services would have',
    `
project: shop
defaults: { command: [node, main.ts], route: { host: shop.example } }
services:
  api: { context: api }
  web: { context: web }${demo}`,
    `
1 problem in maestro.config.yaml:
  - defaults.route (2:39): the same route as "api": host shop.example, path /`,
  ),
  yaml(
    'retention, canary and limits beyond what there is',
    `
project: shop
services:${api}
environments:
  demo:
    runtime: embedded
    proxy: { port: 8080 }
    retention: { images: 0, relases: 5 }
    canary: { steps: [10, 100] }
    limits: { errorRate: 5 }
`,
    `
4 problems in maestro.config.yaml:
  - environments.demo.retention.images (8:18): expected a whole number from 1 to 1000
  - environments.demo.retention.relases (8:29): unknown key, did you mean "releases"?
  - environments.demo.canary.steps[1] (9:27): expected a percentage from 0 to 99
  - environments.demo.limits.errorRate (10:15): expected a share from 0 to 1`,
  ),
  yaml(
    'text that is not YAML',
    `
project: shop
services: { api: { context: api
`,
    `
maestro.config.yaml:3:1: not YAML: Flow map in block collection must be sufficiently indented and end with a }`,
  ),
  yaml(
    'a key that is there twice',
    `
project: shop
project: other
`,
    `
maestro.config.yaml:2:1: not YAML: Map keys must be unique`,
  ),
  several(
    'JSON: problems in the order of the file',
    {
      'maestro.config.json': `
{
  "services": { "api": { "context": "api", "command": [] } },
  "project": 7,
  "environments": {
    "demo": { "runtime": "embedded", "proxy": { "port": "8080" } }
  }
}
`,
    },
    `
3 problems in maestro.config.json:
  - services.api.command (2:44): expected a list that starts with the program to run
  - project (3:3): expected a name of at most 41 lower-case letters, digits and dashes that starts with a letter, not a number
  - environments.demo.proxy.port (5:49): expected a port from 0 (any free one) to 65535, not a string`,
  ),
  several(
    'JSON: a comma too many',
    {
      'maestro.config.json': `
{
  "project": "shop",
  "services": {},
}
`,
    },
    `
maestro.config.json:4:1: not JSON from here on`,
  ),
  several(
    'TypeScript: problems by their paths alone',
    {
      'maestro.config.ts': `
export default {
  project: 'shop',
  services: {
    api: { context: 'api', command: ['node', 'main.ts'], dependsOn: ['web'] },
    web: { context: 'web', command: ['node', 'main.ts'], dependsOn: ['api'], routes: [] },
  },
  environments: { demo: { runtime: 'embedded', proxy: { port: 8080, prt: 1 } } },
};
`,
    },
    `
3 problems in maestro.config.ts:
  - services.web.routes: unknown key, did you mean "route"?
  - environments.demo.proxy.prt: unknown key, did you mean "port"?
  - services.api.dependsOn: services depend on one another: api -> web -> api`,
  ),
  several(
    'TypeScript: no default export',
    {
      'maestro.config.ts': `
export const registry = { project: 'shop' };
`,
    },
    `
maestro.config.ts: there is no default export, or it is empty`,
  ),
  several(
    'an included file that is not there',
    {
      'shop/maestro.config.yaml': `
include:
  - ../platform/maestro.config.yaml
project: shop
services:${api}${demo}`,
    },
    `
1 problem in shop/maestro.config.yaml:
  - include[0] (2:5): there is no file platform/maestro.config.yaml`,
  ),
  several(
    'registries that include one another',
    {
      'shop/maestro.config.yaml': `
include: [../platform/maestro.config.yaml]
project: shop
services:${api}${demo}`,
      'platform/maestro.config.yaml': `
include: [common/bases.json]
`,
      'platform/common/bases.json': `
{ "include": ["../maestro.config.yaml"] }
`,
    },
    `
1 problem in shop/maestro.config.yaml:
  - include[0] (../platform/common/bases.json:1:15): registries include one another: ../platform/maestro.config.yaml -> ../platform/common/bases.json -> ../platform/maestro.config.yaml`,
  ),
  several(
    'includes that are no list of paths',
    {
      'maestro.config.yaml': `
include: platform.yaml
project: shop
services:${api}${demo}`,
    },
    `
1 problem in maestro.config.yaml:
  - include (1:1): expected a list of paths of registry files, not a string`,
  ),
  several(
    'an included file that is no registry',
    {
      'maestro.config.yaml': `
include: [notes.yaml]
project: shop
services:${api}${demo}`,
      'notes.yaml': `
- bring milk
`,
    },
    `
1 problem in maestro.config.yaml:
  - the registry (notes.yaml:1:1): expected an object with services, bases, defaults or environments`,
  ),
  several(
    'a mistake in the syntax of an included file',
    {
      'maestro.config.yaml': `
include: [platform.yaml]
project: shop
services:${api}${demo}`,
      'platform.yaml': `
services:
  gateway: { context: gateway
`,
    },
    `
platform.yaml:3:1: not YAML: Flow map in block collection must be sufficiently indented and end with a }`,
  ),
  several(
    'problems in several files at once',
    {
      'shop/maestro.config.yaml': `
include: [../platform/maestro.config.yaml, ../platform/bases.ts]
project: shop
services:
  web: { context: web, command: [node, main.ts], dependsOn: [gatway] }${demo}`,
      'platform/maestro.config.yaml': `
services:
  gateway:
    context: ../gateway
    comand: [node, main.ts]
`,
      'platform/bases.ts': `
export default { bases: { node: { dockerfile: 'node.Dockerfile' } } };
`,
    },
    `
5 problems in shop/maestro.config.yaml:
  - services.web.dependsOn[0] (4:62): no service is named "gatway"; did you mean "gateway"?
  - services.gateway.command (../platform/maestro.config.yaml:2:3): missing, expected a list that starts with the program to run
  - services.gateway.context (../platform/maestro.config.yaml:3:5): expected a relative path inside the folder of the registry file
  - services.gateway.comand (../platform/maestro.config.yaml:4:5): unknown key, did you mean "command"?
  - bases.node.context (../platform/bases.ts): missing, expected a relative path inside the folder of the registry file`,
  ),
  several(
    'two included files that say different things',
    {
      'maestro.config.yaml': `
include: [one.yaml, two.yaml]
project: shop${demo}`,
      'one.yaml': `
services:
  api: { context: api, command: [node, main.ts], drainTimeoutMs: 1000 }
`,
      'two.yaml': `
services:
  api: { context: api, command: [node, main.ts], drainTimeoutMs: 2000 }
`,
    },
    `
1 problem in maestro.config.yaml:
  - services.api.drainTimeoutMs (two.yaml:2:50): another value than in one.yaml:2:50, expected the same or one in a registry that includes both`,
  ),
  several(
    'a central Dockerfile that there is none of',
    {
      'shop/maestro.config.yaml': `
project: shop
dockerfiles: ../dockerfiles
services:
  api: { context: api, image: { dockerfile: 'central:templat-service' } }
  web: { context: web, image: { dockerfile: 'central:rust' } }
environments:
  production: { runtime: docker, proxy: { port: 80 } }
`,
      'dockerfiles/template-service/Dockerfile': 'FROM scratch',
      'dockerfiles/gateway/Dockerfile': 'FROM scratch',
      'dockerfiles/notes/README.md': 'No Dockerfile is here.',
    },
    `
2 problems in shop/maestro.config.yaml:
  - services.api.image.dockerfile (4:33): no Dockerfile is named "templat-service"; did you mean "template-service"? (in dockerfiles)
  - services.web.image.dockerfile (5:33): no Dockerfile is named "rust"; there are: gateway, template-service (in dockerfiles)`,
  ),
  several(
    'central Dockerfiles without their folder',
    {
      'maestro.config.yaml': `
project: shop
services:
  api: { context: api, image: { dockerfile: 'central:api' } }
environments:
  production: { runtime: docker, proxy: { port: 80 } }
`,
    },
    `
1 problem in maestro.config.yaml:
  - services.api.image.dockerfile (3:33): expected dockerfiles at the top of the registry: the folder that api/Dockerfile is in`,
  ),
  several(
    'central Dockerfiles in a folder that is not there',
    {
      'shop/maestro.config.yaml': `
project: shop
dockerfiles: ../dockerfiles
services:
  api: { context: api, image: { dockerfile: 'central:api' } }
environments:
  production: { runtime: docker, proxy: { port: 80 } }
`,
    },
    `
1 problem in shop/maestro.config.yaml:
  - services.api.image.dockerfile (4:33): there is no folder dockerfiles, which dockerfiles names`,
  ),
];
