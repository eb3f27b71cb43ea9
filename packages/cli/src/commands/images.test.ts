import { expect, it, vi } from 'vitest';

import { runMaestro } from '../testing/run-maestro.ts';
import { sampleImage } from '../testing/sample-data.ts';

const images = [sampleImage('shop-api', 'a'), sampleImage('shop-web', 'b')];
const keep = [{ image: images[1] ?? sampleImage('none', 'c'), because: 'release 01JGZ of production' }];
const pruned = { remove: images.slice(0, 1), keep, freedBytes: 4_100 };

it('lists the images of the services that are named, and of all otherwise', async () => {
  const environment = { images: () => Promise.resolve(images) };
  const all = await runMaestro('images list -e production', { environment });
  expect(all.stdout).toMatch(/^shop-api +aaaaaaaaaaaa +4\.1 kB +.* ago +latest, production-aaaaaaa$/m);
  expect(all.stdout).toMatch(/^shop-web +bbbbbbbbbbbb/m);

  const some = await runMaestro('images list web -e production --json', { environment });
  expect(some.jsonLines()).toEqual([
    { type: 'result', ok: true, images: [expect.objectContaining({ repository: 'shop-web', sizeBytes: 4_100 })] },
  ]);
});

it('says so when there are none', async () => {
  const environment = { images: () => Promise.resolve([]) };
  const { stdout, exitCode } = await runMaestro('images list -e production', { environment });
  expect({ stdout, exitCode }).toEqual({ stdout: 'No images in production yet.\n', exitCode: 0 });
});

it('gives an image one more tag', async () => {
  const tag = vi.fn().mockResolvedValue(sampleImage('shop-api', 'a'));
  const finished = await runMaestro('images tag api production-abc1234 stable -e production', { environment: { tag } });
  expect(tag).toHaveBeenCalledWith(
    expect.objectContaining({ service: 'api', image: 'production-abc1234', tag: 'stable' }),
  );
  expect(finished).toMatchObject({ exitCode: 0, stdout: 'shop-api:stable is aaaaaaaaaaaa now.\n' });
});

it('removes nothing without --yes, and says what it would remove and how', async () => {
  const prune = vi.fn().mockResolvedValue({ ...pruned, removed: [] });
  const { stdout } = await runMaestro('images prune -e production', { environment: { prune } });
  expect(prune).toHaveBeenCalledWith(expect.objectContaining({ dryRun: true }));
  expect(stdout).toMatch(/^Would remove 1 image of production \(4\.1 kB\) and keep 1:\n {2}shop-api +aaaaaaaaaaaa/);
  expect(stdout).toMatch(/\nNext: maestro images prune --yes -e production\n$/);
});

it('removes them with --yes', async () => {
  const prune = vi.fn().mockResolvedValue({ ...pruned, removed: pruned.remove });
  const { stdout } = await runMaestro('images prune --yes -e production', { environment: { prune } });
  expect(prune).toHaveBeenCalledWith(expect.objectContaining({ dryRun: false }));
  expect(stdout).toMatch(/^Removed 1 image of production \(4\.1 kB\), kept 1:\n {2}shop-api/);
});

it('says for programs what is removed, what is kept and why', async () => {
  const prune = vi.fn().mockResolvedValue({ ...pruned, removed: pruned.remove });
  const { jsonLines } = await runMaestro('images prune -e production --yes --json', { environment: { prune } });
  expect(jsonLines()).toEqual([
    {
      type: 'result',
      ok: true,
      dryRun: false,
      remove: [expect.objectContaining({ repository: 'shop-api' })],
      removed: [expect.objectContaining({ repository: 'shop-api' })],
      keep: [expect.objectContaining({ repository: 'shop-web', because: 'release 01JGZ of production' })],
      freedBytes: 4_100,
    },
  ]);
});

it('says that there is nothing to remove', async () => {
  const prune = () => Promise.resolve({ remove: [], removed: [], keep, freedBytes: 0 });
  const { stdout } = await runMaestro('images prune -e production', { environment: { prune } });
  expect(stdout).toBe('Nothing to remove: production needs 1 image, all it has.\n');
  const empty = { prune: () => Promise.resolve({ remove: [], removed: [], keep: [], freedBytes: 0 }) };
  const none = await runMaestro('images prune -e production', { environment: empty });
  expect(none.stdout).toBe('No images in production yet.\n');
});

it('needs to know what is to be done with images', async () => {
  const { exitCode, stderr } = await runMaestro('images -e production', {});
  expect(exitCode).toBe(2);
  expect(stderr).toContain('maestro images --help');
});
