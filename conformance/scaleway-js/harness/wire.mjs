// Clients of the server: Scaleway's SDK, as released, with a fetch that notes what is sent, and plain HTTP for what the SDK cannot send.
//
// Every answer of the dialect, whoever asked for it, is held against what the contract says of all of them (sections 1, 3.1 and 5);
// a test in which one is wrong fails.

import assert from 'node:assert/strict';
import { afterEach } from 'node:test';

import { createAdvancedClient, withAdditionalInterceptors, withHTTPClient, withProfile } from '@scaleway/sdk-client';
import { Iamv1alpha1 } from '@scaleway/sdk-iam';

import { callNative, parse } from '../../js-harness/native.mjs';
import { server } from './server.mjs';

const wrong = [];

afterEach(() => assert.deepEqual(wrong.splice(0), [], 'answers that are not as the contract has them'));

/**
 * Makes a client. It has a key, `{ accessKey, secretKey }`, or the token of a session, or nothing.
 *
 * `iam` is the SDK's API, and `sent` lists its requests: method, path, query, status, and the request's headers.
 */
export function connect({ key, session, organization, project = organization, url = server.url } = {}) {
  const sent = [];
  const client = createAdvancedClient(
    withProfile({ apiURL: url, defaultOrganizationId: organization, defaultProjectId: project, ...key }),
    withAdditionalInterceptors(session ? [{ request: ({ request }) => withSession(request, session) }] : []),
    withHTTPClient(async (request) => {
      const { method, headers } = request;
      const { pathname, search } = new URL(request.url);
      const response = await fetch(request);
      sent.push({ method, path: pathname, query: search, headers, status: response.status });
      inspect(`${method} ${pathname}${search}`, response, await response.clone().text());
      return response;
    }),
  );
  return { iam: new Iamv1alpha1.API(client), sent };
}

function withSession(request, token) {
  const authenticated = new Request(request);
  authenticated.headers.set('x-session-token', token);
  return authenticated;
}

/**
 * Sends what the SDK cannot. The path begins after `/iam/v1alpha1`, unless `prefix` says otherwise; a body that is no string is
 * sent as JSON. Gives `status`, `headers` and `body`.
 */
export async function raw(method, path, { token, headers = {}, body, type = 'application/json', prefix = '/iam/v1alpha1', url = server.url } = {}) {
  const response = await fetch(url + prefix + path, {
    method,
    headers: {
      ...(token ? { 'x-auth-token': token } : {}),
      ...(body === undefined ? {} : { 'content-type': type }),
      ...headers,
    },
    body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
  });
  const text = await response.text();
  inspect(`${method} ${prefix}${path}`, response, text);
  return { status: response.status, headers: response.headers, body: parse(text) };
}

/** Calls the native API below `/v1`, and insists on a status. */
export const native = (method, path, options) => callNative(server, method, path, options);

/** What the contract wants of each type of error (section 5): its status, and tests of the members that it must have. */
const text = (value) => typeof value === 'string';
const number = (value) => Number.isInteger(value);
const details = (members) => (list) =>
  Array.isArray(list) && list.length > 0 && list.every((d) => Object.entries(members).every(([name, is]) => is(d[name])));
const oneOf = (...words) => (value) => words.includes(value);

const types = {
  invalid_arguments: [400, { details: details({ argument_name: text, help_message: text, reason: oneOf('unknown', 'required', 'format', 'constraint') }) }],
  denied_authentication: [401, { method: oneOf('api_key', 'jwt'), reason: oneOf('invalid_argument', 'not_found', 'expired') }],
  permissions_denied: [403, { details: details({ resource: text, action: oneOf('read', 'list', 'write', 'create', 'delete') }) }],
  quotas_exceeded: [403, { details: details({ resource: text, quota: number, current: number }) }],
  not_found: [404, { resource: text, resource_id: text }],
  already_exists: [409, { resource: text, resource_id: text, help_message: text }],
  precondition_failed: [412, { precondition: text, help_message: text }],
  too_many_requests: [429, { help_message: text }],
};

/** Notes what is wrong with an answer, whatever it is about. */
function inspect(what, response, content) {
  const { status } = response;
  const told = (problem) => wrong.push(`${what} → ${status}: ${problem}; the body is ${content.slice(0, 300) || 'empty'}`);
  const type = response.headers.get('content-type');
  if (type !== 'application/json') {
    told(`the content type is ${type}`);
  }
  if (!response.headers.get('x-request-id')) {
    told('there is no X-Request-Id');
  }
  if (response.headers.get('x-content-type-options') !== 'nosniff') {
    told('X-Content-Type-Options is not nosniff');
  }
  if (status === 204) {
    return content === '' ? undefined : told('the body is not empty');
  }
  const body = parse(content);
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    return told('the body is no JSON object');
  }
  if (response.ok) {
    inspectSuccess(status, body, told);
  } else {
    inspectFailure(status, body, told);
  }
}

function inspectSuccess(status, body, told) {
  if (status !== 200) {
    told('every success with a body is 200');
  }
  for (const [path, value] of leaves(body)) {
    const name = path.split('.').at(-1);
    if (/^(created|updated)_at$/.test(name) && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value)) {
      told(`"${path}" is no time with six digits in UTC`);
    }
    if (/^(expires|last_login)_at$/.test(name) && value !== null && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?Z$/.test(value)) {
      told(`"${path}" is no time in UTC`);
    }
    if (value === null && !/^(secret_key|expires_at|last_login_at|categories|.*_duration)$/.test(name)) {
      told(`"${path}" is null`);
    }
  }
  if ('total_count' in body) {
    const lists = Object.values(body).filter(Array.isArray);
    if (lists.length !== 1 || !Number.isInteger(body.total_count) || body.total_count < lists[0].length) {
      told('"total_count" does not fit');
    }
  }
}

/** The members of a body that are no objects, with their paths. */
function* leaves(value, path = '') {
  if (value === null || typeof value !== 'object') {
    yield [path, value];
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    yield* leaves(member, path === '' ? name : `${path}.${name}`);
  }
}

function inspectFailure(status, body, told) {
  if (typeof body.message !== 'string' || body.message === '') {
    told('there is no message');
  }
  const type = types[body.type];
  if (body.type === undefined && (status === 404 || status === 405)) {
    return; // of a path or method that is not there
  }
  if (type === undefined) {
    return told('the type is unknown');
  }
  if (type[0] !== status) {
    told(`the status of this type is ${type[0]}`);
  }
  for (const [name, is] of Object.entries(type[1])) {
    if (!is(body[name])) {
      told(`"${name}" is missing or wrong`);
    }
  }
}
