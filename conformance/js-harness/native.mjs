// The native API, for what a vendor's cannot make: organizations and people.

import assert from 'node:assert/strict';

let made = 0;

/** Numbers names and addresses, which are unique in an installation. */
export const unique = (name) => `${name}-${++made}`;

/** Calls the native API of a server below `/v1`, with a token or as nobody, and insists on a status. */
export async function callNative(server, method, path, { token, body, status }) {
  const response = await fetch(`${server.url}/v1${path}`, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  assert.equal(response.status, status, `native ${method} ${path} answered ${response.status} ${text}`);
  return parse(text);
}

/** Makes an organization whose owner is somebody new: `id`, and of the `owner` the id, the address and a token. */
export async function makeOrganization(server, name) {
  const email = `${unique('owner')}@conformance.example`;
  const { organization, token } = await callNative(server, 'POST', '/organizations', {
    token: server.env.WRIT_OPERATOR_TOKEN,
    body: { name: unique(name), owner_email: email, owner_name: 'Olga Owner' },
    status: 201,
  });
  return { id: organization.id, owner: { id: organization.owner_id, email, token } };
}

/** Makes a person of the installation, who is in no organization yet. */
export async function makePerson(server, name = 'Mira Okafor', email = `${unique('person')}@people.example`) {
  const token = server.env.WRIT_OPERATOR_TOKEN;
  await callNative(server, 'POST', '/people', { token, body: { email, name }, status: 201 });
  return { email, name };
}

/** Reads JSON; undefined if it is none. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
