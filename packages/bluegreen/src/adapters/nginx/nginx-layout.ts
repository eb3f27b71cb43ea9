import { join } from 'node:path';

/** Where an nginx and its router keep what they need, below an environment's state folder. */
export interface NginxLayout {
  /** Of the whole environment; `live` is in it. */
  readonly stateFolder: string;
  /** Of nginx and its router alone. */
  readonly folder: string;
  readonly config: string;
  /** A configuration on its way to become the one in use. */
  readonly nextConfig: string;
  /** Ports handed out, and the key of previews. */
  readonly settled: string;
  /** Certificates, pages and snippets that configurations name, each under the hash of its contents. */
  readonly contents: string;
  readonly pidFile: string;
  readonly accessLog: string;
  readonly errorLog: string;
  readonly temporary: string;
  /** While it exists, answers say that the connection will be closed. */
  readonly closing: string;
}

export function nginxLayout(stateFolder: string): NginxLayout {
  const folder = join(stateFolder, 'nginx');
  return {
    stateFolder,
    folder,
    config: join(folder, 'nginx.conf'),
    nextConfig: join(folder, 'nginx.conf.next'),
    settled: join(folder, 'settled.json'),
    contents: join(folder, 'contents'),
    pidFile: join(folder, 'nginx.pid'),
    accessLog: join(folder, 'logs', 'access.log'),
    errorLog: join(folder, 'logs', 'error.log'),
    temporary: join(folder, 'temporary'),
    closing: join(folder, 'closing'),
  };
}
