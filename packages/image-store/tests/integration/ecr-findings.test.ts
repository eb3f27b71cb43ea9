import { once } from 'node:events';

import { type Clock, isMaestroError, systemClock } from '@maestro/core';
import { describeWith } from '@maestro/services/vitest';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { type EcrScannerOptions, ensureEcrRepository, openEcrScanner } from '../../src/ecr.ts';
import { type Allowance, type ImageKey, scanImages } from '../../src/index.ts';
import { vulnerabilityScannerContract } from '../../src/testing.ts';
import { EcrFront, failing, passingOn, saying } from './ecr-front.ts';

const describing = 'DescribeImageScanFindings';
const starting = 'StartImageScan';

/** Lets no time pass between two looks at a scan. */
const hurried: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms === 3000 ? 1 : ms, signal) };

// moto 5.2.1 knows one finding for every image, no pages of them, no scan that lasts, and no enhanced scanning. Where a
// test needs those, the front answers as https://docs.aws.amazon.com/AmazonECR/latest/APIReference says.
describeWith('the findings of Amazon ECR', ['aws'], (parts) => {
  let front: EcrFront;
  let namespaces = 0;
  let image: ImageKey;

  beforeEach(async () => {
    front = await EcrFront.open(parts().aws);
    namespaces += 1;
    const name = `scanned${namespaces}/shop-api`;
    await ensureEcrRepository({ registry: front.registry, name, endpoint: front.endpoint });
    image = { ...(await front.putImage(name)), repository: 'shop-api' };
  });
  afterEach(() => front[Symbol.asyncDispose]());

  const open = (options: Partial<EcrScannerOptions> = {}) => {
    const namespace = `scanned${namespaces}`;
    return openEcrScanner({ registry: front.registry, namespace, endpoint: front.endpoint, ...options });
  };
  const ended = (findings: object, status = 'COMPLETE', more: object = {}) =>
    saying({ imageScanStatus: { status }, imageScanFindings: findings, ...more });
  const lasting = (status: string) => saying({ imageScanStatus: { status } });
  const finding = (name: string) => ({ name, severity: 'LOW', attributes: [{ key: 'package_name', value: 'zlib' }] });
  const failureOf = async (work: Promise<unknown>) => {
    const error: unknown = await work.catch((reason: unknown) => reason);
    expect(isMaestroError(error, 'IMAGE_STORE_SCAN_FAILED')).toBe(true);
    front.expectNoSecretIn(error);
    return error as Error & { readonly hint: string; readonly retryable: boolean };
  };

  for (const { name, run } of vulnerabilityScannerContract(() => {
    const missing = { ...image, digest: `sha256:${'0'.repeat(64)}` };
    return Promise.resolve({ scanner: open({ clock: hurried }), vulnerable: image, package: 'moto_fake', missing });
  })) {
    it(name, run);
  }

  it('are those of a scan that is begun where there is none', async () => {
    const report = await open({ clock: hurried }).scan(image);
    expect(report).toMatchObject({
      scanner: 'ecr',
      findings: [{ id: 'CVE-9999-9999', severity: 'high', package: 'moto_fake', version: '9.9.9', fixedIn: '' }],
    });
    expect(report.database).toMatch(/^\d{4}-/);
    expect(front.asked(starting)).toMatchObject([{ imageId: { imageDigest: image.digest } }]);
  });

  it('keep an image out at the gate, until they are allowed', async () => {
    const gate = (allow: readonly Allowance[]) =>
      scanImages({
        images: [image],
        scanner: open({ clock: hurried }),
        policy: { failOn: 'high', ignoreUnfixed: true, allow },
        clock: systemClock,
      });
    await expect(gate([])).rejects.toSatisfy((error) => isMaestroError(error, 'IMAGE_STORE_SCAN_REFUSED'));
    const allowance = { id: 'CVE-9999-9999', reason: 'moto knows no other', until: '9999-12-31' };
    expect((await gate([allowance])).images).toMatchObject([{ image, refused: [], allowed: [{ allowance }] }]);
  });

  it('are waited for while the scan lasts', async () => {
    front.react(describing, lasting('PENDING'), lasting('IN_PROGRESS'), ended({ findings: [finding('CVE-1')] }));
    const { findings } = await open({ clock: hurried }).scan(image);
    expect(findings).toMatchObject([{ id: 'CVE-1', severity: 'low' }]);
    expect(front.asked(describing)).toHaveLength(3);
    expect(front.asked(starting)).toEqual([]);
  });

  it('are read to the last page', async () => {
    front.react(
      describing,
      ended({ findings: [finding('CVE-1')] }, 'COMPLETE', { nextToken: 'second' }),
      ended({ findings: [finding('CVE-2')] }, 'COMPLETE', { nextToken: 'third' }),
      ended({ findings: [finding('CVE-3')] }),
    );
    const { findings } = await open().scan(image);
    expect(findings.map(({ id }) => id)).toEqual(['CVE-1', 'CVE-2', 'CVE-3']);
    expect(front.asked(describing)).toMatchObject([{}, { nextToken: 'second' }, { nextToken: 'third' }]);
  });

  it('are those of enhanced scanning, which says that it goes on', async () => {
    const enhanced = {
      severity: 'CRITICAL',
      status: 'ACTIVE',
      fixAvailable: 'NO',
      packageVulnerabilityDetails: {
        vulnerabilityId: 'CVE-2026-1',
        vulnerablePackages: [{ name: 'curl', version: '7.88.1', fixedInVersion: 'NotAvailable' }],
      },
    };
    front.react(describing, ended({ enhancedFindings: [enhanced] }, 'ACTIVE'));
    expect((await open().scan(image)).findings).toEqual([
      { id: 'CVE-2026-1', severity: 'critical', package: 'curl', version: '7.88.1', fixedIn: null },
    ]);
  });

  it.each(['LimitExceededException', 'ValidationException'])(
    'are waited for where none can be begun, because another one was or by itself: %s',
    async (refusal) => {
      const notThere = failing('ScanNotFoundException');
      front.react(describing, notThere, notThere, ended({ findings: [finding('CVE-1')] }));
      front.react(starting, failing(refusal, 'once a day'));
      expect((await open({ clock: hurried }).scan(image)).findings).toHaveLength(1);
    },
  );

  it('are none where the scan does not end, and the reason is said', async () => {
    front.react(describing, failing('ScanNotFoundException'));
    front.react(starting, failing('ValidationException', 'This feature is disabled'));
    const deadline = new AbortController();
    const passed = once(deadline.signal, 'abort').then(() => undefined);
    const sleep: Clock['sleep'] = (ms, signal) => (ms === 2000 ? passed : hurried.sleep(ms, signal));
    const work = open({ clock: { ...hurried, sleep }, deadlineMs: 2000 }).scan(image);
    work.catch(() => undefined);
    await expect.poll(() => front.asked(describing).length, { timeout: 10_000 }).toBeGreaterThan(1);
    deadline.abort();
    const error = await failureOf(work);
    expect(front.asked(starting)).toHaveLength(1);
    expect(error.message).toMatch(/after 2000 ms there is no scan of it: .*This feature is disabled$/);
    expect(error.retryable).toBe(true);
  });

  it.each([
    ['FAILED', 'its layers cannot be read'],
    ['UNSUPPORTED_IMAGE', 'UnsupportedImageError: FROM scratch'],
    ['SCAN_ELIGIBILITY_EXPIRED', ''],
    ['FINDINGS_UNAVAILABLE', ''],
    ['SOMETHING_NEW', ''],
  ])('are none where the scan is %s', async (status, description) => {
    front.react(describing, saying({ imageScanStatus: { status, description }, imageScanFindings: { findings: [] } }));
    const error = await failureOf(open().scan(image));
    expect(error.message).toContain(`its scan is ${status}`);
    expect(error.message).toContain(description);
    expect(error.hint).toMatch(/^aws ecr describe-image-scan-findings .*what ECR cannot scan, Trivy may$/);
  });

  it.each([
    ['a scan has ended and says nothing', lasting('COMPLETE')],
    ['no status is said', saying({ imageScanFindings: { findings: [] } })],
    ['the answer is no JSON', saying('<html>' as never)],
    ['the account may not', failing('AccessDeniedException')],
    ['AWS fails', failing('ServerException', 'no', 500)],
  ])('are none where %s', async (_, reaction) => {
    front.react(describing, reaction);
    await failureOf(open().scan(image));
  });

  it('are none where a page is missing', async () => {
    front.react(
      describing,
      ended({ findings: [] }, 'COMPLETE', { nextToken: 'second' }),
      failing('ServerException', 'no', 500),
    );
    await failureOf(open().scan(image));
  });

  it('are none of an image of a kind that ECR does not scan', async () => {
    front.react(describing, failing('ScanNotFoundException'));
    front.react(starting, failing('UnsupportedImageTypeException', 'no image'));
    expect((await failureOf(open().scan(image))).message).toContain('UnsupportedImageTypeException');
  });

  it('are asked for again by AWS’s own client where requests are too many', async () => {
    front.react(describing, failing('ThrottlingException', 'slowly'), ended({ findings: [] }), passingOn);
    expect((await open().scan(image)).findings).toEqual([]);
  });

  it('are not waited for when the caller gives up', async () => {
    front.react(describing, lasting('IN_PROGRESS'));
    const controller = new AbortController();
    const work = open().scan(image, { signal: controller.signal });
    await expect.poll(() => front.asked(describing).length).toBe(1);
    controller.abort(new Error('given up'));
    await expect(work).rejects.toThrow('given up');
  });
});
