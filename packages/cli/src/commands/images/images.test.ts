import { expect, it, vi } from 'vitest';

import { fakeImages } from '../../testing/fake-environment.ts';
import { runMaestro } from '../../testing/run-maestro.ts';
import { records, release, sampleImage } from '../../testing/sample-data.ts';

const images = [sampleImage('shop-api', 'a'), sampleImage('shop-web', 'b')];
const place = 'folder' as const;
const kept = { ...sampleImage('shop-web', 'b'), place };
const keep = [{ image: kept, because: 'release 01JGZ of production' }];
const pruned = { remove: [{ ...sampleImage('shop-api', 'a'), place }], keep, freedBytes: 4_100 };

it('lists the images of the services that are named, and of all otherwise', async () => {
  const environment = { images: fakeImages({ list: () => Promise.resolve(images) }) };
  const all = await runMaestro('images list -e production', { environment });
  expect(all.stdout).toMatch(/^shop-api +aaaaaaaaaaaa +4\.1 kB +.* ago +latest, production-aaaaaaa$/m);
  expect(all.stdout).toMatch(/^shop-web +bbbbbbbbbbbb/m);

  const some = await runMaestro('images list web -e production --json', { environment });
  expect(some.jsonLines()).toEqual([
    { type: 'result', ok: true, images: [expect.objectContaining({ repository: 'shop-web', sizeBytes: 4_100 })] },
  ]);
});

it('says so when there are none', async () => {
  const environment = { images: fakeImages({ list: () => Promise.resolve([]) }) };
  const { stdout, exitCode } = await runMaestro('images list -e production', { environment });
  expect({ stdout, exitCode }).toEqual({ stdout: 'No images in production yet.\n', exitCode: 0 });
});

it('gives an image one more tag', async () => {
  const tag = vi.fn().mockResolvedValue(sampleImage('shop-api', 'a'));
  const finished = await runMaestro('images tag api production-abc1234 stable -e production', {
    environment: { images: fakeImages({ tag }) },
  });
  expect(tag).toHaveBeenCalledWith(
    expect.objectContaining({ service: 'api', image: 'production-abc1234', tag: 'stable' }),
  );
  expect(finished).toMatchObject({ exitCode: 0, stdout: 'shop-api:stable is aaaaaaaaaaaa now.\n' });
});

it('removes nothing without --yes, and says what it would remove and how', async () => {
  const prune = vi.fn().mockResolvedValue({ ...pruned, removed: [] });
  const { stdout } = await runMaestro('images prune -e production', { environment: { images: fakeImages({ prune }) } });
  expect(prune).toHaveBeenCalledWith(expect.objectContaining({ dryRun: true }));
  expect(stdout).toMatch(/^Would remove 1 image of production \(4\.1 kB\) and keep 1:\n {2}shop-api +aaaaaaaaaaaa/);
  expect(stdout).toMatch(/\nNext: maestro images prune --yes -e production\n$/);
});

it('removes them with --yes', async () => {
  const prune = vi.fn().mockResolvedValue({ ...pruned, removed: pruned.remove });
  const { stdout } = await runMaestro('images prune --yes -e production', {
    environment: { images: fakeImages({ prune }) },
  });
  expect(prune).toHaveBeenCalledWith(expect.objectContaining({ dryRun: false }));
  expect(stdout).toMatch(/^Removed 1 image of production \(4\.1 kB\), kept 1:\n {2}shop-api/);
});

it('says for programs what is removed, what is kept and why', async () => {
  const prune = vi.fn().mockResolvedValue({ ...pruned, removed: pruned.remove });
  const { jsonLines } = await runMaestro('images prune -e production --yes --json', {
    environment: { images: fakeImages({ prune }) },
  });
  expect(jsonLines()).toEqual([
    {
      type: 'result',
      ok: true,
      dryRun: false,
      remove: [expect.objectContaining({ place: 'folder', repository: 'shop-api' })],
      removed: [expect.objectContaining({ place: 'folder', repository: 'shop-api' })],
      keep: [expect.objectContaining({ repository: 'shop-web', because: 'release 01JGZ of production' })],
      freedBytes: 4_100,
    },
  ]);
});

it('says where an image is removed from, where there are several places', async () => {
  const api = sampleImage('shop-api', 'a');
  const remove = [
    { ...api, place: 'engine' as const },
    { ...api, place: 'repository' as const },
  ];
  const prune = vi.fn().mockResolvedValue({ remove, removed: [], keep: [], freedBytes: 8_200 });
  const { stdout } = await runMaestro('images prune -e production', { environment: { images: fakeImages({ prune }) } });
  expect(stdout).toMatch(/shop-api .* in the engine\n {2}shop-api .* in the image repository\n/);
});

