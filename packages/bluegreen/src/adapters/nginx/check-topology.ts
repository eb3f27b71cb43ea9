import { isIP } from 'node:net';

import { BlueGreenError } from '../../errors.ts';
import type { CanaryRule, RequestField, RoutedService, Topology } from '../../ports/router.ts';
import { isQuotable } from './directives.ts';

const serviceName = /^[a-z][a-z0-9-]*$/;
const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i;
// Without what nginx decodes, resolves or reads as the end of the path before it compares.
const routePath = /^(?!.*\/\.{1,2}(\/|$))(?!.*\/\/)\/[A-Za-z0-9._~!&'()*+,;=:@/-]*$/;
const headerName = /^[A-Za-z0-9-]+$/;
const cookieName = /^[A-Za-z0-9_]+$/;

/**
 * Refuses what cannot be written into a configuration, or would mean something else there.
 * Throws `BLUEGREEN_TOPOLOGY_REFUSED` with the place.
 */
export function checkTopology({ listen, tls, maintenancePage, services }: Topology): void {
  if (isIP(listen.host) === 0) throw refused('listen.host', `is no address: ${listen.host}`, 'such as 0.0.0.0');
  checkPort('listen.port', listen.port, 0);
  if (tls !== undefined) {
    checkPort('tls.port', tls.port, 1);
    if (tls.port === listen.port) throw refused('tls.port', 'is that of requests without TLS', 'choose another one');
    if (tls.certificates.length === 0) throw refused('tls.certificates', 'is empty', 'name a certificate and its key');
    for (const [index, { hosts }] of tls.certificates.entries()) {
      for (const host of hosts) checkHost(`tls.certificates[${index}].hosts`, host.replace(/^\*\./, ''));
    }
  }
  if (maintenancePage !== undefined) checkQuotable('maintenancePage', maintenancePage);
  const names = new Set<string>();
  for (const service of services) {
    if (names.has(service.name)) throw refused(`services.${service.name}`, 'is there twice', 'remove one of them');
    names.add(service.name);
    checkService(service);
  }
}

function checkService({ name, route, canary, proxy, replicas = 1, slots }: RoutedService): void {
  const place = `services.${name}`;
  if (!serviceName.test(name)) throw refused(place, 'is no name', 'use lower case letters, digits and hyphens');
  if (route !== null) {
    if (route.host !== null) checkHost(`${place}.route.host`, route.host);
    if (!routePath.test(route.path)) {
      const hint = "use whole segments of letters, digits and .~!&'()*+,;=:@_-, such as /api/v1";
      throw refused(`${place}.route.path`, `cannot be a route: ${JSON.stringify(route.path)}`, hint);
    }
  }
  for (const count of [replicas, slots?.blue?.replicas ?? 1, slots?.green?.replicas ?? 1]) {
    if (!Number.isInteger(count) || count < 1) throw refused(`${place}.replicas`, 'is no count', 'such as 2');
  }
  for (const key of ['maxBodyBytes', 'answerTimeoutMs', 'silenceTimeoutMs'] as const) {
    const value = proxy?.[key];
    if (value === undefined || (Number.isSafeInteger(value) && value > 0)) continue;
    throw refused(`${place}.proxy.${key}`, `is ${value}`, 'give a whole number above 0, or leave it out');
  }
  if (canary !== undefined) checkCanary(`${place}.canary`, canary);
}

function checkCanary(place: string, { stickBy, match }: CanaryRule): void {
  if (typeof stickBy === 'object') checkField(`${place}.stickBy`, stickBy);
  if (match === undefined) return;
  checkField(`${place}.match`, match);
  if (match.value === '') throw refused(`${place}.match.value`, 'is empty', 'name the value that testers send');
  checkQuotable(`${place}.match.value`, match.value);
}

function checkField(place: string, field: RequestField): void {
  if ('header' in field) {
    if (!headerName.test(field.header))
      throw refused(`${place}.header`, 'is no header', 'use letters, digits, hyphens');
  } else if (!cookieName.test(field.cookie)) {
    throw refused(`${place}.cookie`, 'cannot be read by nginx', 'use letters, digits and underscores');
  }
}

function checkHost(place: string, host: string): void {
  const name = /^\[(.*)\]$/.exec(host)?.[1];
  if (name === undefined ? hostName.test(host) : isIP(name) === 6) return;
  throw refused(place, `is no host: ${JSON.stringify(host)}`, 'write it without scheme and port: shop.example.com');
}

function checkPort(place: string, port: number, least: number): void {
  if (!Number.isInteger(port) || port < least || port > 65_535) throw refused(place, `is ${port}`, 'such as 443');
}

function checkQuotable(place: string, text: string): void {
  if (!isQuotable(text)) throw refused(place, 'holds a dollar sign or a control character', 'leave that out');
}

function refused(place: string, reason: string, hint: string): BlueGreenError {
  return new BlueGreenError('BLUEGREEN_TOPOLOGY_REFUSED', `nginx cannot serve this: ${place} ${reason}`, {
    hint,
    details: { place },
  });
}
