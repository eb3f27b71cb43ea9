import { basename, dirname } from 'node:path';

import { composeImage } from '../compose-names.ts';
import { recordOf, scalarText } from './import-context.ts';

/** What a compose file is of. */
export interface ComposeOrigin {
  readonly project: string;
  readonly environment: string;
  /** What compose puts before the names of volumes; null in a file that was rendered, whose volumes are not a deployment's. */
  readonly composeProject: string | null;
}

/** A file that a registry was rendered to still says of which project and environment; others are called like their folder. */
export function originOf(
  content: Readonly<Record<string, unknown>>,
  { path, environment = 'development' }: { readonly path: string; readonly environment?: string | undefined },
): ComposeOrigin {
  const folder = basename(dirname(path)).toLowerCase();
  const composeProject = scalarText(content.name) ?? folder.replaceAll(/[^a-z0-9_-]/g, '');
  for (const [name, service] of Object.entries(recordOf(content.services))) {
    const image = scalarText(recordOf(service).image) ?? '';
    const [, repository = '', from = ''] = /^([a-z][a-z0-9-]*):compose-([a-z][a-z0-9-]*)$/.exec(image) ?? [];
    const project = repository.slice(0, -name.length - 1);
    if (from !== '' && composeImage(project, from, name) === image)
      return { project, environment: from, composeProject: null };
  }
  const project = asName(composeProject);
  return { project: project === '' ? 'project' : project, environment, composeProject };
}

/** As near as a name of a registry can come; empty where nothing is left. */
export function asName(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 41)
    .replace(/-+$/, '');
}
