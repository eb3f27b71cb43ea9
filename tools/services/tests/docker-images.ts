import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

import type Docker from 'dockerode';

export interface SmallImageOptions {
  readonly repository: string;
  /** As in a Dockerfile: name=value. */
  readonly label?: string | undefined;
}

/** An image of this machine's `sleep` and the libraries it is linked with, which takes no hub; resolves to its id. */
export async function importSleep(engine: Docker, { repository, label }: SmallImageOptions): Promise<string> {
  const folder = await mkdtemp('/tmp/mp-');
  try {
    const archive = join(folder, 'sleep.tar');
    const { stdout } = await promisify(execFile)('ldd', ['/bin/sleep']);
    const libraries = Array.from(stdout.matchAll(/\s(\/\S+)/g), ([, path = '']) => path);
    await promisify(execFile)('tar', ['--create', '--dereference', '--file', archive, '/bin/sleep', ...libraries]);
    const changes = label === undefined ? {} : { changes: `LABEL ${label}` };
    const imported = await engine.importImage(createReadStream(archive), { repo: repository, tag: '1', ...changes });
    // The stream's end is what says that the image is there.
    await text(imported);
    return (await engine.getImage(`${repository}:1`).inspect()).Id;
  } finally {
    await rm(folder, { recursive: true });
  }
}
