import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';

import { ensureBaseImage } from '@maestro/base-images';
import { selfSigned } from '@maestro/services/self-signed';
import { describeWith } from '@maestro/services/vitest';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import type { ReleaseEvent } from '../../src/index.ts';
import { askEngine, type DockerProject, dockerProject, imageMs, releaseMs, secret } from './docker-project.ts';
import { runAndDie } from './run-and-die.ts';

// Prints what Trivy would of the image that it is asked for, which is the last of its arguments.
const trivy = `#!/bin/sh
for image; do :; done
sed "s|<image>|$image|" "$(dirname "$0")/report.json"
`;
const page = '<h1>back in a minute</h1>';
const isHealthy = 'read -r version < version; test "$version" != unhealthy';

// One project for all: each test goes on from where the one before has left it.
describeWith('settings of containers behind nginx', ['docker', 'image-repository', 'nginx'], (parts) => {
  let project: DockerProject;
  let folder = '';
  let certificate = '';
  let ports: readonly number[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maestro-docker-settings-'));
    await writeFile(join(folder, 'trivy'), trivy);
    await chmod(join(folder, 'trivy'), 0o755);
    vi.stubEnv('PATH', [folder, process.env.PATH].join(delimiter));
    await findings('LOW');
    ports = await freePorts(2);
    const [port, tlsPort] = ports;
    const { docker, 'image-repository': repository } = parts();
    const pair = await selfSigned({ title: 'shop.example', hosts: ['shop.example'] });
    ({ certificate } = pair);
    await writeFile(join(folder, 'maintenance.html'), page);
    await writeFile(join(folder, 'tls.crt'), certificate);
    await writeFile(join(folder, 'tls.key'), pair.key);
    const certificates = [{ certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }];
    const workerUser = process.getuid?.() === 0 ? { workerUser: 'root' } : {};
    const often = { deadlineMs: 60_000, failures: 2 };
    project = await dockerProject('settings', {
      docker,
      environment: {
        proxy: {
          port,
          closingMs: 100,
          tls: { port: tlsPort, certificates },
          maintenancePage: join(folder, 'maintenance.html'),
          ...workerUser,
        },
        images: {
          engine: docker.address,
          repository: `${repository.address}/${repository.prefix}settings`,
          scan: { scanner: 'trivy' },
        },
      },
      services: {
        api: { health: { kind: 'command', command: ['/bin/sh', '-c', isHealthy], ...often } },
        web: { health: { kind: 'image', ...often } },
      },
    });
    const { reference } = await ensureBaseImage({ engine: docker.engine, name: 'node' });
    await project.commit({ Dockerfile: dockerfile(reference, docker.labels) });
  }, imageMs);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await project[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  }, releaseMs);

  /** What the scanner finds from now on. */
  const findings = (severity: string) => {
    const found = { VulnerabilityID: 'CVE-2026-1', PkgName: 'left-pad', InstalledVersion: '1.0.0', Severity: severity };
    const report = { SchemaVersion: 2, ArtifactName: '<image>', Results: [{ Vulnerabilities: [found] }] };
    return writeFile(join(folder, 'report.json'), JSON.stringify(report));
  };

  /** Asks over HTTP/2, and trusts the project's certificate alone. */
  async function ask(path: string): Promise<{ readonly status: number; readonly body: string }> {
    const session = connect(`https://127.0.0.1:${ports[1] ?? 0}`, { ca: certificate });
    try {
      const request = session.request({ ':path': path, ':authority': 'shop.example' });
      const [headers] = (await once(request, 'response')) as [{ readonly ':status': number }];
      return { status: headers[':status'], body: await text(request) };
    } finally {
      session.close();
    }
  }
  const answerOf = async (path: string): Promise<unknown> => JSON.parse((await ask(path)).body);
  const containersNow = async () => {
    const filters = encodeURIComponent(JSON.stringify({ label: [`maestro.project=${project.name}`] }));
    const found = await askEngine(parts().docker, `/containers/json?all=true&filters=${filters}`);
    return (found as { Id: string; State: string }[]).map(({ Id, State }) => `${Id} ${State}`).sort();
  };

  it('shows the maintenance page for what is not live yet', { timeout: releaseMs }, async () => {
    await runAndDie(project, 'started', 'switch');
    expect(await ask('/api')).toEqual({ status: 503, body: page });
    expect(await project.environment.resume()).toMatchObject({ outcome: 'deployed' });
  });

  it('serves TLS over HTTP/2, and sends who comes without there', { timeout: releaseMs }, async () => {
    const [port, tlsPort] = ports;
    expect((await project.environment.status()).url).toBe(`https://127.0.0.1:${tlsPort ?? 0}`);
    expect(await answerOf('/api')).toMatchObject({ service: 'api', version: '1', token: secret.length });
    expect(await answerOf('/')).toMatchObject({ service: 'web', version: '1' });
    const plain = await fetch(`http://127.0.0.1:${port ?? 0}/api?x=1`, { redirect: 'manual' });
    expect(plain.status).toBe(308);
    expect(plain.headers.get('location')).toBe(`https://127.0.0.1:${tlsPort ?? 0}/api?x=1`);
  });

  it('believes a command in the container, and the HEALTHCHECK of its image', { timeout: imageMs }, async () => {
    const { environment } = project;
    for (const [service, reason] of [
      ['api', 'failed'],
      ['web', 'unhealthy'],
    ] as const) {
      await project.commit({ [`services/${service}/version`]: 'unhealthy' });
      const refused = await environment.deploy().catch((error: unknown) => error);
      expect(refused).toMatchObject({
        details: { reasonCode: 'BLUEGREEN_HEALTH_TIMEOUT', reason: expect.stringContaining(service) as string },
        cause: { details: { reason } },
      });
      await project.commit({ [`services/${service}/version`]: '2' });
    }
    expect(await answerOf('/')).toMatchObject({ version: '1' });
    expect(await environment.deploy()).toMatchObject({ outcome: 'deployed' });
    expect(await answerOf('/')).toMatchObject({ version: '2' });
  });

  it('starts nothing of an image that the scanner refuses', { timeout: releaseMs }, async () => {
    const { environment } = project;
    await findings('CRITICAL');
    await project.commit({
      'services/api/version': '3',
      'services/api/migrations/0002_add_note.up.sql': 'ALTER TABLE orders ADD COLUMN note TEXT;\n',
    });
    const before = await containersNow();
    const begun: string[] = [];
    const onEvent = (event: ReleaseEvent) => event.type === 'step-started' && begun.push(event.step.id);
    await expect(environment.deploy({ onEvent })).rejects.toMatchObject({
      code: 'ORCHESTRATOR_RELEASE_REFUSED',
      details: {
        reasonCode: 'IMAGE_STORE_SCAN_REFUSED',
        reason: expect.stringContaining('CVE-2026-1') as string,
        recorded: true,
      },
    });
    expect(begun).toEqual(['build', 'image:api', 'scan']);
    expect(await containersNow()).toEqual(before);
    expect((await environment.history())[0]).toMatchObject({ outcome: 'refused' });
    await findings('LOW');
    expect(await environment.deploy()).toMatchObject({ outcome: 'deployed' });
    expect(await answerOf('/api')).toMatchObject({ version: '3' });
  });

  it('fills secrets again that a restart has emptied, with the next deployment', { timeout: releaseMs }, async () => {
    const { environment, name } = project;
    const { docker } = parts();
    const live = (await environment.status()).services.find((service) => service.name === 'api')?.live;
    const slot = live?.slot ?? '';
    // As after a restart of the machine: what is in memory is gone with its last holder, and the container is started again.
    const container = `${name}-demo-api-${slot}`;
    for (const stopped of [container, `${name}.demo.api.${slot}.secrets-keeper`])
      await askEngine(docker, `/containers/${stopped}/stop?t=0`, 'POST');
    await askEngine(docker, `/containers/${container}/start`, 'POST');
    expect((await ask('/api')).status).toBe(502);
    expect(await environment.deploy()).toMatchObject({ outcome: 'unchanged' });
    await expect
      .poll(() => answerOf('/api').catch(() => null), { timeout: 60_000 })
      .toMatchObject({ service: 'api', version: '3', slot, token: secret.length });
  });
});

function dockerfile(reference: string, labels: Readonly<Record<string, string>>): string {
  return [
    `FROM ${reference}`,
    ...Object.entries(labels).map(([label, value]) => `LABEL "${label}"="${value}"`),
    'WORKDIR /srv',
    'COPY . .',
    `HEALTHCHECK --interval=1s --timeout=30s --retries=2 CMD ${isHealthy}`,
    'CMD ["node", "server.mjs"]',
    '',
  ].join('\n');
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
}
