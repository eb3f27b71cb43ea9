import { ensureBaseImage } from '@maestro/base-images';
import { useParts } from '@maestro/services';

/** Where the story is played with containers: parts of this machine that are used, with everything in them marked. */
export interface ContainerGround extends AsyncDisposable {
  /** Address of the engine. */
  readonly engine: string;
  /** `http://127.0.0.1:5000/prefix` */
  readonly repository: string;
  /** Of the project: everything on the engine begins with it. */
  readonly name: string;
  /** What images carry, so that they go with the demo. */
  readonly labels: Readonly<Record<string, string>>;
  /** Image with Node that the services start from. */
  readonly baseImage: string;
  /** Whom containers run as: who deploys, since both write to the database. */
  readonly user: string;
}

/** Takes an engine, an image repository and nginx into use, installing what is missing where that may be done. */
export async function openContainerGround(say: (line: string) => void): Promise<ContainerGround> {
  await using opening = new AsyncDisposableStack();
  const used = opening.use(await useParts({ needs: ['docker', 'image-repository', 'nginx'], say }));
  const { docker, 'image-repository': repository } = used.parts;
  const { reference } = await ensureBaseImage({ engine: docker.engine, name: 'node', onProgress: say });
  const stack = opening.move();
  return {
    engine: docker.address,
    repository: `${repository.address}/${repository.prefix}demo`,
    name: docker.suite,
    labels: docker.labels,
    baseImage: reference,
    user: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
