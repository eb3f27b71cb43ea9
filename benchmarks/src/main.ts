import { embeddedProxy } from './embedded-proxy.ts';

const benchmarks = new Map([['embedded-proxy', embeddedProxy]]);
const name = process.argv[2] ?? '';
const benchmark = benchmarks.get(name);

if (benchmark === undefined) {
  process.stderr.write(`there is no benchmark "${name}"; there are: ${[...benchmarks.keys()].join(', ')}\n`);
  process.exitCode = 2;
} else {
  await benchmark((line) => process.stdout.write(`${line}\n`));
}
