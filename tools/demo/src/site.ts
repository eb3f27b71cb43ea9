import { z } from 'zod';

import type { SentTemplates } from './load-report.ts';
import { isSameRevision } from './revision.ts';

/** What a user sees of the version that is live. */
export interface Site {
  readonly gateway: string;
  readonly templateService: string;
  /** What commit 2 added to every template. */
  readonly hasCategories: boolean;
}

const requestTimeoutMs = 10_000;
const pageSize = 1000;

const versionSchema = z.object({ revision: z.string(), upstream: z.object({ revision: z.string() }).nullable() });
const pageSchema = z.object({
  templates: z.array(z.object({ name: z.string(), category: z.string().optional() })),
  next: z.int().nullable(),
});

export async function readSite(url: string, signal?: AbortSignal): Promise<Site> {
  const { revision, upstream } = versionSchema.parse(await getJson(url, '/version', signal));
  const { templates } = pageSchema.parse(await getJson(url, '/api/templates?limit=1', signal));
  return {
    gateway: revision,
    templateService: upstream?.revision ?? 'unreachable',
    hasCategories: templates[0]?.category !== undefined,
  };
}

/** The names of all templates the service has stored, one for each time it is stored. */
export async function readStoredNames(url: string, signal?: AbortSignal): Promise<readonly string[]> {
  const names: string[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const page: unknown = await getJson(url, `/api/templates?limit=${pageSize}&after=${after}`, signal);
    const { templates, next }: z.infer<typeof pageSchema> = pageSchema.parse(page);
    names.push(...templates.map(({ name }) => name));
    after = next;
  }
  return names;
}

/** What is wrong with a site that should be served by `revision`; empty when nothing is. */
export function siteProblems(
  site: Site,
  wanted: { readonly revision: string; readonly hasCategories: boolean },
): string[] {
  const problems: string[] = [];
  if (!isSameRevision(site.gateway, wanted.revision)) {
    problems.push(`the gateway answers as ${site.gateway} instead of ${wanted.revision}`);
  }
  if (!isSameRevision(site.templateService, wanted.revision)) {
    problems.push(`template-service answers as ${site.templateService} instead of ${wanted.revision}`);
  }
  if (site.hasCategories !== wanted.hasCategories) {
    problems.push(`templates ${site.hasCategories ? 'have' : 'lack'} categories at ${wanted.revision}`);
  }
  return problems;
}

export interface StoredComparison {
  /** Acknowledged, but not stored. */
  readonly lost: readonly string[];
  /** Stored more than once. */
  readonly doubled: readonly string[];
  /** Stored, though nobody sent it. */
  readonly strange: readonly string[];
}

export function compareStored(sent: SentTemplates, stored: readonly string[]): StoredComparison {
  const counts = new Map<string, number>();
  for (const name of stored) counts.set(name, (counts.get(name) ?? 0) + 1);
  const known = new Set([...sent.acknowledged, ...sent.uncertain]);
  return {
    lost: sent.acknowledged.filter((name) => !counts.has(name)),
    doubled: [...counts].filter(([, count]) => count > 1).map(([name]) => name),
    strange: [...counts.keys()].filter((name) => !known.has(name)),
  };
}

async function getJson(url: string, path: string, signal: AbortSignal | undefined): Promise<unknown> {
  const timeout = AbortSignal.timeout(requestTimeoutMs);
  const response = await fetch(new URL(path, url), {
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  });
  if (!response.ok) throw new Error(`GET ${path}: expected 200, got ${response.status}`);
  return response.json();
}
