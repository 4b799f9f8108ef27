// Parses every module of the suite without running it, for `make lint`.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const modules = ['.', 'harness', 'test'].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, import.meta.url))
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => `${folder}/${name}`),
);

let failed = 0;
for (const module of modules) {
  const parsed = spawnSync(process.execPath, ['--check', module], {
    cwd: new URL('.', import.meta.url),
    stdio: 'inherit',
  });
  failed += parsed.status === 0 ? 0 : 1;
}
if (failed > 0 || modules.length < 10) {
  console.error(`${failed} of ${modules.length} modules do not parse`);
  process.exit(1);
}
