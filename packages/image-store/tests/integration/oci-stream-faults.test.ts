import { createHash } from 'node:crypto';

import { type Clock, isMaestroError, Redacted, systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { expect, it } from 'vitest';

import { blobOf, describe as described, digestOf } from '../../src/image/blob.ts';
import { collectBytes } from '../../src/image/collect-bytes.ts';
import { openOciImageContent } from '../../src/oci.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { expectNoSecretIn, login, openScene, type Scene } from './faulty-registry.ts';
import { answering, changing, cutting, type Reaction, silent } from './registry-front.ts';
import { newNamespace, repository } from './registry-images.ts';

const blobs = { method: 'GET', path: /\/blobs\/sha256:/ };
const uploads = { method: 'PUT', path: /\/blobs\/uploads\// };
const place = { repository };

/** More than fits into any buffer on the way. */
const block = createHash('sha512').update('stream faults').digest();
const layer = blobOf(
  'application/vnd.oci.image.layer.v1.tar',
  Buffer.concat(Array.from({ length: 100_000 }, () => block)),
);

/** No pause and no deadline is longer than half a second. */
const hurried: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 500), signal),
};

/** Counts how often the bytes are asked for. */
class Source {
  opened = 0;

  readonly open = async function* (this: Source) {
    this.opened += 1;
    for (let start = 0; start < layer.contents.byteLength; start += 65_536) {
      yield await Promise.resolve(layer.contents.subarray(start, start + 65_536));
    }
  }.bind(this);
}

/** Sends half of what was asked for, and nothing more. */
const stalling: Reaction = async ({ forward }, response) => {
  const { status, headers = {}, body = '' } = await forward();
  response.writeHead(status, { ...headers });
  response.write(body.slice(0, body.length / 2));
  return undefined;
};

const damagingTheEnd = changing((answer) => {
  const body = Buffer.from(answer.body ?? '');
  body.writeUInt8(body.readUInt8(body.length - 1) ^ 1, body.length - 1);
  return { ...answer, body };
});

const startingElsewhere = changing((answer) => ({
  ...answer,
  headers: { ...answer.headers, 'content-range': `bytes 0-99/${layer.contents.byteLength}` },
}));

/** As a server that knows no ranges. */
const sendingAll: Reaction = ({ path, headers }) => {
  expect(headers.range).toMatch(/^bytes=\d+-$/);
  expect(path).toContain(layer.digest);
  return Promise.resolve({ status: 200, body: Buffer.from(layer.contents) });
};

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'recovers',
    (error: unknown) => (isMaestroError(error) ? error.code : error),
  );

describeWith('a blob on its way from a registry', ['image-repository'], (parts) => {
  const open = async (clock: Clock = systemClock) => {
    const { address, prefix } = parts()['image-repository'];
    const scene = await openScene({ registry: address, prefix });
    const content = contentIn(scene, { namespace: newNamespace(prefix), clock });
    await content.write(described(layer), new Source().open, place);
    scene.front.requests.length = 0;
    return { ...scene, content };
  };
  const ranges = ({ front }: Scene) =>
    front.requests.filter(({ method }) => method === 'GET').map(({ headers }) => headers.range);

  it('is taken up again where the connection broke', async () => {
    await using scene = await open();
    scene.front.put({ ...blobs, times: 1, reaction: cutting });
    expect(digestOf(await collectBytes(scene.content.read(described(layer), place)))).toBe(layer.digest);
    expect(ranges(scene)).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d+-$/)]);
  });

  it('is given up when the connection breaks each time, with an error that says where', async () => {
    await using scene = await open();
    scene.front.put({ ...blobs, reaction: cutting });
    const reading = collectBytes(scene.content.read(described(layer), place));
    expect(await codeOf(reading)).toBe('IMAGE_STORE_UNREACHABLE');
    await expect(reading).rejects.toThrow(layer.digest);
    expect(ranges(scene)).toHaveLength(4);
  });

  it('is whole also from a server that knows no ranges', async () => {
    await using scene = await open();
    scene.front.put({ ...blobs, times: 1, reaction: cutting });
    scene.front.put({ ...blobs, reaction: sendingAll });
    expect(digestOf(await collectBytes(scene.content.read(described(layer), place)))).toBe(layer.digest);
  });

  it('is no blob when the rest of it begins elsewhere', async () => {
    await using scene = await open();
    scene.front.put({ ...blobs, times: 1, reaction: cutting });
    scene.front.put({ ...blobs, reaction: startingElsewhere });
    expect(await codeOf(collectBytes(scene.content.read(described(layer), place)))).toBe(
      'IMAGE_STORE_UNEXPECTED_ANSWER',
    );
  });

  it('is taken up again when nothing more comes', async () => {
    await using scene = await open(hurried);
    scene.front.put({ ...blobs, times: 1, reaction: stalling });
    expect(digestOf(await collectBytes(scene.content.read(described(layer), place)))).toBe(layer.digest);
    expect(ranges(scene)).toHaveLength(2);
  });

  it('is not handed on to its end when its last byte is wrong, though it came in two parts', async () => {
    await using scene = await open();
    scene.front.put({ ...blobs, times: 1, reaction: cutting });
    scene.front.put({ ...blobs, reaction: damagingTheEnd });
    let received = 0;
    const reading = (async () => {
      for await (const chunk of scene.content.read(described(layer), place)) received += chunk.byteLength;
    })();
    expect(await codeOf(reading)).toBe('IMAGE_STORE_CORRUPT');
    expect(received).toBeLessThan(layer.contents.byteLength);
  });

  it('ends with the caller who gives up in the middle', async () => {
    await using scene = await open();
    scene.front.put({ ...blobs, reaction: stalling });
    const controller = new AbortController();
    const reading = (async () => {
      for await (const chunk of scene.content.read(described(layer), { ...place, signal: controller.signal })) {
        if (chunk.byteLength > 0) controller.abort(new Error('given up'));
      }
    })();
    await expect(reading).rejects.toThrow('given up');
  });
});

