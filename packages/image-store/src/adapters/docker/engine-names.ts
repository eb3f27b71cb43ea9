import { checkRepository } from '../../image/names.ts';
import { registryAddress } from '../oci/addresses.ts';

/** Where images are pushed to and pulled from; the same values open a store in `@maestro/image-store/oci`. */
export interface RepositoriesLocation {
  /** `https://registry.example.com`; Docker Hub is `https://registry-1.docker.io`. */
  readonly registry: string;
  /** Stands before each repository: `team/shop`. */
  readonly namespace?: string | undefined;
}

const dockerHub = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** What the engine calls the images of repositories. */
export class EngineNames {
  /** `registry.example.com:5000`; undefined where images stay in the engine. */
  readonly host: string | undefined;
  readonly #prefix: string;

  /** Throws `IMAGE_STORE_INVALID_REGISTRY`, `IMAGE_STORE_INVALID_NAME`. */
  constructor(location: RepositoriesLocation | undefined) {
    for (const part of location?.namespace?.split('/') ?? []) checkRepository(part);
    const namespace = location?.namespace === undefined ? '' : `${location.namespace}/`;
    this.host = location && hostInNames(registryAddress(location.registry));
    // The engine leaves its own hub out of names, and the namespace that stands for none.
    const shown = this.host === undefined || this.host === 'docker.io' ? '' : `${this.host}/`;
    this.#prefix = shown === '' && namespace === 'library/' ? '' : `${shown}${namespace}`;
  }

  /** Throws `IMAGE_STORE_INVALID_NAME`. */
  of(repository: string): string {
    checkRepository(repository);
    return `${this.#prefix}${repository}`;
  }

  /** The registry that the engine asks for an image of any name. */
  static hostOf(reference: string): string {
    const [first = '', ...rest] = reference.split('/');
    const named = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
    return !named || dockerHub.has(first) ? 'docker.io' : first;
  }
}

/** A name without dot and port would be taken for a namespace of the hub. */
function hostInNames({ host, hostname, protocol }: URL): string {
  if (dockerHub.has(host)) return 'docker.io';
  if (/[.:]/.test(host) || host === 'localhost') return host;
  return `${hostname}:${protocol === 'https:' ? 443 : 80}`;
}
