import { expect, it } from 'vitest';

import { proxyView } from '../testing/operations-data.ts';
import { plainStyle } from '../testing/plain-style.ts';
import { renderProxy } from './proxy.ts';

it('shows routes, slots with their shares, and where they answer', () => {
  expect(renderProxy(proxyView, plainStyle).split('\n')).toEqual([
    'production  http://127.0.0.1:8080',
    'generation 41, release 01KF0QZV6Y8M2D4T7B9C3E5G1H, switched 3 min ago',
    '',
    'api  */api  inside http://10.192.0.1:20001',
    '  blue   10 %   running  10.192.0.2:8080',
    '  green  90 %   running  10.192.0.3:8080, 10.192.0.4:8080',
    '',
    'web  shop.example.com/',
    '  blue   100 %  running  10.192.0.5:8080',
  ]);
});

it('says what is not there yet', () => {
  const view = { ...proxyView, url: null, generation: null, services: [] };
  expect(renderProxy(view, plainStyle)).toBe('production  the proxy does not run\nNothing was switched to yet.');
});
