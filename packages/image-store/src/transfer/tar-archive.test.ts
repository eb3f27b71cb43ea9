import { once } from 'node:events';

import fc from 'fast-check';
import { extract } from 'tar-stream';
import { describe, expect, it } from 'vitest';

import { collectBytes } from '../image/collect-bytes.ts';
import { type ArchivedFile, tarArchive } from './tar-archive.ts';

const file = (name: string, contents: Uint8Array): ArchivedFile => ({
  name,
  sizeBytes: contents.byteLength,
  chunks: [contents],
});

async function filesIn(archive: Uint8Array) {
  const found: { readonly name: string; readonly contents: Buffer }[] = [];
  const reader = extract();
  reader.end(archive);
  for await (const entry of reader) found.push({ name: entry.header.name, contents: await collectBytes(entry) });
  return found;
}

describe('tarArchive', () => {
  it('is read by others as it was made', async () => {
    const names = fc.stringMatching(/^[a-z0-9/._-]{1,100}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(names, fc.uint8Array({ maxLength: 2000 })), { maxLength: 5 }),
        async (given) => {
          const archive = await collectBytes(tarArchive(given.map(([name, contents]) => file(name, contents))));
          const found = await filesIn(archive);
          expect(found).toEqual(given.map(([name, contents]) => ({ name, contents: Buffer.from(contents) })));
          expect(archive.byteLength % 512).toBe(0);
        },
      ),
    );
  });

  it('says sizes beyond 8 GiB too', async () => {
    const sizeBytes = 2 ** 33 + 5;
    const chunks = (async function* () {
      await Promise.reject(new Error('far enough'));
      yield Buffer.alloc(0);
    })();
    const archive = tarArchive([{ name: 'layer', sizeBytes, chunks }]);
    const { value } = await archive.next();
    const reader = extract();
    const size = once(reader, 'entry').then(([header]: { readonly size: number }[]) => header?.size);
    reader.write(value);
    expect(await size).toBe(sizeBytes);
    await expect(archive.next()).rejects.toThrow('far enough');
  });

  it('reads no file before its turn, and ends the one that is being read when nobody wants more', async () => {
    const log: string[] = [];
    const watched = (name: string): ArchivedFile => ({
      name,
      sizeBytes: 2,
      chunks: (async function* () {
        log.push(`${name} opened`);
        try {
          for (let part = 0; part < 2; part += 1) yield await Promise.resolve(Buffer.from('.'));
        } finally {
          log.push(`${name} closed`);
        }
      })(),
    });
    let chunks = 0;
    for await (const chunk of tarArchive([watched('one'), watched('two'), watched('three')])) {
      chunks += chunk.byteLength > 0 ? 1 : 0;
      // The header, the two parts and the padding of the first, then header and a part of the second.
      if (chunks === 6) break;
    }
    expect(log).toEqual(['one opened', 'one closed', 'two opened', 'two closed']);
  });

  it('refuses a file that has not the size it said', async () => {
    const wrong = { name: 'layer', sizeBytes: 3, chunks: [Buffer.from('four')] };
    await expect(collectBytes(tarArchive([wrong]))).rejects.toThrow('expected 3 bytes of layer, there were 4');
  });
});
