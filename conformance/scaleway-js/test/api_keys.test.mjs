// API keys (contract, sections 4.1, 6 and 9).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answers, answersInvalid, denied, eventually, invalid, isRecent, missing, refused, unknownID } from '../harness/expect.mjs';
import { newOrganization, unique } from '../harness/organization.mjs';

const nobodys = 'SCW00000000000000000';
const hour = 3_600_000;

test('the whole life of a key', async () => {
  const o = await newOrganization();
  const { id: applicationId } = await o.application();
  const expiresAt = new Date(Date.now() + hour);
  const made = await o.iam.createAPIKey({ applicationId, description: 'nightly backup', expiresAt });
  assert.match(made.accessKey, /^SCW[0-9A-HJKMNP-TV-Z]{17}$/);
  assert.match(made.secretKey, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  isRecent(made.createdAt);
  isRecent(made.updatedAt);
  assert.deepEqual(made, {
    accessKey: made.accessKey,
    secretKey: made.secretKey,
    applicationId,
    userId: undefined,
    description: 'nightly backup',
    createdAt: made.createdAt,
    updatedAt: made.updatedAt,
    expiresAt,
    defaultProjectId: o.id,
    editable: true,
    deletable: true,
    managed: false,
    creationIp: '127.0.0.1',
  });
  const { accessKey } = made;
  const shown = { ...made, secretKey: null };
  assert.deepEqual(await o.iam.getAPIKey({ accessKey }), shown);

  const changed = await o.iam.updateAPIKey({ accessKey, description: 'weekly' });
  assert.ok(changed.updatedAt > made.updatedAt);
  assert.deepEqual(changed, { ...shown, description: 'weekly', updatedAt: changed.updatedAt });
  assert.deepEqual(await o.iam.getAPIKey({ accessKey }), changed);

  assert.equal(await o.iam.deleteAPIKey({ accessKey }), undefined);
  await missing(o.iam.getAPIKey({ accessKey }), 'access_key', accessKey);
  await missing(o.iam.deleteAPIKey({ accessKey }), 'access_key', accessKey);
});

test('a secret is shown once', async () => {
  const o = await newOrganization();
  const answer = await o.raw('POST', '/api-keys', { body: { user_id: o.owner.id, description: '' } });
  answers(answer, 200);
  const { access_key: key } = answer.body;
  const name = Object.keys(answer.body).filter((member) => member.endsWith('_id'));
  assert.deepEqual(name.sort(), ['default_project_id', 'user_id'], 'the other bearer is left out');
  answers(await o.raw('GET', `/api-keys/${key}`), 200, { secret_key: null, expires_at: null });
  answers(await o.raw('PATCH', `/api-keys/${key}`, { body: { description: 'x' } }), 200, { secret_key: null });
  const { body } = await o.raw('GET', '/api-keys');
  assert.ok(body.api_keys.length >= 2 && body.api_keys.every((k) => k.secret_key === null));
});

test('a key works at once, with the rights of its bearer, until it is deleted', async () => {
  const o = await newOrganization();
  const { application, iam, key } = await o.actor(o.rule('IAMReadOnly'));
  assert.deepEqual((await iam.listGroups()).groups, []);
  const second = await o.iam.createAPIKey({ applicationId: application.id, description: '' });
  assert.deepEqual((await o.as(second).iam.listGroups()).groups, []);
  await o.iam.deleteAPIKey({ accessKey: key.accessKey });
  await refused(iam.listGroups(), 'DeniedAuthenticationError', { method: 'api_key', reason: 'not_found' });
  assert.deepEqual((await o.as(second).iam.listGroups()).groups, []);
});

test('a caller may delete its own key', async () => {
  const o = await newOrganization();
  const { key, iam } = await o.actor(o.rule('IAMManager'));
  await iam.deleteAPIKey({ accessKey: key.accessKey });
  await refused(iam.listGroups(), 'DeniedAuthenticationError', { reason: 'not_found' });
});

test('whoever manages IAM makes keys for applications, and for no user', async () => {
  const o = await newOrganization();
  const { id: userId } = await o.member();
  const { application, iam } = await o.actor(o.rule('IAMManager'));
  for (const of of [o.owner.id, userId]) {
    await denied(iam.createAPIKey({ userId: of, description: '' }), 'create', 'api_key');
  }
  assert.equal((await iam.createAPIKey({ applicationId: application.id, description: '' })).applicationId, application.id);
  assert.equal((await o.iam.createAPIKey({ userId, description: '' })).userId, userId);
});

test('an expired key stays in lists, and authenticates nobody', async () => {
  const o = await newOrganization();
  const { id: applicationId } = await o.application();
  await o.policy({ applicationId }, [o.rule('IAMReadOnly')]);
  const key = await o.iam.createAPIKey({ applicationId, description: 'short', expiresAt: new Date(Date.now() + 3000) });
  const { iam } = o.as(key);
  assert.deepEqual((await o.iam.listAPIKeys({ expired: false, applicationId })).totalCount, 1);
  const error = await eventually('the key to expire', () => iam.listGroups().then(() => null, (e) => e), (e) => e !== null, 10);
  assert.deepEqual([error.name, error.reason], ['DeniedAuthenticationError', 'expired']);
  assert.equal((await o.iam.listAPIKeys({ expired: true })).apiKeys[0].accessKey, key.accessKey);
  assert.equal((await o.iam.listAPIKeys({ expired: false, applicationId })).totalCount, 0);
  assert.equal((await o.iam.getAPIKey({ accessKey: key.accessKey })).description, 'short');
});

test('an expiry can be set once', async () => {
  const o = await newOrganization();
  const { id: applicationId } = await o.application();
  const { accessKey, expiresAt: none } = await o.iam.createAPIKey({ applicationId, description: '' });
  assert.equal(none, undefined);
  const expiresAt = new Date(Date.now() + hour);
  assert.deepEqual((await o.iam.updateAPIKey({ accessKey, expiresAt })).expiresAt, expiresAt);
  await invalid(o.iam.updateAPIKey({ accessKey, expiresAt: new Date(Date.now() + 2 * hour) }), 'expires_at', 'constraint');
  assert.deepEqual((await o.iam.getAPIKey({ accessKey })).expiresAt, expiresAt);
  await invalid(o.iam.createAPIKey({ applicationId, description: '', expiresAt: new Date(Date.now() - hour) }), 'expires_at', 'constraint');
});

test('the digits of an expiry come back as they were given', async () => {
  const o = await newOrganization();
  for (const expires_at of ['2099-01-01T00:00:00Z', '2099-01-01T00:00:00.120Z', '2099-01-01T00:00:00.123456Z']) {
    answers(await o.raw('POST', '/api-keys', { body: { user_id: o.owner.id, expires_at } }), 200, { expires_at });
  }
  answersInvalid(await o.raw('POST', '/api-keys', { body: { user_id: o.owner.id, expires_at: 'tomorrow' } }), 'expires_at', 'format');
});

test('a preferred project', async () => {
  const o = await newOrganization();
  const { id: applicationId } = await o.application();
  const { id } = await o.project();
  const { accessKey, defaultProjectId } = await o.iam.createAPIKey({ applicationId, description: '', defaultProjectId: id });
  assert.equal(defaultProjectId, id);
  assert.equal((await o.iam.updateAPIKey({ accessKey, defaultProjectId: o.id })).defaultProjectId, o.id);
  await missing(o.iam.updateAPIKey({ accessKey, defaultProjectId: unknownID }), 'project', unknownID);
  await missing(o.iam.createAPIKey({ applicationId, description: '', defaultProjectId: unknownID }), 'project', unknownID);
  await invalid(o.iam.createAPIKey({ applicationId, description: '', defaultProjectId: 'abc' }), 'default_project_id', 'format');
});

test('bearers: none, both, and those that are not there', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const [{ id: applicationId }, theirs] = [await o.application(), await other.application()];
  await invalid(o.iam.createAPIKey({ description: '' }), 'bearer', 'required');
  const both = { user_id: o.owner.id, application_id: applicationId, description: '' };
  answersInvalid(await o.raw('POST', '/api-keys', { body: both }), 'bearer', 'constraint');
  await missing(o.iam.createAPIKey({ userId: unknownID, description: '' }), 'user', unknownID);
  for (const id of [unknownID, theirs.id]) {
    await missing(o.iam.createAPIKey({ applicationId: id, description: '' }), 'application', id);
  }
  await invalid(o.iam.createAPIKey({ applicationId: 'abc', description: '' }), 'application_id', 'format');
  await invalid(o.iam.createAPIKey({ applicationId, description: 'x'.repeat(201) }), 'description', 'constraint');
  answers(await o.raw('POST', '/api-keys', { body: { application_id: applicationId } }), 200, { description: '' });
});

