import { z } from 'zod';

import { isTag } from '../../image/names.ts';
import type { Cancellable } from '../../ports/image-store.ts';
import { expectStatus } from './answers.ts';
import { unexpectedAnswer } from './errors.ts';
import type { HttpAnswer } from './http.ts';
import type { RegistryClient } from './registry-client.ts';

/** Null for a repository whose images were all removed. */
const tagsSchema = z.object({ tags: z.array(z.string().refine(isTag)).nullable() });

// Some registries refuse to list more at once.
const tagsAPage = 100;
/** So that a list that leads back to itself ends. */
const mostPages = 10_000;

/** All tags of a repository; none for one that nobody wrote to. */
export async function listTags(
  client: RegistryClient,
  { repository, signal }: Cancellable & { readonly repository: string },
): Promise<readonly string[]> {
  const tags: string[] = [];
  let target: string | undefined = `tags/list?n=${tagsAPage}`;
  for (let page = 0; page < mostPages; page += 1) {
    const answer: HttpAnswer = await client.request({ method: 'GET', action: 'pull', repository, target, signal });
    if (expectStatus(answer, [200, 404]).status === 404) return tags;
    tags.push(...tagsOf(answer));
    const next = nextPage(answer.header('link'), answer.url);
    if (next === undefined) return tags;
    target = next;
  }
  throw new Error(`expected at most ${mostPages} pages of tags in ${repository}`);
}

/** Path and query of the next page; the registry alone tells its tags, whatever host the link names. */
export function nextPage(link: string | undefined, page: URL): string | undefined {
  const target = /<(?<target>[^>]*)>\s*;[^<]*\brel="?next"?/i.exec(link ?? '')?.groups?.target;
  if (target === undefined || !URL.canParse(target, page.href)) return undefined;
  const { pathname, search } = new URL(target, page);
  return `${pathname}${search}`;
}

function tagsOf(answer: HttpAnswer): readonly string[] {
  try {
    return tagsSchema.parse(JSON.parse(answer.body.toString('utf8'))).tags ?? [];
  } catch {
    throw unexpectedAnswer(answer, 'expected a list of tags in JSON');
  }
}
