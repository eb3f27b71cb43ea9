import type { ResolvedEnvironment } from '@maestro/registry';

import { check } from '../check.ts';
import { failed, type Judgement, ok, warning } from '../finding.ts';
import { type CertificateFacts, lookAtCertificate, lookAtTrusted, type TrustedFacts } from '../look-at-certificates.ts';
import { looked, Nothing } from '../nothing.ts';
import { counted, duration, listed, quoted } from '../words.ts';
import type { World } from '../world.ts';

const dayMs = 86_400_000;
const expiryDays = { failed: 7, warning: 30 };

export const certificateChecks = [
  check({ name: 'certificates', group: 'certificates', look: certificates, judge: judgeFiles }),
  check({ name: 'certificate-keys', group: 'certificates', look: readable, judge: judgeKeys }),
  check({
    name: 'certificate-names',
    group: 'certificates',
    look: (world) =>
      looked(readable(world), (found) => {
        const routed = world.environment.services.flatMap(({ route }) => route?.host ?? []);
        return { certificates: found, hosts: [...new Set(routed)] };
      }),
    judge: judgeNames,
  }),
  check({
    name: 'certificate-expiry',
    group: 'certificates',
    look: (world) => looked(readable(world), (found) => ({ certificates: found, now: world.clock.now() })),
    judge: judgeExpiry,
  }),
  check({
    name: 'trusted-certificates',
    group: 'certificates',
    look: async ({ environment }) => {
      const files = trustedFiles(environment);
      return files.length === 0
        ? new Nothing('none besides those of the system')
        : Promise.all(files.map(lookAtTrusted));
    },
    judge: judgeTrusted,
  }),
];

async function certificates({ environment }: World): Promise<readonly CertificateFacts[] | Nothing> {
  const { tls } = environment.proxy;
  return tls === undefined ? new Nothing('no TLS') : await Promise.all(tls.certificates.map(lookAtCertificate));
}

/** Those that can be judged further: the others are said by `certificates`. */
function readable(world: World): Promise<readonly CertificateFacts[] | Nothing> {
  return looked(certificates(world), (found) => {
    const read = found.filter(({ problem }) => problem === null);
    return read.length === 0 ? new Nothing('cannot be told: see certificates') : read;
  });
}

export function judgeFiles(found: readonly CertificateFacts[]): Judgement {
  const problem = found.find((one) => one.problem !== null)?.problem ?? null;
  if (problem === null) return ok(counted(found.length, 'certificate'));
  return failed(`${problem.file}: ${problem.reason}`, `ls -l ${quoted(problem.file)}`);
}

export function judgeKeys(found: readonly CertificateFacts[]): Judgement {
  const unfit = found.find(({ keyFits }) => !keyFits);
  if (unfit === undefined) return ok('each fits its certificate');
  const { certificateFile, keyFile } = unfit;
  return failed(
    `the key ${keyFile} is not that of ${certificateFile}`,
    `openssl x509 -noout -pubkey -in ${quoted(certificateFile)} && openssl pkey -pubout -in ${quoted(keyFile)}`,
  );
}

/** A host that no certificate names, and a certificate that does not name what it is shown for. */
export function judgeNames(facts: {
  readonly certificates: readonly CertificateFacts[];
  readonly hosts: readonly string[];
}): Judgement {
  const { certificates: found, hosts } = facts;
  for (const { certificateFile, hosts: shownFor, names } of found) {
    const unnamed = shownFor.filter((host) => !isNamed(host, names));
    if (unnamed.length > 0)
      return failed(`${certificateFile} does not name ${listed(unnamed)}`, textOf(certificateFile));
  }
  const unnamed = hosts.filter((host) => !found.some(({ names }) => isNamed(host, names)));
  if (unnamed.length === 0) return ok(listed([...new Set(found.flatMap(({ names }) => names))]));
  return failed(`no certificate names ${listed(unnamed)}`, textOf(found[0]?.certificateFile ?? ''));
}

export function judgeExpiry(facts: {
  readonly certificates: readonly CertificateFacts[];
  readonly now: number;
}): Judgement {
  const { certificates: found, now } = facts;
  const first = found.toSorted((a, b) => a.expiresAt - b.expiresAt)[0];
  if (first === undefined) return ok('none');
  const { certificateFile, expiresAt } = first;
  const leftMs = expiresAt - now;
  const fix = `certbot renew || openssl x509 -noout -enddate -in ${quoted(certificateFile)}`;
  if (leftMs <= 0) return failed(`${certificateFile} expired ${duration(-leftMs)} ago`, fix);
  const message = `${certificateFile} expires in ${duration(leftMs)}`;
  if (leftMs <= expiryDays.failed * dayMs) return failed(message, fix);
  return leftMs <= expiryDays.warning * dayMs ? warning(message, fix) : ok(`the first expires in ${duration(leftMs)}`);
}

export function judgeTrusted(found: readonly TrustedFacts[]): Judgement {
  const unread = found.find(({ reason }) => reason !== null);
  if (unread === undefined) return ok(counted(found.length, 'certificate'));
  return failed(`${unread.file}: ${unread.reason ?? ''}`, `ls -l ${quoted(unread.file)}`);
}

function trustedFiles({ images, services }: ResolvedEnvironment): readonly string[] {
  const ofDatabases = services.flatMap(({ database }) =>
    database === null || database.adapter === 'sqlite' || typeof database.tls === 'boolean' ? [] : [database.tls.ca],
  );
  return [...new Set([...(images?.ca === undefined ? [] : [images.ca]), ...ofDatabases])];
}

/** A name with `*.` stands for one label in its place. */
function isNamed(host: string, names: readonly string[]): boolean {
  const parent = `*${host.slice(host.indexOf('.'))}`;
  return names.some((name) => [host, parent].includes(name.toLowerCase()));
}

function textOf(file: string): string {
  return `openssl x509 -noout -ext subjectAltName -in ${quoted(file)}`;
}
