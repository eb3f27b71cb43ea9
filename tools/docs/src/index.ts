export { checkDocumentation, type DocumentationReport } from './check-documentation.ts';
