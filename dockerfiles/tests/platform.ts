import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildImages, findByInput, type ServiceImage } from '@maestro/image-store';
import { openDockerEngine } from '@maestro/image-store/docker';
import type { SuiteOf } from '@maestro/services';

/** The services, and a source file of each. */
export const sources = {
  gateway: 'src/server.ts',
  'template-service': 'src/server.ts',
  'automation-service': 'src/server.ts',
  'quality-fabric': 'quality_fabric/__main__.py',
  'k8s-execution-service': 'k8s_execution/__main__.py',
} as const;

export type ServiceName = keyof typeof sources;
export const serviceNames = Object.keys(sources) as ServiceName[];

const root = join(import.meta.dirname, '..');
const programs = join(root, '..', 'examples', 'maestro-platform', 'services');

/** A project of its own with the platform's programs, committed. Their Dockerfiles are where they are for everybody. */
export class Platform {
  readonly folder = mkdtempSync(join(tmpdir(), 'maestro-dockerfiles-'));
  readonly #docker: SuiteOf<'docker'>;

  constructor(docker: SuiteOf<'docker'>) {
    this.#docker = docker;
    for (const name of serviceNames) cpSync(join(programs, name), this.contextOf(name), { recursive: true });
    this.#git('init', '--quiet', '--initial-branch=main');
    this.#commit();
  }

  contextOf(name: ServiceName): string {
    return join(this.folder, name);
  }

  dockerfileOf(name: ServiceName): string {
    return join(root, name, 'Dockerfile');
  }

  change(names: readonly ServiceName[]): void {
    for (const name of names) {
      const python = sources[name].endsWith('.py');
      appendFileSync(
        join(this.contextOf(name), sources[name]),
        python ? '\nCHANGED = 1\n' : '\nexport const changed = 1;\n',
      );
    }
    this.#commit();
  }

  /** Adds what is no part of the programs. */
  addNotes(): void {
    for (const name of serviceNames) writeFileSync(join(this.contextOf(name), 'NOTES.md'), 'to be done');
    this.#commit();
  }

  /** As a release builds them: with BuildKit, from git. */
  async build(names: readonly ServiceName[]): Promise<readonly ServiceImage[]> {
    const { builder, store } = openDockerEngine({ engine: this.#docker.address });
    return await buildImages({
      project: this.#docker.suite,
      environment: 'demo',
      services: names.map((name) => ({
        name,
        context: this.contextOf(name),
        dockerfile: this.dockerfileOf(name),
        labels: this.#docker.labels,
      })),
      builder,
      find: findByInput({ engine: store }),
      allowDirty: false,
      concurrency: 2,
      version: '1.2.3',
      sourceUrl: 'https://example.com/platform.git',
    });
  }

  #commit(): void {
    this.#git('add', '--all', '--force');
    this.#git('commit', '--quiet', '--message', 'change');
  }

  #git(...args: readonly string[]): void {
    const env = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
    const person = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgSign=false'];
    execFileSync('git', [...person, ...args], { cwd: this.folder, stdio: 'pipe', env: Object.fromEntries(env) });
  }
}
