import type { Benchmark } from '../../benchmark.ts';
import { dockerVersion } from '../images/docker-cli.ts';
import { versionOf } from '../switch/versions.ts';
import { openPlace } from './place.ts';
import { compareReleases } from './releases.ts';
import { compareStandingStill } from './standing-still.ts';
import { compareVersionStart } from './version-start.ts';

/** What the command line itself costs: its start, a look at what runs, a release with nothing to do, and one with one change. */
export const deploying: Benchmark = {
  peers: {
    docker: dockerVersion,
    nginx: versionOf('nginx', ['-v']),
    'docker-compose': versionOf('docker-compose', ['--version']),
  },
  async run(context) {
    const place = await openPlace(context, { services: context.quick ? 3 : 20 });
    await compareVersionStart(place, context);
    await place.project.deploy();
    await compareStandingStill(place, context);
    await compareReleases(place, context);
  },
};
