// Servers to test: built once for each test file, each started on an empty data folder and a free port, and ended with SIGINT.
//
// Of the dialects this knows nothing: which variables a suite's clients want, and what further servers ours needs, the suite says.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'writ-conformance-'));

process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** The owner of the organization that `writ init` makes. */
export const firstOwner = { email: 'owner@conformance.example', name: 'Olive Owner' };

const program = process.env.CONFORMANCE_WRIT || build();

/**
 * Starts a server, with settings (WRIT_… variables) and an env file that must have the variables `wants`.
 *
 * Gives `url`, `env`, the variables of the env file, and `stop()`, which fails if the server does not end cleanly, or has
 * logged an error.
 */
export async function start({ wants = [], settings = {} } = {}) {
  const data = mkdtempSync(join(folder, 'data-'));
  const environment = { ...bare(), ...settings, WRIT_DATA: data };
  run(environment, ['init', '--organization', 'Conformance', '--owner-email', firstOwner.email, '--owner-name', firstOwner.name]);

  const child = spawn(program, ['serve', '--listen', '127.0.0.1:0', '--metrics-listen', '', '--log-format', 'json'], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log = { text: '' };
  child.stderr.setEncoding('utf8').on('data', (chunk) => (log.text += chunk));
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  const stop = () => stopServer(child, ended, log);
  try {
    return { ...(await ready(child, join(data, 'env'), log, wants)), stop };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function build() {
  const target = join(folder, 'writ');
  const built = spawnSync('go', ['build', '-o', target, './cmd/writ'], { cwd: repository, encoding: 'utf8' });
  assert.equal(built.status, 0, `go build ./cmd/writ failed:\n${built.error ?? built.stderr}`);
  return target;
}

/** The environment without anything that could be a setting of the server or of a client. */
function bare() {
  const names = Object.keys(process.env).filter((name) => !/^(WRIT|CLOUDFLARE|BYCLOUD|SCW)_/.test(name));
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

function run(environment, args) {
  const done = spawnSync(program, args, { env: environment, encoding: 'utf8' });
  assert.equal(done.status, 0, `writ ${args.join(' ')} failed:\n${done.error ?? done.stderr}`);
}

/** Waits until the server serves and has written its URL into the env file, and gives the file's variables. */
async function ready(child, file, log, wants) {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(20)) {
    if (child.exitCode !== null) {
      throw new Error(`the server ended at once:\n${log.text}`);
    }
    const url = log.text.match(/"msg":"serving","url":"([^"]+)"/)?.[1];
    const env = url ? readEnv(file) : {};
    if (url && env.WRIT_URL === url && (await answers(`${url}/readyz`))) {
      for (const name of wants) {
        assert.ok(env[name], `the env file that init and serve write has no ${name}; it has ${Object.keys(env).join(', ')}`);
      }
      return { url, env };
    }
  }
  throw new Error(`the server was not ready within 30 seconds:\n${log.text}`);
}

async function answers(url) {
  const response = await fetch(url).catch(() => undefined);
  await response?.arrayBuffer();
  return response?.ok ?? false;
}

function readEnv(file) {
  const lines = readFileSync(file, 'utf8').split('\n').filter((line) => line.includes('='));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

async function stopServer(child, ended, log) {
  child.kill('SIGINT');
  const late = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const { code, signal } = await ended;
  clearTimeout(late);
  keep(log.text);
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, `the server did not end cleanly after SIGINT:\n${tail(log.text)}`);
  const errors = log.text.split('\n').filter((line) => line.includes('"level":"ERROR"'));
  assert.deepEqual(errors, [], 'the server logged errors');
}

/** Keeps the log where CONFORMANCE_LOG says, for whoever looks for a cause. */
function keep(text) {
  if (process.env.CONFORMANCE_LOG) {
    appendFileSync(process.env.CONFORMANCE_LOG, text);
  }
}

const tail = (text) => text.split('\n').slice(-40).join('\n');
