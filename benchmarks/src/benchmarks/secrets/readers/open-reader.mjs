/** A reader by name, asking the service's imitation; it does not check who asks. */
export async function openReader(name, endpoint) {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDBENCH', AWS_SECRET_ACCESS_KEY: 'bench' });
  const { open } = await import(`./${name}.mjs`);
  return open({ region: 'eu-central-1', endpoint });
}
