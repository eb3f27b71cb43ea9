import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { formatFiles, generateFiles, type Tree } from '@nx/devkit';

import { namesOf } from '../names.ts';
import { nextSteps } from '../next-steps.ts';
import { readPort } from './read-port.ts';
import { registerSubpath } from './register-subpath.ts';
import { stubClass } from './stub-class.ts';
import { stubSubject } from './stub-subject.ts';
import { importLines } from './type-imports.ts';
import { errorCodeType, withErrorCode } from './with-error-code.ts';

export interface AdapterOptions {
  readonly package: string;
  readonly port: string;
  readonly vendor: string;
}

const templates = fileURLToPath(new URL('files', import.meta.url));

/** Writes src/adapters/<vendor>, publishes it by its own subpath, and hands it to the port's contract. */
export async function adapterGenerator(tree: Tree, options: AdapterOptions): Promise<() => void> {
  const name = namesOf('package', options.package);
  const port = namesOf('port', options.port);
  const vendor = namesOf('vendor', options.vendor);
  const folder = `packages/${name.kebab}`;
  if (!tree.exists(`${folder}/package.json`)) {
    throw new Error(`package "${name.kebab}": expected one of ${tree.children('packages').join(', ')}`);
  }
  const file = `${vendor.kebab}-${port.kebab}`;
  const adapter = `${folder}/src/adapters/${vendor.kebab}/${file}.ts`;
  if (tree.exists(adapter)) throw new Error(`vendor "${vendor.kebab}": ${adapter} is there already`);

  const root = join(tree.root, folder);
  const read = readPort(root, port);
  const className = `${vendor.pascal}${port.pascal}`;
  const { imports, members } = stubClass(read, { folder: root, vendor: vendor.kebab });
  imports.set(`src/ports/${port.kebab}.ts`, (imports.get(`src/ports/${port.kebab}.ts`) ?? new Set()).add(read.name));
  const errors = tree.read(`${folder}/src/errors.ts`, 'utf8') ?? '';
  const code = `${name.constant}_${vendor.constant}_FAILED`;
  const subject = stubSubject(read, { adapter: `new ${className}()`, folder: root });
  const words = {
    name,
    port,
    vendor,
    file,
    className,
    code,
    codeType: errorCodeType(errors),
    contractName: read.contractName,
    imports: importLines(imports),
    members,
    subject,
    adapterImports: adapterImports({ className, file, subject, vendor: vendor.kebab }),
  };

  generateFiles(tree, join(templates, 'adapter'), folder, { ...words, vendorFolder: vendor.kebab, file });
  if (!hasErrors(tree, `${folder}/src/adapters/${vendor.kebab}`)) {
    generateFiles(tree, join(templates, 'errors'), folder, { ...words, vendorFolder: vendor.kebab });
    tree.write(`${folder}/src/errors.ts`, withErrorCode(errors, code));
  }
  const subpath = `${folder}/src/${vendor.kebab}.ts`;
  const exported = `export { ${className} } from './adapters/${vendor.kebab}/${file}.ts';\n`;
  tree.write(subpath, (tree.read(subpath, 'utf8') ?? '') + exported);
  registerSubpath(tree, folder, vendor.kebab);
  tree.write(
    `.changeset/${name.kebab}-${file}.md`,
    `---\n'@maestro/${name.kebab}': minor\n---\n\n${vendor.words} as an adapter of \`${read.name}\`: \`${className}\` from \`@maestro/${name.kebab}/${vendor.kebab}\`.\n`,
  );
  await formatFiles(tree);

  return nextSteps([
    `npx vitest run --project ${name.kebab} ${file}: what is left to write`,
    `write ${adapter}, and in ${folder}/tests/integration/${file}.test.ts the part it runs on`,
    `when the contract passes, delete ${folder}/src/adapters/${vendor.kebab}/not-implemented.ts`,
    'npm run release -- check --update: writes the API report and the size limit of the new subpath',
    `add its rows to ${folder}/README.md (exports, errors, dependencies) and to docs/architecture.md (ports)`,
  ]);
}

/** What the test imports from the adapter's folder, in the order of the files. */
function adapterImports(of: { className: string; file: string; subject: string; vendor: string }): readonly string[] {
  const imported = [[of.file, of.className]];
  if (of.subject.includes('notImplemented(')) imported.push(['not-implemented', 'notImplemented']);
  return imported
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
    .map(([file, name]) => `import { ${name} } from '../../src/adapters/${of.vendor}/${file}.ts';`);
}

function hasErrors(tree: Tree, folder: string): boolean {
  return tree.exists(folder) && tree.children(folder).some((child) => /(^|-)errors\.ts$/.test(child));
}
