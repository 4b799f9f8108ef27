// Applications (contract, section 4.3).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answersInvalid, denied, invalid, isID, isRecent, malformedIDs, missing, refused, unknownID } from '../harness/expect.mjs';
import { newOrganization, unique } from '../harness/organization.mjs';

test('the whole life of an application', async () => {
  const o = await newOrganization();
  const made = await o.iam.createApplication({ name: 'ci', description: 'builds', tags: ['team=core', 'linux'] });
  isID(made.id);
  isRecent(made.createdAt);
  isRecent(made.updatedAt);
  assert.deepEqual(made, {
    id: made.id,
    name: 'ci',
    description: 'builds',
    createdAt: made.createdAt,
    updatedAt: made.updatedAt,
    organizationId: o.id,
    editable: true,
    deletable: true,
    managed: false,
    nbApiKeys: 0,
    tags: ['team=core', 'linux'],
  });
  assert.deepEqual(await o.iam.getApplication({ applicationId: made.id }), made);

  const renamed = await o.iam.updateApplication({ applicationId: made.id, name: 'deploy' });
  assert.ok(renamed.updatedAt > made.updatedAt, 'a change is noted');
  assert.deepEqual(renamed, { ...made, name: 'deploy', updatedAt: renamed.updatedAt });
  const described = await o.iam.updateApplication({ applicationId: made.id, description: '', tags: [] });
  assert.deepEqual(described, { ...renamed, description: '', tags: [], updatedAt: described.updatedAt });
  assert.deepEqual(await o.iam.getApplication({ applicationId: made.id }), described);

  assert.equal(await o.iam.deleteApplication({ applicationId: made.id }), undefined);
  await missing(o.iam.getApplication({ applicationId: made.id }), 'application', made.id);
  await missing(o.iam.deleteApplication({ applicationId: made.id }), 'application', made.id);
});

test('the SDK invents a name, and the organization is its default', async () => {
  const o = await newOrganization();
  const { name, organizationId } = await o.iam.createApplication({ description: '' });
  assert.match(name, /^app-/);
  assert.equal(organizationId, o.id);
});

test('names need not be unique, and can be given to another', async () => {
  const o = await newOrganization();
  const [first, second] = [await o.application('twin'), await o.application('twin')];
  assert.notEqual(first.id, second.id);
  assert.deepEqual([first.name, second.name], ['twin', 'twin']);
  const { applications } = await o.iam.listApplications({ name: 'twin' });
  assert.deepEqual(applications, [first, second]);

  await o.iam.updateApplication({ applicationId: first.id, name: 'elder' });
  assert.equal((await o.application('elder')).name, 'elder');
  assert.equal((await o.iam.listApplications({ name: 'elder' })).totalCount, 2);
});

test('an application counts its keys', async () => {
  const o = await newOrganization();
  const { id } = await o.application();
  const count = async () => (await o.iam.getApplication({ applicationId: id })).nbApiKeys;
  const key = await o.iam.createAPIKey({ applicationId: id, description: '' });
  await o.iam.createAPIKey({ applicationId: id, description: '' });
  assert.equal(await count(), 2);
  await o.iam.deleteAPIKey({ accessKey: key.accessKey });
  assert.equal(await count(), 1);
});

test('with an application go its keys and memberships, and its policies stay for nobody', async () => {
  const o = await newOrganization();
  const { application, policy, key, iam } = await o.actor(o.rule('IAMReadOnly'));
  const group = await o.group();
  await o.iam.addGroupMember({ groupId: group.id, applicationId: application.id });
  assert.equal((await iam.listGroups()).totalCount, 1);

  await o.iam.deleteApplication({ applicationId: application.id });
  await missing(o.iam.getAPIKey({ accessKey: key.accessKey }), 'access_key', key.accessKey);
  assert.deepEqual((await o.iam.getGroup({ groupId: group.id })).applicationIds, []);
  const orphaned = await o.iam.getPolicy({ policyId: policy.id });
  assert.deepEqual([orphaned.noPrincipal, orphaned.applicationId, orphaned.nbRules], [true, undefined, 1]);
  await refused(iam.listGroups(), 'DeniedAuthenticationError', { reason: 'not_found' });
});

test('what is wrong in a body is refused, and nothing is stored', async () => {
  const o = await newOrganization();
  const kept = await o.application('kept');
  const cases = [
    ['name', 'constraint', { name: 'x'.repeat(65) }],
    ['name', 'format', { name: 'slash/ed' }],
    ['description', 'constraint', { description: 'x'.repeat(201) }],
    ['tags[1]', 'format', { tags: ['fine', 'a:colon'] }],
    ['tags[0]', 'constraint', { tags: [''] }],
    ['tags[0]', 'constraint', { tags: ['x'.repeat(71)] }],
    ['tags[1]', 'constraint', { tags: ['twice', 'twice'] }],
    ['tags', 'constraint', { tags: Array.from({ length: 11 }, (_, i) => `tag${i}`) }],
  ];
  for (const [argument, reason, body] of cases) {
    await invalid(o.iam.createApplication({ name: 'new', description: '', ...body }), argument, reason);
    await invalid(o.iam.updateApplication({ applicationId: kept.id, ...body }), argument, reason);
  }
  answersInvalid(await o.raw('POST', '/applications', { body: { organization_id: o.id } }), 'name', 'required');
  assert.deepEqual((await o.iam.listApplications()).applications, [kept]);
});

test('everything that may be in a name, a description and tags', async () => {
  const o = await newOrganization();
  const body = { name: `A-z_0.9 (${'x'.repeat(54)})`, description: 'ü'.repeat(200), tags: ['a._-/=+@ 9', 'x'.repeat(70)] };
  assert.equal(body.name.length, 64);
  const made = await o.iam.createApplication(body);
  assert.deepEqual([made.name, made.description, made.tags], [body.name, body.description, body.tags]);
});

test('ids that nothing here has', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const theirs = await other.application();
  for (const applicationId of [unknownID, theirs.id]) {
    await missing(o.iam.getApplication({ applicationId }), 'application', applicationId);
    await missing(o.iam.updateApplication({ applicationId, name: 'mine' }), 'application', applicationId);
    await missing(o.iam.deleteApplication({ applicationId }), 'application', applicationId);
  }
  for (const applicationId of malformedIDs) {
    await invalid(o.iam.getApplication({ applicationId }), 'application_id', 'format');
    await invalid(o.iam.updateApplication({ applicationId, name: 'mine' }), 'application_id', 'format');
    await invalid(o.iam.deleteApplication({ applicationId }), 'application_id', 'format');
  }
  assert.deepEqual(await o.iam.getApplication({ applicationId: (await o.application()).id.toUpperCase() }).then((a) => a.organizationId), o.id);
  assert.equal((await other.iam.getApplication({ applicationId: theirs.id })).name, theirs.name);
});

test('who may not', async () => {
  const o = await newOrganization();
  const { id } = await o.application();
  const { iam } = await o.actor(o.rule('IAMGroupManager'));
  await denied(iam.listApplications(), 'list', 'application');
  await denied(iam.createApplication({ name: unique('mine'), description: '' }), 'create', 'application');
  for (const applicationId of [id, unknownID]) {
    await denied(iam.getApplication({ applicationId }), 'read', 'application');
    await denied(iam.updateApplication({ applicationId, name: 'mine' }), 'write', 'application');
    await denied(iam.deleteApplication({ applicationId }), 'delete', 'application');
  }
});
