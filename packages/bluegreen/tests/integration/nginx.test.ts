import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { get as httpsGet } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { TLSSocket } from 'node:tls';

import { selfSigned } from '@maestro/services/self-signed';
import { describeWith } from '@maestro/services/vitest';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

import type { ProxySettings, RoutedService, Topology } from '../../src/ports/router.ts';
import { ask, freePort, kill, until } from './environment.ts';
import { NginxEnvironment, topologyOf } from './nginx-environment.ts';
import { talkative } from './talkative-service.ts';

const any = { host: '127.0.0.1', port: 0 };
const api = (proxy: ProxySettings): RoutedService => ({ name: 'api', route: { host: null, path: '/' }, proxy });

describeWith("a machine's nginx as the router", ['nginx'], (parts) => {
  async function open(options: Partial<Parameters<typeof NginxEnvironment.open>[0]> = {}) {
    const environment = await NginxEnvironment.open({
      program: parts().nginx.program,
      listener: talkative,
      ...options,
    });
    onTestFinished(() => environment[Symbol.asyncDispose]());
    return environment;
  }

  async function serve(topology: Topology) {
    const environment = await open();
    const addresses = await environment.nginx.router.apply(topology);
    await environment.switchTo(Object.fromEntries(topology.services.map(({ name }) => [name, 'blue' as const])));
    return { environment, ...addresses };
  }

  describe('that serves one service', () => {
    let environment: NginxEnvironment;
    let url = '';
    beforeAll(async () => {
      environment = await NginxEnvironment.open({ program: parts().nginx.program, listener: talkative });
      ({ url } = await environment.nginx.router.apply(topologyOf('api')));
      await environment.switchTo({ api: 'blue' });
    });
    afterAll(() => environment[Symbol.asyncDispose]());
    const blue = { service: 'api', slot: 'blue' } as const;
    const inFlight = () => environment.nginx.router.inFlight(blue);
    const comesToRest = () => until(async () => Object.values(await inFlight()).every((count) => count === 0));

    it('passes on path, query, Host and who asks as they are, and nothing of its own', async () => {
      const path = '/a%2Fb/../c//d?x=%20y&z';
      const { body } = await ask(url, { headers: { host: 'shop.example', 'x-maestro-preview': 'wrong green' } });
      const headers: unknown = JSON.parse((await ask(`${url}/headers`, { headers: { host: 'shop.example:81' } })).body);
      expect(body).toBe('blue');
      expect(headers).toMatchObject({
        host: 'shop.example:81',
        'x-forwarded-host': 'shop.example:81',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'http',
      });
      expect(Object.keys(headers as object).filter((name) => name.includes('maestro'))).toEqual([]);
      expect((await asIs(url, path)).headers['x-asked']).toBe(path);
    });

    it('counts a WebSocket as a connection, not as a request, and passes its messages both ways', async () => {
      const socket = new WebSocket(url.replace('http', 'ws'));
      await once(socket, 'open');
      socket.send('hello');
      expect(String((await once(socket, 'message'))[0])).toBe('blue: hello');
      // Connections that were used before wait for a second to be used again.
      await until(async () => (await inFlight()).requests === 0);
      expect(await inFlight()).toEqual({ requests: 0, connections: 1 });
      socket.close();
      await comesToRest();
    });

    it('passes an event stream on as it comes, and counts it as a connection', async () => {
      const request = httpRequest(`${url}/events`, { headers: { accept: 'text/event-stream' }, agent: false }).end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      expect(String((await once(response, 'data'))[0])).toMatch(/^data: blue/);
      await until(async () => (await inFlight()).connections === 1);
      request.destroy();
      await comesToRest();
    });

    it('holds a slot from the first byte of a slow upload on, and ends it there after a switch', async () => {
      const request = httpRequest(`${url}/echo`, { method: 'POST', agent: false });
      const answered = once(request, 'response');
      request.write('slow ');
      await until(async () => (await inFlight()).requests === 1);
      await environment.switchTo({ api: 'green' });
      onTestFinished(async () => {
        await environment.switchTo({ api: 'blue' });
      });
      expect((await ask(url)).body).toBe('green');
      expect((await inFlight()).requests).toBe(1);
      request.end('upload');
      const [response] = (await answered) as [IncomingMessage];
      expect([await text(response), response.headers['x-slot']]).toEqual(['slow upload', 'blue']);
      await comesToRest();
    });

    it('writes down each request without its query, and tells what each slot was asked', async () => {
      const sinceMs = Date.now();
      await ask(`${url}/secret-free?token=hidden-from-logs`);
      await ask(`${url}/status?code=503`);
      const preview = await environment.nginx.router.preview({
        service: 'api',
        slot: 'blue',
        path: '/status?code=500',
      });
      expect((await ask(preview.url, { headers: preview.headers })).status).toBe(500);
      const { traffic } = environment.nginx;
      await until(async () => (await traffic.of({ ...blue, sinceMs })).requests === 2);
      const { errors, durations } = await traffic.of({ ...blue, sinceMs });
      expect([errors, durations.reduce((total, { requests }) => total + requests, 0)]).toEqual([1, 2]);
      expect(await traffic.of({ service: 'api', slot: 'green', sinceMs })).toMatchObject({ requests: 0 });
      expect(await traffic.of({ ...blue, sinceMs: Date.now() + 60_000 })).toMatchObject({ requests: 0 });
      const log = await readFile(join(environment.folder, 'nginx/logs/access.log'), 'utf8');
      expect(log).toContain('/secret-free');
      expect(log).not.toContain('hidden-from-logs');
    });

    it('leads a preview to a slot that is not live only with the key', async () => {
      const { url: at, headers } = await environment.nginx.router.preview({ service: 'api', slot: 'green', path: '/' });
      expect((await ask(at, { headers })).body).toBe('green');
      expect((await ask(at, { headers: { 'x-maestro-preview': `${'0'.repeat(48)} green` } })).body).toBe('blue');
      expect((await ask(at, { headers: { 'x-maestro-preview': ' green' } })).body).toBe('blue');
    });
  });

  it('routes by host and by whole segments of the path, to what is live before what is not', async () => {
    const environment = await open();
    const { url } = await environment.nginx.router.apply({
      listen: any,
      services: [
        { name: 'site', route: { host: null, path: '/' } },
        { name: 'api', route: { host: null, path: '/api' } },
        { name: 'admin', route: { host: 'Admin.Example', path: '/' } },
      ],
    });
    const asked = async (host: string, path: string) => {
      const { status, headers } = await ask(url + path, { headers: { host } });
      return headers['x-service'] ?? status;
    };
    const all = () =>
      Promise.all([asked('a', '/'), asked('a', '/api/x'), asked('a', '/apiary'), asked('ADMIN.example:80', '/api')]);
    expect(await all()).toEqual([503, 503, 503, 503]);
    await environment.switchTo({ site: 'green' });
    expect(await all()).toEqual(['site', 'site', 'site', 'site']);
    await environment.switchTo({ site: 'green', api: 'blue', admin: 'green' });
    expect(await all()).toEqual(['site', 'api', 'site', 'admin']);
  });

  it('answers 404 without a route, and 503 with the maintenance page without a live slot', async () => {
    const environment = await open();
    const page = join(environment.folder, 'page.html');
    await writeFile(page, '<h1>back soon, "$5"</h1>');
    const services = [{ name: 'api', route: { host: null, path: '/api' } }];
    const { url } = await environment.nginx.router.apply({ listen: any, maintenancePage: page, services });
    expect(await ask(`${url}/other`)).toMatchObject({ status: 404 });
    for (const method of ['GET', 'POST']) {
      const answer = await ask(`${url}/api`, { method });
      expect(answer).toMatchObject({ status: 503, body: '<h1>back soon, "$5"</h1>' });
      expect(answer.headers).toMatchObject({ 'content-type': 'text/html', 'retry-after': '5' });
    }
    expect(await ask(`${url}/.maintenance`)).toMatchObject({ status: 404 });
  });

  it(
    'finds every configuration right that is made of a topology which is not refused',
    { timeout: 120_000 },
    async () => {
      const environment = await open();
      const path = fc.string({
        unit: fc.constantFrom('a', '/', '.', '*', '+', '(', '~', "'", ';', '{', '"', ' ', '$'),
      });
      const value = fc.string({ minLength: 1 });
      await fc.assert(
        fc.asyncProperty(path, path, value, async (one, two, match) => {
          const route = (text: string) => ({ host: null, path: `/${text}` });
          const services: RoutedService[] = [
            { name: 'one', route: route(one), canary: { match: { header: 'X-Try', value: match } } },
            { name: 'two', route: route(two) },
          ];
          const problem: unknown = await environment.nginx.router
            .apply({ listen: any, services })
            .catch((error: unknown) => error);
          if (!(problem instanceof Error)) return;
          expect(problem.message).toMatch(/^nginx cannot serve this: services\./);
        }),
        { numRuns: 25 },
      );
    },
  );

  it('keeps to body sizes, timeouts and snippets', async () => {
    const { url } = await serve({
      listen: any,
      services: [api({ maxBodyBytes: 10, answerTimeoutMs: 200, snippet: 'add_header X-Own "of the project";' })],
    });
    expect(await ask(url, { method: 'POST', body: '12345678901' })).toMatchObject({ status: 413 });
    expect(await ask(url, { method: 'POST', body: '1234567890' })).toMatchObject({ status: 200 });
    expect(await ask(`${url}/silent?ms=5000`)).toMatchObject({ status: 504 });
    expect((await ask(url)).headers['x-own']).toBe('of the project');
  });

  it('sets a cookie for visitors while there is a canary, and keeps them to their slot', async () => {
    const { environment, url } = await serve(topologyOf('web'));
    expect((await ask(url)).headers['set-cookie']).toBeUndefined();
    await environment.switchTo({ web: 'blue' }, { web: 50 });
    for (let visitor = 0; visitor < 10; visitor += 1) {
      const { body, headers } = await ask(url);
      const [cookie = ''] = (headers['set-cookie'] ?? []) as readonly string[];
      expect(cookie).toMatch(/^maestro_visitor=[0-9a-f]{32}; Path=\/; HttpOnly; SameSite=Lax$/);
      const again = await ask(url, { headers: { cookie: cookie.split(';')[0] ?? '' } });
      expect([again.body, again.headers['set-cookie']]).toEqual([body, undefined]);
    }
  });

  it('refuses a snippet with its line, and serves what it served', async () => {
    const { environment, url } = await serve(topologyOf('api'));
    const { router } = environment.nginx;
    for (const snippet of ['proxy_buffering off;\nno_such_directive on;', '}\nserver { listen 1; }', 'return 200']) {
      const refusal = await router
        .apply({ listen: any, services: [api({ snippet })] })
        .catch((error: unknown) => error);
      expect(refusal).toMatchObject({
        code: 'BLUEGREEN_TOPOLOGY_REFUSED',
        message: expect.stringContaining('services.api.proxy.snippet') as string,
      });
    }
    await expect(router.apply({ listen: any, services: [api({ snippet: 'a;' })] })).rejects.toMatchObject({
      message: 'nginx refuses line 1 of services.api.proxy.snippet: unknown directive "a"',
    });
    expect((await ask(url)).body).toBe('blue');
    expect(await router.reloadsFor(topologyOf('api'))).toBe(false);
  });

  it('says which port is in use, at the start and at a change, and serves what it served', async () => {
    const { environment, url } = await serve(topologyOf('api'));
    const { router } = environment.nginx;
    const other = await open();
    const port = Number(new URL(url).port);
    const taken = { ...topologyOf('api'), listen: { host: '127.0.0.1', port } };
    await expect(other.nginx.router.apply(taken)).rejects.toMatchObject({
      code: 'BLUEGREEN_PORT_IN_USE',
      message: expect.stringContaining(`127.0.0.1:${port}`) as string,
    });
    const { url: otherUrl } = await other.nginx.router.apply(topologyOf('api'));
    const theirs = { ...topologyOf('api'), listen: { host: '127.0.0.1', port: Number(new URL(otherUrl).port) } };
    await expect(router.apply(theirs)).rejects.toMatchObject({ code: 'BLUEGREEN_PORT_IN_USE' });
    expect((await ask(url)).body).toBe('blue');
  });

  it('serves TLS with the certificate of the host, over HTTP/2 too, and sends others there', async () => {
    const environment = await open();
    const file = async (name: string, contents: string) => {
      await writeFile(join(environment.folder, name), contents);
      return join(environment.folder, name);
    };
    const certificateFor = async (host: string) => {
      const { certificate, key } = await selfSigned({ title: host, hosts: [host] });
      return {
        hosts: [host],
        certificateFile: await file(`${host}.crt`, certificate),
        keyFile: await file(`${host}.key`, key),
      };
    };
    const port = await freePort();
    const topology: Topology = {
      listen: any,
      tls: { port, certificates: [await certificateFor('one.example'), await certificateFor('two.example')] },
      services: [
        { name: 'api', route: { host: null, path: '/' } },
        { name: 'two', route: { host: 'two.example', path: '/' } },
      ],
    };
    const { router } = environment.nginx;
    const { url } = await router.apply(topology);
    await environment.switchTo({ api: 'blue', two: 'green' });
    expect(url).toBe(`https://127.0.0.1:${port}`);
    expect(await overTls(port, 'one.example')).toEqual({ subject: 'one.example', body: 'blue', protocol: 'https' });
    expect(await overTls(port, 'two.example')).toEqual({ subject: 'two.example', body: 'green', protocol: 'https' });
    expect(await overHttp2(url)).toBe('blue');
    const plain = JSON.parse(await readFile(join(environment.folder, 'nginx/settled.json'), 'utf8')) as {
      listen: { port: number };
    };
    const redirected = await ask(`http://127.0.0.1:${plain.listen.port}/a?b`, { headers: { host: 'one.example' } });
    expect(redirected).toMatchObject({ status: 308, headers: { location: `https://one.example:${port}/a?b` } });

    // A renewed certificate is a change of the topology, though its file has the same name.
    expect(await router.reloadsFor(topology)).toBe(false);
    await certificateFor('one.example');
    expect(await router.reloadsFor(topology)).toBe(true);
  });

  it('comes back with the same routes and ports after it was killed', async () => {
    const { environment, url, services } = await serve(topologyOf('api'));
    for (const whole of [false, true]) {
      const master = (await environment.program.master()) ?? 0;
      const workers = (await readFile(`/proc/${master}/task/${master}/children`, 'utf8')).trim().split(' ').map(Number);
      kill(master);
      // Without their master workers serve on.
      if (whole) workers.forEach(kill);
      else expect((await ask(url)).body).toBe('blue');
      await until(async () => (await environment.program.master()) === null);
      await environment.nginx.ensureRunning();
      expect((await ask(url)).body).toBe('blue');
      expect(await environment.nginx.router.addresses()).toEqual({ url, services });
      expect(await environment.nginx.router.reloadsFor(topologyOf('api'))).toBe(false);
    }
  });

  it('goes on with the same ports and routes when what it wrote of them is lost', async () => {
    const { environment, url, services } = await serve(topologyOf('api'));
    const { router } = environment.nginx;
    await rm(join(environment.folder, 'nginx/settled.json'));
    expect(await router.addresses()).toEqual({ url, services });
    expect(await router.reloadsFor(topologyOf('api'))).toBe(false);
    expect(await router.apply(topologyOf('api'))).toEqual({ url, services });
    expect((await ask(url)).body).toBe('blue');
  });

  it('spreads requests over replicas, and counts those to all of them', async () => {
    const services = [{ name: 'api', route: { host: null, path: '/' }, replicas: 3 }];
    const { environment, url } = await serve({ listen: any, services });
    const replicas = await Promise.all(Array.from({ length: 30 }, async () => (await ask(url)).headers['x-replica']));
    expect(new Set(replicas).size).toBe(3);
    const slow = Promise.all(Array.from({ length: 6 }, () => ask(`${url}/silent?ms=1500`)));
    await until(async () => (await environment.nginx.router.inFlight({ service: 'api', slot: 'blue' })).requests >= 6);
    await slow;
  });
});

/** A path as it is, which a URL would tidy up. */
async function asIs(url: string, path: string): Promise<IncomingMessage> {
  const { hostname, port } = new URL(url);
  const request = httpRequest({ host: hostname, port, path, agent: false }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return response;
}

async function overTls(port: number, servername: string) {
  const headers = { host: servername };
  const options = { host: '127.0.0.1', port, servername, headers, rejectUnauthorized: false, agent: false };
  const [response] = (await once(httpsGet(options), 'response')) as [IncomingMessage];
  const subject = response.socket instanceof TLSSocket ? response.socket.getPeerCertificate().subject.CN : undefined;
  return { subject, body: await text(response), protocol: response.headers['x-protocol'] };
}

async function overHttp2(url: string): Promise<string> {
  const session = connectHttp2(url, { rejectUnauthorized: false });
  try {
    return await text(session.request({ ':path': '/' }));
  } finally {
    session.close();
  }
}
