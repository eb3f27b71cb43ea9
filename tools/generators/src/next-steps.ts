import { logger } from '@nx/devkit';

/** What is left to do, printed once the files are written. */
export function nextSteps(steps: readonly string[]): () => void {
  return () => {
    logger.info(['', 'next:', ...steps.map((step, index) => `${index + 1}. ${step}`)].join('\n'));
  };
}
