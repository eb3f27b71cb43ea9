import { ImageStoreError } from '../errors.ts';

/** Where something stands. */
export interface Place {
  readonly file: string;
  /** Counted from 1; undefined for the file as a whole. */
  readonly line?: number | undefined;
}

export function dockerfileInvalid(
  { file, line }: Place,
  problem: string,
  { hint }: { readonly hint: string },
): ImageStoreError {
  const place = line === undefined ? file : `${file}:${line}`;
  return new ImageStoreError('IMAGE_STORE_DOCKERFILE_INVALID', `${place}: ${problem}`, {
    hint,
    details: line === undefined ? { file } : { file, line },
  });
}
