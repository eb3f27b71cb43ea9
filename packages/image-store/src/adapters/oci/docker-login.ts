// Docker Hub's interface has other names than the one that logins are kept under.
const dockerHub = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** The name under which Docker keeps the login to a registry, `registry.example.com:5000`. */
export function loginServer(registry: string): string {
  return dockerHub.has(registry) ? 'https://index.docker.io/v1/' : registry;
}

/** What to type to log in. */
export function loginCommand(registry: string): string {
  return dockerHub.has(registry) ? 'docker login' : `docker login ${registry}`;
}