test('lists: orders and filters', async () => {
  const o = await newOrganization();
  const [user, application] = [await o.member(), await o.application()];
  const make = (more) => o.iam.createAPIKey({ description: '', ...more });
  const late = await make({ applicationId: application.id, description: 'Backup, nightly', expiresAt: new Date(Date.now() + 2 * hour) });
  const soon = await make({ applicationId: application.id, description: 'deploy', expiresAt: new Date(Date.now() + hour) });
  const users = await make({ userId: user.id, description: 'BACKUP, weekly' });
  const all = [o.key, late, soon, users].map((k) => k.accessKey);
  const list = async (query) => (await o.iam.listAPIKeys(query).all()).map((k) => k.accessKey);

  assert.deepEqual(await list(), all);
  assert.deepEqual(await list({ orderBy: 'created_at_desc', pageSize: 2 }), all.toReversed());
  assert.deepEqual(await list({ orderBy: 'access_key_asc' }), all.toSorted());
  assert.deepEqual((await list({ orderBy: 'expires_at_asc' })).slice(0, 2), [soon.accessKey, late.accessKey]);
  await o.iam.updateAPIKey({ accessKey: late.accessKey, description: 'backup, hourly' });
  assert.equal((await list({ orderBy: 'updated_at_desc' }))[0], late.accessKey);

  assert.deepEqual(await list({ applicationId: application.id }), [late.accessKey, soon.accessKey]);
  assert.deepEqual(await list({ userId: user.id }), [users.accessKey]);
  assert.deepEqual(await list({ bearerId: user.id }), [users.accessKey]);
  assert.deepEqual(await list({ bearerId: unknownID }), []);
  assert.deepEqual(await list({ bearerType: 'user' }), [o.key.accessKey, users.accessKey]);
  assert.deepEqual(await list({ bearerType: 'application' }), [late.accessKey, soon.accessKey]);
  assert.deepEqual(await list({ bearerType: 'unknown_bearer_type' }), all);
  assert.deepEqual(await list({ accessKeys: [users.accessKey, soon.accessKey, nobodys] }), [soon.accessKey, users.accessKey]);
  assert.deepEqual(await list({ accessKey: soon.accessKey }), [soon.accessKey]);
  assert.deepEqual(await list({ description: 'backup' }), [late.accessKey, users.accessKey]);
  assert.deepEqual(await list({ editable: true }), all);
  assert.deepEqual(await list({ editable: false }), []);
  assert.deepEqual(await list({ bearerType: 'application', description: 'deploy' }), [soon.accessKey]);
});

