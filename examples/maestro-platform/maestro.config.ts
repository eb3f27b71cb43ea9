import { defineRegistry } from '@maestro/registry';

/** Who deploys; root on systems without such numbers, where containers run in a machine of their own. */
const deployer = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;

const python = { PYTHONDONTWRITEBYTECODE: '1' };

/** A new version has passed its own tests, on the machine that deploys. */
const tested = {
  gates: { tests: { command: ['python3', '-B', '-m', 'unittest', 'discover', '-s', 'tests', '-t', '.'] } },
};

export default defineRegistry({
  project: 'platform',
  // The home of all Dockerfiles: `central:gateway` is `gateway/Dockerfile` there.
  dockerfiles: '../../dockerfiles',
  // Nobody needs root to answer requests: nothing is written but data, and no right of root's is kept.
  defaults: {
    image: { user: '10001:10001' },
    container: { readOnly: true, capDrop: ['ALL'], memory: '256m', pidsLimit: 100 },
  },
  services: {
    gateway: {
      context: 'services/gateway',
      image: { dockerfile: 'central:gateway' },
      // The only one that is reached from outside; the others are, by the address in their `<NAME>_URL`, from one another.
      route: { path: '/' },
      dependsOn: ['template-service', 'automation-service', 'quality-fabric', 'k8s-execution-service'],
      secrets: ['API_TOKEN'],
    },
    'automation-service': {
      context: 'services/automation-service',
      image: { dockerfile: 'central:automation-service' },
      dependsOn: ['template-service', 'quality-fabric', 'k8s-execution-service'],
      secrets: ['EXECUTION_TOKEN'],
      // It finishes the runs that it has taken, and a run may wait a minute for its job.
      stopTimeoutMs: 90_000,
    },
    'template-service': {
      context: 'services/template-service',
      // Its database is a file that the deployer's migrations write, too.
      image: { dockerfile: 'central:template-service', user: deployer },
      secrets: ['API_TOKEN'],
      database: { adapter: 'sqlite', file: 'templates.sqlite' },
    },
    'quality-fabric': {
      context: 'services/quality-fabric',
      image: { dockerfile: 'central:quality-fabric' },
      environment: python,
    },
    'k8s-execution-service': {
      context: 'services/k8s-execution-service',
      image: { dockerfile: 'central:k8s-execution-service' },
      // Where there is no cluster jobs are processes of its own, which may leave others behind.
      container: { init: true },
      environment: python,
      secrets: ['EXECUTION_TOKEN'],
      stopTimeoutMs: 60_000,
    },
  },
  environments: {
    // Processes on this machine: all it takes is Node, Python 3 and git.
    development: {
      runtime: 'embedded',
      proxy: { port: 8000 },
      secrets: { source: 'dotenv', file: '.env' },
      services: {
        gateway: { command: ['node', 'src/server.ts'] },
        // Containers run what its build step has made.
        'automation-service': { command: ['node', 'src/server.ts'] },
        'template-service': { command: ['node', 'src/server.ts'] },
        'quality-fabric': { command: ['python3', '-m', 'quality_fabric'] },
        'k8s-execution-service': { command: ['python3', '-m', 'k8s_execution'] },
      },
    },
    // Containers of this machine's Docker Engine, nginx among them; images stay in it.
    demo: {
      runtime: 'docker',
      proxy: { port: 8080, image: 'nginx:stable-bookworm' },
      images: { allowDirty: true },
      secrets: { source: 'dotenv', file: '.env' },
    },
    // The same on a server: images by way of a repository, secrets from AWS, new versions tried out on real requests.
    production: {
      runtime: 'docker',
      proxy: { host: '0.0.0.0', port: 80 },
      images: { repository: 'https://registry.example.com/platform' },
      retention: { images: 20 },
      secrets: { source: 'aws', regions: ['eu-central-1', 'eu-west-1'] },
      canary: { steps: [10, 50], stepMs: 60_000 },
      bakeMs: 300_000,
      services: {
        gateway: { container: { replicas: 2 } },
        'template-service': { container: { memory: '512m' } },
        'quality-fabric': tested,
        'k8s-execution-service': tested,
      },
    },
  },
});
