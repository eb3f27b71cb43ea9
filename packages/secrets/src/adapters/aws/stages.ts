import type { SecretStage } from '../../ports/secret-store.ts';

export const stageLabels: Readonly<Record<SecretStage, string>> = {
  current: 'AWSCURRENT',
  previous: 'AWSPREVIOUS',
  pending: 'AWSPENDING',
};

/** Which version is at which stage; labels that are nobody's here are left out. */
export function stagesIn(versions: Readonly<Record<string, readonly string[]>>): Partial<Record<SecretStage, string>> {
  const stages: Partial<Record<SecretStage, string>> = {};
  for (const [version, labels] of Object.entries(versions)) {
    if (labels.includes(stageLabels.current)) stages.current = version;
    if (labels.includes(stageLabels.previous)) stages.previous = version;
    if (labels.includes(stageLabels.pending)) stages.pending = version;
  }
  return stages;
}
