import { MaestroError } from '@maestro/core';
import type { CheckFinding, Examination } from '@maestro/orchestrator';

import { CliError } from '../errors.ts';
import { renderExamination } from '../render/examination.ts';
import { completeHint } from '../render/hint.ts';
import type { AddCommand } from './command.ts';

export const addDoctor: AddCommand = (program, choose) => {
  program
    .command('doctor')
    .description('check everything that a deployment needs, each with what to do about it; changes nothing')
    .action(() => {
      choose({
        name: 'doctor',
        runAt: async ({ environment, config, library, onEvent, logger, signal }) => {
          const examined = await library.examineEnvironment({ environment, config, logger, onEvent, signal });
          const findings = examined.findings.map((finding) => withWholeFix(finding, { environment, config }));
          const examination = { ...examined, findings };
          return {
            data: examination,
            render: (style) => renderExamination(examination, style),
            failure: failureOf(examination),
          };
        },
      });
    });
};

function withWholeFix(
  finding: CheckFinding,
  { environment, config }: { readonly environment: string; readonly config: string | undefined },
): CheckFinding {
  if (finding.fix === undefined) return finding;
  const place = config === undefined ? { environment } : { environment, config };
  return { ...finding, fix: completeHint(finding.fix, place) };
}

/** Where the configuration is wrong nothing else can be told, and that is what it fails with. */
function failureOf({ findings }: Examination): MaestroError | undefined {
  const failed = findings.filter(({ status }) => status === 'failed');
  const [first] = failed;
  if (first === undefined) return undefined;
  const hint = first.fix ?? 'maestro doctor';
  const { code, group, check } = first;
  if (group === 'configuration' && code !== undefined)
    return new MaestroError(code, `the check ${check} failed, and no other could be made`, { hint });
  const names = failed.map((one) => one.check).join(', ');
  const count = failed.length === 1 ? '1 check failed' : `${failed.length} checks failed`;
  return new CliError('CLI_CHECKS_FAILED', `${count}: ${names}`, { hint });
}
