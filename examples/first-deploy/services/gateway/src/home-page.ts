import type { Identity } from './settings.ts';
import type { Versions } from './versions.ts';

export function homePage(versions: Versions): string {
  return `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>First deploy</title></head>
  <body>
    <h1>First deploy</h1>
    <ul>
      ${line(versions)}
      ${versions.upstream === null ? '<li>template-service does not answer</li>' : line(versions.upstream)}
    </ul>
    <p><a href="/api/templates">Templates</a></p>
  </body>
</html>
`;
}

function line({ service, revision, slot }: Identity): string {
  return `<li>${escape(service)} ${escape(revision)}, ${escape(slot)} slot</li>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
