// Clients of the server: Cloudflare's SDKs, as released, with a fetch that notes what is sent, and plain HTTP for what the
// SDKs cannot send.
//
// Every answer of the dialect, whoever asked for it, is held against the envelope of the contract (sections 1.1 and 3.1); a
// test in which one is wrong fails.

import assert from 'node:assert/strict';
import { afterEach } from 'node:test';

import Cloudflare from 'cloudflare';
import Cloudflare5 from 'cloudflare5';

import { callNative, parse } from '../../js-harness/native.mjs';
import { server } from './server.mjs';

const wrong = [];

afterEach(() => assert.deepEqual(wrong.splice(0), [], 'answers that are not as the contract has them'));

/**
 * Makes a client. Credentials are `{ token }` or `{ email, key }`, any of them or none; `major` is 7 or 5.
 *
 * `sent` lists its requests, retries included: method, path, query, status and the headers of the answer.
 */
export function connect({ token = null, email = null, key = null, major = 7, url = server.env.CLOUDFLARE_BASE_URL } = {}) {
  const sent = [];
  const SDK = major === 5 ? Cloudflare5 : Cloudflare;
  const cf = new SDK({
    baseURL: url,
    apiToken: token,
    apiEmail: email,
    apiKey: key,
    fetch: async (target, init) => {
      const response = await fetch(target, init);
      const { pathname, search } = new URL(target);
      const { status, headers } = response;
      sent.push({ method: (init.method ?? 'get').toUpperCase(), path: pathname, query: search, status, headers });
      inspect(`${init.method} ${pathname}${search}`, response, await response.clone().text());
      return response;
    },
  });
  return { cf, sent };
}

/**
 * Sends what the SDKs cannot. The path begins after `/client/v4`; a body that is no string is sent as JSON. Gives `status`,
 * `headers` and `body`.
 */
export async function raw(method, path, { token, headers = {}, body, type = 'application/json' } = {}) {
  const response = await fetch(server.env.CLOUDFLARE_BASE_URL + path, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': type }),
      ...headers,
    },
    body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
  });
  const text = await response.text();
  inspect(`${method} ${path}`, response, text);
  return { status: response.status, headers: response.headers, body: parse(text) };
}

/** Calls the native API below `/v1`, and insists on a status. */
export const native = (method, path, options) => callNative(server, method, path, options);

/** Notes what is wrong with an answer, whatever it is about. */
function inspect(what, response, text) {
  const { status } = response;
  const told = (problem) => wrong.push(`${what} → ${status}: ${problem}; the body is ${text.slice(0, 300) || 'empty'}`);
  const type = response.headers.get('content-type') ?? 'none';
  if (!/^application\/json\b/.test(type)) {
    told(`the content type is ${type}`);
  }
  const body = parse(text);
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    return told('the body is no JSON object');
  }
  if (response.ok && status !== 200) {
    told('every success is 200');
  }
  if (body.success !== response.ok) {
    told('"success" does not say what the status says');
  }
  for (const list of ['errors', 'messages']) {
    const notices = body[list];
    if (!Array.isArray(notices) || notices.some((n) => !Number.isInteger(n.code) || typeof n.message !== 'string' || n.message === '')) {
      told(`"${list}" is no list of {code, message}`);
    }
  }
  if (response.ok) {
    inspectSuccess(body, told);
  } else {
    inspectFailure(body, told);
  }
}

function inspectSuccess(body, told) {
  if (body.errors?.length !== 0) {
    told('a success has errors');
  }
  const info = body.result_info;
  if (info === undefined) {
    return;
  }
  const numbers = ['page', 'per_page', 'count', 'total_count', 'total_pages'];
  if (numbers.some((name) => !Number.isInteger(info[name]))) {
    return told(`"result_info" lacks one of ${numbers.join(', ')}`);
  }
  if (info.count !== body.result?.length || info.count > info.per_page || info.count > info.total_count) {
    told('"result_info.count" does not fit');
  }
  if (info.total_pages !== Math.ceil(info.total_count / info.per_page)) {
    told('"result_info.total_pages" does not fit');
  }
}

function inspectFailure(body, told) {
  if (!(body.errors?.length > 0)) {
    told('a failure has no errors');
  }
  if (body.result !== null) {
    told('the "result" of a failure is not null');
  }
  if ('message' in body) {
    told('a "message" beside "errors" would hide them from the SDK');
  }
}
