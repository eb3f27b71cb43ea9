import { openOciReleaseHistory } from '../../src/oci.ts';
import { type RecordingJob, releaseOf } from './recording-jobs.ts';

// A deployer for the tests: records releases of its own into a registry.
const { registry, namespace, digests, numbers } = JSON.parse(process.argv[2] ?? '') as RecordingJob;
const history = openOciReleaseHistory({ registry, namespace, project: 'shop' });
for (const number of numbers) await history.record(releaseOf(number, digests));
