import { messageOf } from '@maestro/core';

import type { MarkdownDocument } from '../markdown/document.ts';
import type { Problem } from '../problem.ts';
import { isExternal } from './check-links.ts';

/** What a server says of an address. */
type Verdict =
  | { readonly kind: 'alive' }
  | { readonly kind: 'dead'; readonly message: string }
  /** Nothing is known: no network, or a server that does not answer programs. */
  | { readonly kind: 'unknown'; readonly message: string };

export interface ExternalLinksReport {
  readonly alive: number;
  readonly problems: readonly Problem[];
  readonly notChecked: readonly Problem[];
}

export interface ExternalLinksOptions {
  readonly documents: readonly MarkdownDocument[];
  readonly signal?: AbortSignal | undefined;
}

const requestTimeoutMs = 10_000;
// Where there is no network every request waits for its deadline; together they wait once.
const atOnce = 16;

/** Asks for every address that pages link to, each once. */
export async function checkExternalLinks({ documents, signal }: ExternalLinksOptions): Promise<ExternalLinksReport> {
  const links = documents.flatMap(({ path, links }) =>
    links.filter((link) => /^https?:/.test(link.target) && isExternal(link)).map((link) => ({ file: path, ...link })),
  );
  const addresses = [...new Set(links.map(({ target }) => withoutAnchor(target)))].filter((url) => !isExample(url));
  const verdicts = new Map<string, Verdict>();
  for (let at = 0; at < addresses.length; at += atOnce) {
    await Promise.all(addresses.slice(at, at + atOnce).map(async (url) => verdicts.set(url, await ask(url, signal))));
  }
  const of = (kind: 'dead' | 'unknown') =>
    addresses.flatMap((url) => {
      const verdict = verdicts.get(url);
      if (verdict?.kind !== kind) return [];
      const [first, ...more] = links.filter(({ target }) => withoutAnchor(target) === url);
      const also = more.length === 0 ? '' : `, also at ${more.length} other places`;
      return [{ file: first?.file ?? '', line: first?.line ?? 1, message: `${url}: ${verdict.message}${also}` }];
    });
  const alive = [...verdicts.values()].filter(({ kind }) => kind === 'alive').length;
  return { alive, problems: of('dead'), notChecked: of('unknown') };
}

async function ask(url: string, outer: AbortSignal | undefined): Promise<Verdict> {
  outer?.throwIfAborted();
  try {
    const head = await statusOf(url, 'HEAD', outer);
    // Some servers answer HEAD with anything but the truth.
    return judge(head < 400 ? head : await statusOf(url, 'GET', outer));
  } catch (error) {
    outer?.throwIfAborted();
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return { kind: 'unknown', message: `not reachable from here: ${messageOf(cause)}` };
  }
}

async function statusOf(url: string, method: 'GET' | 'HEAD', outer: AbortSignal | undefined): Promise<number> {
  const timeout = AbortSignal.timeout(requestTimeoutMs);
  const signal = outer === undefined ? timeout : AbortSignal.any([outer, timeout]);
  const response = await fetch(url, { method, signal, headers: { 'user-agent': 'maestro-docs-check' } });
  await response.body?.cancel();
  return response.status;
}

/** Only an address that is gone is wrong; a server that refuses programs, or is in trouble, says nothing about it. */
function judge(status: number): Verdict {
  if (status < 400) return { kind: 'alive' };
  const message = `answered with ${status}`;
  return status === 404 || status === 410 ? { kind: 'dead', message } : { kind: 'unknown', message };
}

function withoutAnchor(url: string): string {
  return url.replace(/#.*$/, '');
}

/** Addresses that stand for readers' own, which nobody answers. */
function isExample(url: string): boolean {
  const { hostname } = new URL(url);
  return /(?:^|\.)(?:example\.(?:com|org|net)|localhost|example|test|invalid)$|^127\./.test(hostname);
}
