import { ImageStoreError } from '../errors.ts';

// One component of https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
const repositoryGrammar = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagGrammar = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const digestGrammar = /^sha256:[0-9a-f]{64}$/;
const environmentGrammar = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,62}$/;

/** The tag that a repository's newest image carries. */
export const latestTag = 'latest';

export function isDigest(reference: string): boolean {
  return digestGrammar.test(reference);
}

export function isTag(reference: string): boolean {
  return tagGrammar.test(reference);
}

export function isEnvironment(name: string): boolean {
  return environmentGrammar.test(name);
}

/** Throws `IMAGE_STORE_INVALID_NAME`, as the other checks here do; each name becomes part of a path. */
export function checkRepository(repository: string): void {
  check('repository', repository, repository.length <= 128 && repositoryGrammar.test(repository), {
    expected: 'at most 128 small letters and digits, with single dots, one or two underscores, or hyphens between them',
  });
}

export function checkTag(tag: string): void {
  check('tag', tag, isTag(tag), {
    expected: 'at most 128 letters, digits, dots, underscores and hyphens, beginning with a letter, a digit or _',
  });
}

export function checkDigest(digest: string): void {
  check('digest', digest, isDigest(digest), { expected: 'sha256: and 64 hexadecimal digits' });
}

export function checkEnvironment(environment: string): void {
  check('environment', environment, isEnvironment(environment), {
    expected: 'at most 63 letters, digits, dots, underscores and hyphens, beginning with a letter, a digit or _',
  });
}

function check(kind: string, name: string, valid: boolean, { expected }: { readonly expected: string }): void {
  if (valid) return;
  const message = `"${name}" cannot be the name of a ${kind}: expected ${expected}`;
  throw new ImageStoreError('IMAGE_STORE_INVALID_NAME', message, {
    hint: `give the ${kind} another name in the configuration`,
    details: { [kind]: name },
  });
}
