import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

export interface Registry extends AsyncDisposable {
  readonly url: string;
  readonly digest: string;
}

export interface RegistryOptions {
  /** Whether the image is there; without it the registry answers, and has nothing. */
  readonly hasImage: boolean;
}

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';

/** The read-only part of https://github.com/opencontainers/distribution-spec for one image of one empty layer. */
export async function startRegistry({ hasImage }: RegistryOptions): Promise<Registry> {
  const { manifest, blobs } = emptyImage();
  const server = createServer((request, response) => {
    const [, digest = ''] = /\/(?:blobs|manifests)\/(.+)$/.exec(request.url ?? '') ?? [];
    const body = request.url === '/v2/' ? Buffer.from('{}') : (blobs.get(digest) ?? manifest);
    if (request.url !== '/v2/' && !hasImage) {
      response.writeHead(404, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }));
      return;
    }
    response.writeHead(200, {
      'Content-Type': body === manifest ? manifestType : 'application/octet-stream',
      'Content-Length': body.length,
      'Docker-Content-Digest': digestOf(body),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    digest: digestOf(manifest),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function emptyImage(): { readonly manifest: Buffer; readonly blobs: ReadonlyMap<string, Buffer> } {
  const tar = Buffer.alloc(1024);
  const layer = gzipSync(tar);
  const rootfs = { type: 'layers', diff_ids: [digestOf(tar)] };
  const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs }));
  const describe = (mediaType: string, blob: Buffer) => ({ mediaType, size: blob.length, digest: digestOf(blob) });
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: describe('application/vnd.docker.container.image.v1+json', config),
    layers: [describe('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)],
  };
  return {
    manifest: Buffer.from(JSON.stringify(manifest)),
    blobs: new Map([config, layer].map((blob) => [digestOf(blob), blob])),
  };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
