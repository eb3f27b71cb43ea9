import { parentPort, workerData } from 'node:worker_threads';

import { systemClock } from '@maestro/core';

import type { LoadAnswer, LoadQuestion } from './load.ts';
import { generateLoad, type LoadOptions } from './load-generator.ts';

const generator = generateLoad({ ...(workerData as LoadOptions), clock: systemClock });

parentPort?.on('message', (question: LoadQuestion) => {
  void answer(question).then((reply) => {
    parentPort?.postMessage(reply);
  });
});

async function answer(question: LoadQuestion): Promise<LoadAnswer> {
  if (question.type === 'expect') generator.expect(question.revision);
  if (question.type === 'stop') await generator.stop();
  return { report: generator.report(), ...(question.type === 'stop' ? { sent: generator.sent() } : {}) };
}
