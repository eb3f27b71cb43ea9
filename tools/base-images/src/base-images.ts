/** What Dockerfiles name after FROM. */
export const baseImages = {
  node: 'node:24-bookworm-slim',
  nginx: 'nginx:stable-bookworm',
  python: 'python:3.11-slim-bookworm',
} as const;

export type BaseImageName = keyof typeof baseImages;
