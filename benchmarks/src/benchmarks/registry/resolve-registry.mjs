import { loadRegistry, resolveEnvironment } from '@maestro/registry';

// Prints how many services an environment of a registry has, and the processor time up to here in milliseconds.
const [config, environment] = process.argv.slice(2);
const { services } = resolveEnvironment(await loadRegistry({ config }), environment);
const { user, system } = process.cpuUsage();
process.stdout.write(`${services.length} ${(user + system) / 1000}`);
