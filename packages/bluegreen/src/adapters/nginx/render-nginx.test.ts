import { describe, expect, it } from 'vitest';

import type { RoutedService, Topology } from '../../ports/router.ts';
import { isQuotable, quoted } from './directives.ts';
import { nginxMarks, settledMarks } from './generation-marks.ts';
import { nginxLayout } from './nginx-layout.ts';
import { type NginxInput, renderNginx } from './render-nginx.ts';

const shape = { port: 8080, replicas: 1 };
const tls = { port: 443, certificates: [{ hosts: ['*.example'], certificateFile: '', keyFile: '' }] };

function render(services: readonly RoutedService[], more: Partial<NginxInput> & { tls?: Topology['tls'] } = {}) {
  const listen = { host: '0.0.0.0', port: 80 };
  const names = services.map(({ name }) => name);
  const places = names.flatMap((name) => [`${name}.blue`, `${name}.green`]);
  return renderNginx({
    topology: { listen, services, tls: more.tls },
    settled: {
      listen: { ...listen, tlsPort: more.tls?.port ?? null },
      routed: names,
      services: Object.fromEntries(
        names.map((name, index) => [name, { listenPort: 21_000 + index, slots: { blue: shape, green: shape } }]),
      ),
      statusPort: 20_999,
      previewKey: 'ab'.repeat(24),
    },
    addresses: new Map(places.map((place, index) => [place, [{ host: `10.0.0.${index + 2}`, port: 8080 }]])),
    contents: { certificates: [{ certificate: '/c.pem', key: '/k.pem' }], maintenancePage: null, snippets: {} },
    layout: nginxLayout('/srv/shop state'),
    version: [1, 22, 1],
    servicesHost: '10.0.0.1',
    sharesPorts: false,
    ...more,
  });
}

const web: RoutedService = { name: 'web', route: { host: null, path: '/' } };
const api: RoutedService = { name: 'api', route: { host: 'Shop.example', path: '/v1.0' } };

describe('a configuration', () => {
  it('is the same for equal topologies, and another one for each change', () => {
    const { id, text } = render([web, api]);
    expect(render([web, api])).toEqual({ id, text });
    expect(text).toContain(settledMarks(id));
    const others = [
      render([web]),
      render([api, web]),
      render([web, { ...api, route: null }]),
      render([web, { ...api, proxy: { maxBodyBytes: 1 } }]),
      render([web, { ...api, canary: { stickBy: 'nothing' } }]),
      render([web, api], { addresses: new Map() }),
      render([web, api], { version: [1, 27, 4] }),
      render([web, api], { tls }),
      render([web, api], { workerUser: 'www-data' }),
      render([web, api], { contents: { certificates: [], maintenancePage: '/page.html', snippets: {} } }),
    ];
    expect(new Set([id, ...others.map((other) => other.id)]).size).toBe(others.length + 1);
  });

  it('does not say which slot is live, so that a switch needs no other one', () => {
    expect(render([web]).text).toContain('if (-f "/srv/shop state/live/$maestro_service.green")');
  });

  it('tests for one mark of a request to blue where all is as usual, and for two of one to green', () => {
    const server = render([web, api])
      .text.split('server {')
      .find((text) => text.includes('0.0.0.0:80 default_server'));
    const tests = (server?.match(/-f [^)]*/g) ?? []).map((test) => test.replace(/.*-\$maestro_service/, ''));
    expect(tests.slice(0, 2)).toEqual(['.blue"', '.green"']);
  });

  it('has a server for each host, an own listener for each service, and certificates by wildcard', () => {
    const { text } = render([web, api], { tls });
    expect(text).toContain('server_name "shop.example";');
    expect(text).toContain('"~^/v1[.]0(/|\\z)" "api";');
    expect(text).toMatch(/listen 10\.0\.0\.1:21000 default_server;/);
    expect(text).toMatch(/listen 0\.0\.0\.0:443 ssl http2 default_server;/);
    expect(text).toContain('return 308 https://$host$request_uri;');
  });

  it('speaks the language of the nginx that reads it', () => {
    const old = render([web], { tls }).text;
    const young = render([web], { tls, version: [1, 27, 4] }).text;
    expect([old.includes('http2 on;'), young.includes('http2 on;'), young.includes('ssl http2')]).toEqual([
      false,
      true,
      false,
    ]);
    expect([old.includes('keepalive_min_timeout'), young.includes('keepalive_min_timeout')]).toEqual([false, true]);
    expect(render([web], { sharesPorts: true }).text).toMatch(/listen 0\.0\.0\.0:80 default_server reuseport;/);
  });
});

it('quotes a parameter so that it means itself, or refuses to', () => {
  expect(quoted('a "b" \\ c; { } # \'')).toBe('"a \\"b\\" \\\\ c; { } # \'"');
  for (const text of ['$a', 'a\nb', 'a\0b']) {
    expect(isQuotable(text)).toBe(false);
    expect(() => quoted(text)).toThrow(TypeError);
  }
});

describe('marks for nginx', () => {
  const configuration = { id: '1', routed: ['api', 'web'] };

  it('say that all is as usual only where every routed service is live and none has a canary', () => {
    const slots = { api: 'blue', web: 'green' } as const;
    const usual = ['.settled-1-api.blue', '.settled-1-web.green'];
    const unusual = ['.live-api', '.live-web'];
    expect(nginxMarks({ slots }, configuration)).toEqual([...unusual, ...usual]);
    expect(nginxMarks({ slots }, null)).toEqual(unusual);
    expect(nginxMarks({ slots: { api: 'blue' } }, configuration)).toEqual(['.live-api']);
    expect(nginxMarks({ slots, canaryPercents: { web: 0 } }, configuration)).toEqual([...unusual, '.canary-web']);
  });

  it('cover as many of a hundred places as the canary has percent', () => {
    const marks = nginxMarks({ slots: { web: 'blue' }, canaryPercents: { web: 3 } }, configuration);
    expect(marks).toEqual(['.live-web', '.canary-web', '.canary-web-1', '.canary-web-2', '.canary-web-3']);
  });
});
