import { openReader } from './open-reader.mjs';

const [name, endpoint, count] = process.argv.slice(2);
const { get, textOf } = await openReader(name, endpoint);
const names = Array.from({ length: Number(count) }, (_, index) => `S${index}`);
const values = await Promise.all(names.map((secret) => get(secret)));
console.log(values.filter((value, index) => textOf(value) === `value of S${index}`).length);