test('keys that are not there, whatever their form', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  for (const accessKey of [nobodys, 'abc', unknownID, other.key.accessKey]) {
    await missing(o.iam.getAPIKey({ accessKey }), 'access_key', accessKey);
    await missing(o.iam.updateAPIKey({ accessKey, description: 'mine' }), 'access_key', accessKey);
    await missing(o.iam.deleteAPIKey({ accessKey }), 'access_key', accessKey);
  }
});

test('who may not; and for whom keys can be made', async () => {
  const o = await newOrganization();
  const [user, { id: applicationId }] = [await o.member(), await o.application()];
  const none = await o.actor(o.rule('IAMGroupManager'));
  await denied(none.iam.listAPIKeys(), 'list', 'api_key');
  await denied(none.iam.getAPIKey({ accessKey: o.key.accessKey }), 'read', 'api_key');
  await denied(none.iam.createAPIKey({ applicationId, description: '' }), 'create', 'api_key');
  await denied(none.iam.updateAPIKey({ accessKey: nobodys, description: '' }), 'write', 'api_key');
  await denied(none.iam.deleteAPIKey({ accessKey: nobodys }), 'delete', 'api_key');

  const manager = await o.actor(o.rule('IAMApplicationManager'));
  const made = await manager.iam.createAPIKey({ applicationId, description: unique('key') });
  await denied(manager.iam.createAPIKey({ userId: user.id, description: '' }), 'create', 'api_key');
  assert.equal((await manager.iam.getAPIKey({ accessKey: made.accessKey })).applicationId, applicationId);
  assert.ok((await manager.iam.listAPIKeys()).apiKeys.every((k) => k.applicationId), "users' keys are not shown");
});

test("a maximum of the organization's security settings", async () => {
  const o = await newOrganization();
  const { id: applicationId } = await o.application();
  await o.iam.updateOrganizationSecuritySettings({ maxApiKeyExpirationDuration: '86400s' });
  await invalid(o.iam.createAPIKey({ applicationId, description: '' }), 'expires_at', 'constraint');
  await invalid(o.iam.createAPIKey({ applicationId, description: '', expiresAt: new Date(Date.now() + 25 * hour) }), 'expires_at', 'constraint');
  const { accessKey } = await o.iam.createAPIKey({ applicationId, description: '', expiresAt: new Date(Date.now() + 23 * hour) });
  assert.notEqual(accessKey, '');
  await o.iam.updateOrganizationSecuritySettings({ maxApiKeyExpirationDuration: '0s' });
  assert.equal((await o.iam.createAPIKey({ applicationId, description: '' })).expiresAt, undefined);
});

test('keys of other forms are seen here as well, and ours in the native API', async () => {
  const o = await newOrganization();
  const { id } = await o.application();
  const { credential, secret_access_key: secret } = await o.native('POST', `/iam/service-accounts/${id}/credentials`, { body: { name: 'elsewhere' }, status: 201 });
  const seen = await o.iam.getAPIKey({ accessKey: credential.access_key_id });
  assert.deepEqual([seen.applicationId, seen.description], [id, 'elsewhere']);
  answers(await o.raw('GET', '/groups', { token: secret }), 403, { type: 'permissions_denied' });

  const { accessKey } = await o.iam.createAPIKey({ applicationId: id, description: 'from here' });
  const { credentials } = await o.native('GET', `/iam/service-accounts/${id}/credentials`, { status: 200 });
  assert.ok(credentials.some((c) => c.access_key_id === accessKey));
});
