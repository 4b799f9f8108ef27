// One server for each test file. Importing this module starts it, and after the last test of the file it is stopped; a server
// that does not end cleanly, or that logged an error, fails the file.

import { after } from 'node:test';

import { start } from '../../js-harness/server.mjs';
import { startDNS } from './dns.mjs';

/** The DNS server that the server under test asks. */
export const dns = await startDNS();

/** Starts another server, with settings (WRIT_… variables) of its own. Whoever starts it stops it. */
export const startServer = (settings = {}) =>
  start({
    wants: ['CLOUDFLARE_BASE_URL', 'CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_ACCOUNT_ID'],
    settings: { ...settings, WRIT_DNS_RESOLVER: dns.address },
  });

/** The server of this test file: `url`, and `env`, the variables of its env file. */
export const server = await startServer();

after(async () => {
  try {
    await server.stop();
  } finally {
    await dns.stop();
  }
});