it('says that there is nothing to remove', async () => {
  const prune = () => Promise.resolve({ remove: [], removed: [], keep, freedBytes: 0 });
  const { stdout } = await runMaestro('images prune -e production', { environment: { images: fakeImages({ prune }) } });
  expect(stdout).toBe('Nothing to remove: production needs 1 image, all it has.\n');
  const nothing = { remove: [], removed: [], keep: [], freedBytes: 0 };
  const empty = { images: fakeImages({ prune: () => Promise.resolve(nothing) }) };
  const none = await runMaestro('images prune -e production', { environment: empty });
  expect(none.stdout).toBe('No images in production yet.\n');
});

it('needs to know what is to be done with images', async () => {
  const { exitCode, stderr } = await runMaestro('images -e production', {});
  expect(exitCode).toBe(2);
  expect(stderr).toContain('maestro images --help');
});

const digest = `sha256:1a2b3c4d5e6f${'0'.repeat(52)}`;
const tag = 'production-abc1234';
const api = { service: 'api', repository: 'shop-api', tag, digest, revision: 'abc1234', built: true };
const built = { release, services: [api, { ...api, service: 'web', repository: 'shop-web', built: false }] };

it.each([
  ['images build api --ref v1 --push', 'build', { services: ['api'], ref: 'v1', push: true }],
  ['images build', 'build', { services: undefined, ref: undefined, push: false }],
  ['images push api --ref v1', 'push', { services: ['api'], ref: 'v1' }],
  ['images rollback api --to 01J', 'rollback', { services: ['api'], to: '01J' }],
] as const)('%s says which image each service has, and where it is remembered', async (words, method, asked) => {
  const answer = vi.fn().mockResolvedValue(built);
  const environment = { images: fakeImages({ [method]: answer }) };
  const { stdout, exitCode } = await runMaestro(`${words} -e production`, { environment });
  expect(answer).toHaveBeenCalledWith(expect.objectContaining(asked));
  expect(exitCode).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'api  shop-api:production-abc1234  1a2b3c4d5e6f  built',
    'web  shop-web:production-abc1234  1a2b3c4d5e6f  unchanged',
    `Remembered as ${release}.`,
    '',
  ]);
  const { jsonLines } = await runMaestro(`${words} -e production --json`, { environment });
  expect(jsonLines()).toEqual([{ type: 'result', ok: true, ...built }]);
});

it('shows which images of the remembered releases are gone', async () => {
  const [first, second] = records;
  if (first === undefined || second === undefined) throw new Error('expected two sample records');
  const history = () =>
    Promise.resolve([
      { release: first, images: first.services.map((service) => ({ ...service, stored: true })) },
      { release: second, images: second.services.map((service) => ({ ...service, stored: false })) },
    ]);
  const environment = { images: fakeImages({ history }) };
  const { stdout } = await runMaestro('images history -e production', { environment });
  expect(stdout).toMatch(
    /deploy {2}deployed .*ana@ci-7\n {2}gateway {2}maestro-gateway:production-abc1234 {2}1a2b3c4d5e6f\n/,
  );
  expect(stdout).toMatch(/ {2}gateway {2}maestro-gateway:production-9f8e7d6 {2}998877665544 {2}gone\n$/);
  const { jsonLines } = await runMaestro('images history -e production --json', { environment });
  expect(jsonLines()).toEqual([
    {
      type: 'result',
      ok: true,
      releases: [
        expect.objectContaining({ id: first.id, services: [expect.objectContaining({ stored: true })] }),
        expect.objectContaining({ id: second.id, services: [expect.objectContaining({ stored: false })] }),
      ],
    },
  ]);
});

it.each([
  ['save', 'Saved'],
  ['load', 'Loaded'],
] as const)('%ss a release as a file', async (method, verb) => {
  const moved = { release, file: '/tmp/shop.tar', images: [{ repository: 'shop-api', tag, digest }], sizeBytes: 4_100 };
  const answer = vi.fn().mockResolvedValue(moved);
  const environment = { images: fakeImages({ [method]: answer }) };
  const { stdout } = await runMaestro(`images ${method} shop.tar -e production`, { environment });
  expect(answer).toHaveBeenCalledWith(expect.objectContaining({ file: 'shop.tar' }));
  expect(stdout).toMatch(
    new RegExp(`^${verb} ${release} (to|from) /tmp/shop.tar \\(4.1 kB\\):\n {2}shop-api {2}${tag}`),
  );
});

it('copies a release to another image repository', async () => {
  const to = 'https://registry.example.com/team';
  const mirror = vi.fn().mockResolvedValue({ release, to, images: [{ repository: 'shop-api', tag, digest }] });
  const environment = { images: fakeImages({ mirror }) };
  const { stdout } = await runMaestro(`images mirror ${to} --release ${release} -e production`, { environment });
  expect(mirror).toHaveBeenCalledWith(expect.objectContaining({ to, release }));
  expect(stdout).toBe(`Mirrored ${release} to ${to}:\n  shop-api  ${tag}  1a2b3c4d5e6f\n`);
});