describeWith('a blob on its way to a registry', ['image-repository'], (parts) => {
  const open = async (clock: Clock = systemClock) => {
    const { address, prefix } = parts()['image-repository'];
    const scene = await openScene({ registry: address, prefix });
    const content = contentIn(scene, { namespace: newNamespace(prefix), clock });
    scene.front.requests.length = 0;
    return { ...scene, content, source: new Source() };
  };
  const throughProxy = async (cuts: number) => {
    const { address, prefix } = parts()['image-repository'];
    const proxy = await CuttingProxy.open(address);
    const content = openOciImageContent({ registry: proxy.origin, namespace: newNamespace(prefix) });
    proxy.cuts = cuts;
    proxy.afterBytes = 1_000_000;
    return { proxy, content, source: new Source() };
  };

  it('is sent again from its start when the connection breaks in the middle', async () => {
    const { content, source, ...opened } = await throughProxy(2);
    await using proxy = opened.proxy;
    await content.write(described(layer), source.open, place);
    expect(source.opened).toBe(3);
    expect(proxy.cuts).toBe(0);
    expect(digestOf(await collectBytes(content.read(described(layer), place)))).toBe(layer.digest);
  });

  it('is given up when the connection breaks each time', async () => {
    const { content, source, ...opened } = await throughProxy(Infinity);
    await using proxy = opened.proxy;
    expect(await codeOf(content.write(described(layer), source.open, place))).toBe('IMAGE_STORE_UNREACHABLE');
    expect(source.opened).toBe(4);
    proxy.cuts = 0;
    expect(await codeOf(collectBytes(content.read(described(layer), place)))).toBe('IMAGE_STORE_CORRUPT');
  });

  it('is not sent again when its source breaks, whose own error comes through', async () => {
    await using scene = await open();
    const { content, source } = scene;
    const broken = async function* () {
      yield* source.open();
      await Promise.reject(new Error('the source broke'));
    };
    await expect(content.write({ ...described(layer), size: 1e7 }, broken, place)).rejects.toThrow('the source broke');
    expect(source.opened).toBe(1);
    expect(scene.front.count('POST', /uploads/)).toBe(1);
  });

  it('is sent again when a login is wanted in between', async () => {
    await using scene = await open();
    const { content, source } = scene;
    const headers = { 'www-authenticate': `Bearer realm="${scene.tokens.realm}",service="registry.test"` };
    scene.front.put({ ...uploads, times: 1, reaction: answering({ status: 401, headers }) });
    await content.write(described(layer), source.open, place);
    expect(source.opened).toBe(2);
    expect(scene.front.count('POST', /uploads/)).toBe(1);
  });

  it('is given up when no answer ever comes', async () => {
    await using scene = await open(hurried);
    const { content, source } = scene;
    scene.front.put({ ...uploads, reaction: silent });
    const writing = content.write(described(layer), source.open, place);
    expect(await codeOf(writing)).toBe('IMAGE_STORE_UNREACHABLE');
    await expect(writing).rejects.toThrow('expected 100 kB a second, and no pause of 30 seconds');
    expect(source.opened).toBe(4);
  });

  it('is not there when the registry refuses it', async () => {
    await using scene = await open();
    const { content, source } = scene;
    scene.front.put({
      ...uploads,
      reaction: answering({ status: 400, body: '{"errors":[{"code":"DIGEST_INVALID"}]}' }),
    });
    const writing = content.write(described(layer), source.open, place);
    expect(await codeOf(writing)).toBe('IMAGE_STORE_PUSH_FAILED');
    expectNoSecretIn([await writing.catch((error: unknown) => error)], scene);
  });
});

function contentIn({ front }: Scene, { namespace, clock }: { readonly namespace: string; readonly clock: Clock }) {
  const credentials = () => Promise.resolve({ username: login.username, password: new Redacted(login.password) });
  return openOciImageContent({ registry: front.origin, namespace, credentials, clock });
}
