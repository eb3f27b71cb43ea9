import type { Benchmark } from '../../benchmark.ts';
import { dockerBuildVersion, dockerVersion } from './docker-cli.ts';
import { parallelBuilds } from './parallel-builds.ts';
import { peakMemory } from './peak-memory.ts';
import { openPlace } from './place.ts';
import { retag } from './retag.ts';
import { skipUnchanged } from './skip-unchanged.ts';
import { warmRollback } from './warm-rollback.ts';

/** What the image store does beside the docker command line doing the same on the same engine and repository. */
export const images: Benchmark = {
  peers: { docker: dockerVersion, 'docker build': dockerBuildVersion },
  async run(context) {
    const place = await openPlace(context);
    await retag(place, context);
    await warmRollback(place, context);
    await skipUnchanged(place, context);
    await parallelBuilds(place, context);
    await peakMemory(place, context);
  },
};
