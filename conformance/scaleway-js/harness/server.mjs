// One server for each test file. Importing this module starts it, and after the last test of the file it is stopped; a server
// that does not end cleanly, or that logged an error, fails the file.

import { after } from 'node:test';

import { start } from '../../js-harness/server.mjs';

const wants = ['SCW_API_URL', 'SCW_ACCESS_KEY', 'SCW_SECRET_KEY', 'SCW_DEFAULT_ORGANIZATION_ID', 'SCW_DEFAULT_PROJECT_ID'];

/** Starts another server, with settings (WRIT_… variables) of its own. Whoever starts it stops it. */
export const startServer = (settings = {}) => start({ wants, settings });

/** The server of this test file: `url`, and `env`, the variables of its env file. */
export const server = await startServer();

after(() => server.stop());
