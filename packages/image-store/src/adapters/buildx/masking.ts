import type { Redacted } from '@maestro/core';

// Shorter lines of a secret, such as a brace, would be found in anything.
const shortestLine = 4;

/** Makes the function that takes secrets out of a line, for a build may print what it was given. */
export function masking(secrets: readonly Redacted[]): (line: string) => string {
  const texts = secrets
    .flatMap((secret) => secret.reveal().split(/\r?\n/))
    .map((text) => text.trim())
    .filter((text) => text.length >= shortestLine)
    .sort((a, b) => b.length - a.length);
  return (line) => texts.reduce((masked, text) => masked.replaceAll(text, '[redacted]'), line);
}
