// Who calls: the key in X-Auth-Token, the session in X-Session-Token, and everything that is wrong with them (contract, sections 1 and 9).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createClient } from '@scaleway/sdk-client';
import { Iamv1alpha1 } from '@scaleway/sdk-iam';

import { firstOwner } from '../../js-harness/server.mjs';
import { answers, denied, refused, unknownID } from '../harness/expect.mjs';
import { newOrganization } from '../harness/organization.mjs';
import { server } from '../harness/server.mjs';
import { connect, raw } from '../harness/wire.mjs';

const { SCW_API_URL, SCW_ACCESS_KEY, SCW_SECRET_KEY, SCW_DEFAULT_ORGANIZATION_ID, SCW_DEFAULT_PROJECT_ID } = server.env;

test("the env file: its variables are enough, with the owner's rights", async () => {
  assert.equal(SCW_API_URL, server.url);
  assert.equal(SCW_DEFAULT_ORGANIZATION_ID, server.env.WRIT_ORGANIZATION_ID);
  assert.equal(SCW_DEFAULT_PROJECT_ID, SCW_DEFAULT_ORGANIZATION_ID);
  const client = createClient({
    apiURL: SCW_API_URL,
    accessKey: SCW_ACCESS_KEY,
    secretKey: SCW_SECRET_KEY,
    defaultOrganizationId: SCW_DEFAULT_ORGANIZATION_ID,
    defaultProjectId: SCW_DEFAULT_PROJECT_ID,
  });
  const iam = new Iamv1alpha1.API(client);
  const group = await iam.createGroup({ name: 'by the env file', description: '' });
  assert.deepEqual((await iam.listGroups()).groups, [group]);
  await iam.deleteGroup({ groupId: group.id });
  const { userId } = await iam.getAPIKey({ accessKey: SCW_ACCESS_KEY });
  assert.equal((await iam.getUser({ userId })).email, firstOwner.email);
});

test('no key, and keys that cannot be right', async () => {
  const o = await newOrganization();
  const none = connect({ organization: o.id }).iam;
  await refused(none.listGroups(), 'DeniedAuthenticationError', { method: 'api_key', reason: 'invalid_argument' });
  for (const headers of [{}, { 'x-auth-token': '' }, { 'x-auth-token': 'abc' }, { 'x-auth-token': o.key.accessKey }, { authorization: `Bearer ${o.key.secretKey}` }]) {
    answers(await raw('GET', '/groups', { headers }), 401, { type: 'denied_authentication', method: 'api_key', reason: 'invalid_argument' });
  }
  const { iam } = o.as({ accessKey: o.key.accessKey, secretKey: unknownID });
  await refused(iam.listGroups(), 'DeniedAuthenticationError', { method: 'api_key', reason: 'not_found' });
  await refused(iam.createGroup({ name: 'x', description: '' }), 'DeniedAuthenticationError');
  await refused(iam.getGroup({ groupId: unknownID }), 'DeniedAuthenticationError');
});

test('sessions that are none', async () => {
  const o = await newOrganization();
  for (const [token, reason] of [['abc', 'invalid_argument'], ['a.b.c', 'not_found']]) {
    const { iam } = connect({ session: token, organization: o.id });
    await refused(iam.listGroups(), 'DeniedAuthenticationError', { method: 'jwt', reason });
  }
});

test('who is nobody learns nothing about paths', async () => {
  const o = await newOrganization();
  const { id } = await o.group();
  for (const path of [`/groups/${id}`, `/groups/${unknownID}`, '/groups/abc', '/groups?page=0', '/quota', `/organizations/${unknownID}`]) {
    answers(await raw('GET', path), 401, { type: 'denied_authentication' });
  }
});

test('who may not, learns nothing about what there is', async () => {
  const o = await newOrganization();
  const { id } = await o.group();
  const { iam, key } = await o.actor();
  const there = await denied(iam.getGroup({ groupId: id }), 'read', 'group');
  const absent = await denied(iam.getGroup({ groupId: unknownID }), 'read', 'group');
  assert.deepEqual(there.body, absent.body);
  answers(await raw('POST', '/groups', { token: key.secretKey, body: 'not json' }), 403, { type: 'permissions_denied' });
});

test('a foreign organization and one that is not there answer the same', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const ask = (organizationId) => refused(o.iam.listGroups({ organizationId }), 'PermissionsDeniedError');
  assert.deepEqual((await ask(other.id)).body, (await ask(unknownID)).body);
});

test('every credential of writ is a key, whatever its form', async () => {
  const o = await newOrganization();
  answers(await raw('GET', '/groups', { token: o.owner.token }), 200, { total_count: 0 });
  answers(await raw('GET', '/groups', { token: server.env.WRIT_TOKEN }), 200, { total_count: 0 });
});
