const deadlineMs = 3000;

export const dockerHub = 'https://registry-1.docker.io';

/** Whether a registry answers; 401 is the answer to those who have not logged in. */
export async function answers(hub: string, signal?: AbortSignal): Promise<boolean> {
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    const response = await fetch(new URL('/v2/', hub), {
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    await response.body?.cancel();
    return response.status === 200 || response.status === 401;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}
