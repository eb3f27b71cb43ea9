import { openReader } from './open-reader.mjs';

const [name, endpoint, reads] = process.argv.slice(2);
const { get, textOf } = await openReader(name, endpoint);
for (let read = 0; read < 10_000; read += 1) await get('S0');
const tookNs = new Float64Array(Number(reads));
let last;
for (let read = 0; read < tookNs.length; read += 1) {
  const start = process.hrtime.bigint();
  last = await get('S0');
  tookNs[read] = Number(process.hrtime.bigint() - start);
}
if (textOf(last) !== 'value of S0') throw new Error('it read something else');
tookNs.sort();
console.log(tookNs[Math.ceil(tookNs.length * 0.99) - 1] / 1000);
