// Organizations and what is in them. Every test works in an organization of its own, made through the native platform API, so
// that no test sees what another does.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import { makeOrganization, makePerson, unique } from '../../js-harness/native.mjs';
import { server } from './server.mjs';
import { connect, native, raw } from './wire.mjs';

export { unique };

/** Makes an organization whose owner is somebody new, and has a key. */
export async function newOrganization() {
  const { id, owner } = await makeOrganization(server, 'Organization');
  const body = { user_id: owner.id, description: 'of the tests' };
  const { status, body: key } = await raw('POST', '/api-keys', { token: owner.token, body });
  assert.equal(status, 200, `the owner's key: ${JSON.stringify(key)}`);
  return new Organization(id, owner, { accessKey: key.access_key, secretKey: key.secret_key });
}

/** Makes a person of the installation, who is in no organization yet. */
export const newPerson = (name, email) => makePerson(server, name, email);

/** Makes a public SSH key. Nobody has its private one. */
export function publicKey(comment = '') {
  const part = (bytes) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const blob = Buffer.concat([part(Buffer.from('ssh-ed25519')), part(randomBytes(32))]);
  return `ssh-ed25519 ${blob.toString('base64')} ${comment}`.trim();
}

class Organization {
  constructor(id, owner, key) {
    this.id = id;
    this.owner = owner;
    this.key = key;
    Object.assign(this, connect({ key, organization: id }));
  }

  /** Sends what the SDK cannot, as the owner. */
  raw(method, path, options) {
    return raw(method, path, { token: this.key.secretKey, ...options });
  }

  /** Calls the native API as the owner. */
  native(method, path, options) {
    return native(method, path, { token: this.owner.token, ...options });
  }

  /** Sets a quota, as the operator does. */
  quota(name, limit) {
    const token = server.env.WRIT_OPERATOR_TOKEN;
    return native('PUT', `/organizations/${this.id}/quotas/${name}`, { token, body: { limit }, status: 200 });
  }

  /** A client with the key of another bearer, or with no key at all. */
  as(key) {
    return connect({ key, organization: this.id });
  }

  application(name = unique('application'), more = {}) {
    return this.iam.createApplication({ name, description: '', ...more });
  }

  group(name = unique('group'), more = {}) {
    return this.iam.createGroup({ name, description: '', ...more });
  }

  /** Makes a project, which the vendor has in its account API. */
  async project(name = unique('project')) {
    const { status, body } = await this.raw('POST', '/projects', { prefix: '/account/v3', body: { name, organization_id: this.id } });
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  }

  /** Makes a member: a user who belongs to this organization alone. */
  member(username = unique('member'), more = {}) {
    return this.iam.createUser({
      member: {
        email: `${username}@members.example`,
        sendPasswordEmail: false,
        sendWelcomeEmail: false,
        username,
        password: 'Correct-Horse-7',
        firstName: '',
        lastName: '',
        phoneNumber: '',
        locale: '',
        ...more,
      },
    });
  }

  /** A rule on the whole organization. */
  rule(...permissionSetNames) {
    return { permissionSetNames, condition: '', organizationId: this.id };
  }

  /** Makes a policy. Its principal is one of userId, groupId, applicationId and noPrincipal. */
  policy(principal, rules = [], more = {}) {
    return this.iam.createPolicy({ name: unique('policy'), description: '', rules, ...principal, ...more });
  }

  /** Makes an application that may do what the rules say. Gives it, the policy, its key and a client with it. */
  async actor(...rules) {
    const application = await this.application();
    const policy = await this.policy({ applicationId: application.id }, rules);
    const key = await this.iam.createAPIKey({ applicationId: application.id, description: '' });
    return { application, policy, key, ...this.as(key) };
  }
}
