import { createHash } from 'node:crypto';

import { type KeeperArchitecture, keeperProgram } from '../../containers/keeper-program.ts';
import { packTar } from '../../containers/tar-archive.ts';
import { secretsFolder } from '../../containers/volume-layout.ts';

/** An image for `POST /images/load`, and what it is called there. */
export interface KeeperImage {
  readonly reference: string;
  readonly archive: Buffer;
}

const root = { uid: 0, gid: 0 };

/**
 * The image with nothing but the keeper's program, the same bytes each time. Its layer names the project: engines share
 * layers of the same content, and removing one project's image must not fail the loading of another's.
 */
export function keeperImage(options: {
  readonly project: string;
  readonly architecture: KeeperArchitecture;
}): KeeperImage {
  const { project, architecture } = options;
  const layer = packTar(
    [
      { type: 'file', path: 'keeper', mode: 0o555, content: keeperProgram(architecture) },
      { type: 'file', path: 'project', mode: 0o444, content: Buffer.from(`${project}\n`, 'utf8') },
      { type: 'folder', path: 'run', mode: 0o755 },
      { type: 'folder', path: secretsFolder.slice(1), mode: 0o755 },
    ],
    root,
  );
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      created: '1970-01-01T00:00:00Z',
      config: {
        Cmd: ['/keeper'],
        WorkingDir: secretsFolder,
        Labels: { 'maestro.project': project, 'maestro.role': 'secrets-keeper' },
      },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
      history: [{ created: '1970-01-01T00:00:00Z' }],
    }),
    'utf8',
  );
  const reference = `maestro-secrets-keeper:${sha256(config).slice(0, 12)}`;
  const manifest = [{ Config: `${sha256(config)}.json`, RepoTags: [reference], Layers: ['layer.tar'] }];
  const archive = packTar(
    [
      { type: 'file', path: `${sha256(config)}.json`, mode: 0o444, content: config },
      { type: 'file', path: 'layer.tar', mode: 0o444, content: layer },
      { type: 'file', path: 'manifest.json', mode: 0o444, content: Buffer.from(JSON.stringify(manifest), 'utf8') },
    ],
    root,
  );
  return { reference, archive };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
