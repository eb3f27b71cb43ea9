import { openFileReleaseHistory } from '../../src/embedded.ts';
import { sampleRelease } from '../../src/testing.ts';

// A deployer for the tests: records releases of its own, every `step`th from `first` on.
const [folder = '', first = '', count = '', step = '1'] = process.argv.slice(2);
const history = openFileReleaseHistory({ folder });
for (let number = 0; number < Number(count); number += 1) {
  await history.record(sampleRelease(Number(first) + number * Number(step)));
}
