// Parses every module of the suites in JavaScript without running it, for `make lint`.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const suites = new URL('..', import.meta.url);

/** The modules below a folder, but for those of packages. */
function modules(folder) {
  return readdirSync(new URL(`${folder}/`, suites), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === 'node_modules' ? [] : modules(path);
    }
    return entry.name.endsWith('.mjs') ? [path] : [];
  });
}

const all = modules('.');
const failed = all.filter((module) => spawnSync(process.execPath, ['--check', module], { cwd: suites, stdio: 'inherit' }).status !== 0);
if (failed.length > 0 || all.length < 20) {
  console.error(`${failed.length} of ${all.length} modules do not parse`);
  process.exit(1);
}
