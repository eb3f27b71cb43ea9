import type {
  Examination,
  ExamineOptions,
  ImportComposeFileOptions,
  ImportedComposeFile,
  InitOptions,
  InitResult,
  RenderComposeFileOptions,
  RenderedComposeFile,
} from '@maestro/orchestrator';

/** Functions of the orchestrator's that need no open environment; what they are in is loaded by the first call. */
export interface Library {
  readonly examineEnvironment: (options: ExamineOptions) => Promise<Examination>;
  readonly initProject: (options: InitOptions) => Promise<InitResult>;
  readonly renderComposeFile: (options: RenderComposeFileOptions) => Promise<RenderedComposeFile>;
  readonly importComposeFile: (options: ImportComposeFileOptions) => Promise<ImportedComposeFile>;
}
