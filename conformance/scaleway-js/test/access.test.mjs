// What keys may do: permission sets, and conditions on the address, the clock, the client and the resource (contract, section 7).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { denied, eventually, refused, unknownID } from '../harness/expect.mjs';
import { newOrganization, publicKey, unique } from '../harness/organization.mjs';

test("an application's key with IAMReadOnly lists and reads everything, and writes nothing", async () => {
  const o = await newOrganization();
  const { application, policy, key, iam } = await o.actor(o.rule('IAMReadOnly'));
  const [user, group] = [await o.member(), await o.group()];
  await o.iam.addGroupMember({ groupId: group.id, userId: user.id });
  const [userId, groupId, applicationId, policyId] = [user.id, group.id, application.id, policy.id];
  const { accessKey } = key;

  for (const read of [
    (api) => api.listUsers(),
    (api) => api.listApplications(),
    (api) => api.listGroups(),
    (api) => api.listPolicies(),
    (api) => api.listRules({ policyId }),
    (api) => api.listAPIKeys(),
    (api) => api.listPermissionSets(),
    (api) => api.getUser({ userId }),
    (api) => api.getApplication({ applicationId }),
    (api) => api.getGroup({ groupId }),
    (api) => api.getPolicy({ policyId }),
    (api) => api.getAPIKey({ accessKey }),
  ]) {
    assert.deepEqual(await read(iam), await read(o.iam), read.toString());
  }
  for (const [write, action, resource] of [
    [() => iam.createApplication({ name: 'mine', description: '' }), 'create', 'application'],
    [() => iam.updateApplication({ applicationId, name: 'mine' }), 'write', 'application'],
    [() => iam.deleteApplication({ applicationId }), 'delete', 'application'],
    [() => iam.createGroup({ name: 'mine', description: '' }), 'create', 'group'],
    [() => iam.updateGroup({ groupId, name: 'mine' }), 'write', 'group'],
    [() => iam.addGroupMember({ groupId, applicationId }), 'write', 'group'],
    [() => iam.addGroupMembers({ groupId, userIds: [], applicationIds: [applicationId] }), 'write', 'group'],
    [() => iam.setGroupMembers({ groupId, userIds: [], applicationIds: [] }), 'write', 'group'],
    [() => iam.removeGroupMember({ groupId, userId }), 'write', 'group'],
    [() => iam.deleteGroup({ groupId }), 'delete', 'group'],
    [() => iam.createPolicy({ name: 'mine', description: '', applicationId, rules: [o.rule('IAMManager')] }), 'create', 'policy'],
    [() => iam.updatePolicy({ policyId, name: 'mine' }), 'write', 'policy'],
    [() => iam.clonePolicy({ policyId }), 'create', 'policy'],
    [() => iam.setRules({ policyId, rules: [o.rule('IAMManager')] }), 'write', 'rule'],
    [() => iam.deletePolicy({ policyId }), 'delete', 'policy'],
    [() => iam.createUser({ email: 'mine@people.example' }), 'create', 'user'],
    [() => iam.updateUser({ userId, firstName: 'Mine' }), 'write', 'user'],
    [() => iam.updateUserUsername({ userId, username: 'mine' }), 'write', 'user'],
    [() => iam.lockUser({ userId }), 'write', 'user'],
    [() => iam.deleteUser({ userId }), 'delete', 'user'],
    [() => iam.createAPIKey({ userId, description: '' }), 'create', 'api_key'],
    [() => iam.updateAPIKey({ accessKey: o.key.accessKey, description: 'mine' }), 'write', 'api_key'],
    [() => iam.deleteAPIKey({ accessKey: o.key.accessKey }), 'delete', 'api_key'],
    [() => iam.updateOrganizationSecuritySettings({ loginAttemptsBeforeLocked: 50 }), 'write', 'organization'],
  ]) {
    await denied(write(), action, resource);
  }
  assert.deepEqual((await o.iam.getGroup({ groupId })).userIds, [userId]);
  assert.deepEqual(await o.iam.getPolicy({ policyId }), policy);
});

test('each manager manages its own, and rights add up', async () => {
  const o = await newOrganization();
  const calls = {
    group: (iam) => iam.createGroup({ name: unique('g'), description: '' }),
    application: (iam) => iam.createApplication({ name: unique('a'), description: '' }),
    policy: (iam) => iam.createPolicy({ name: unique('p'), description: '', noPrincipal: true }),
    user: (iam) => iam.createUser({ email: `${unique('u')}@people.example` }),
  };
  const sets = { group: 'IAMGroupManager', application: 'IAMApplicationManager', policy: 'IAMPolicyManager', user: 'IAMUserManager' };
  for (const [own, set] of Object.entries(sets)) {
    const { iam } = await o.actor(o.rule(set));
    for (const [resource, call] of Object.entries(calls)) {
      await (resource === own ? call(iam) : denied(call(iam), 'create', resource));
    }
  }
  const both = await o.actor(o.rule('IAMGroupManager'), o.rule('IAMApplicationManager'));
  await calls.group(both.iam);
  await calls.application(both.iam);
  const manager = await o.actor(o.rule('IAMManager'));
  for (const call of Object.values(calls)) {
    await call(manager.iam);
  }
});

test('a key without any policy may do nothing', async () => {
  const o = await newOrganization();
  const { iam } = await o.actor();
  await denied(iam.listGroups(), 'list', 'group');
  await denied(iam.getGroup({ groupId: unknownID }), 'read', 'group');
});

test('a condition that is not met, or has no value, grants nothing', async () => {
  const o = await newOrganization();
  const { policy, iam } = await o.actor();
  const set = (condition) => o.iam.setRules({ policyId: policy.id, rules: [{ ...o.rule('IAMReadOnly'), condition }] });
  for (const condition of ['', '1 == 1', "'writ' == 'writ' && !false", 'true || 1 / 0 == 1']) {
    await set(condition);
    assert.deepEqual((await iam.listGroups()).groups, [], condition);
  }
  for (const condition of ['1 == 2', 'false', '1 / 0 == 1', "resource.name == 'Ops'"]) {
    await set(condition);
    await denied(iam.listGroups(), 'list', 'group');
  }
});

test('a condition opens and closes with the address', async () => {
  const o = await newOrganization();
  const { policy, iam } = await o.actor();
  const set = (condition) => o.iam.setRules({ policyId: policy.id, rules: [{ ...o.rule('IAMReadOnly'), condition }] });
  for (const [condition, open] of [
    ['inIpRange(request.ip, "127.0.0.1/32")', true],
    ['inIpRange(request.ip, "198.51.100.0/24")', false],
    ['inIpRange(request.ip, "127.0.0.0/8")', true],
    ['!inIpRange(request.ip, "127.0.0.0/8")', false],
    ['inIpRange(request.ip, "127.0.0.2/32")', false],
    ['inIpRange(request.ip, "2001:db8::/32")', false],
    ['request.ip == "127.0.0.1"', true],
    ['request.ip.startsWith("198.")', false],
    ['inIpRange(request.ip, "198.51.100.0/24") || inIpRange(request.ip, "127.0.0.1/32")', true],
    ['inIpRange(request.ip, "not a range")', false],
  ]) {
    await set(condition);
    await (open ? iam.listGroups() : denied(iam.listGroups(), 'list', 'group'));
  }
});

test('a condition opens and closes with the clock', async () => {
  const o = await newOrganization();
  const { policy, iam } = await o.actor();
  const set = (condition) => o.iam.setRules({ policyId: policy.id, rules: [{ ...o.rule('IAMReadOnly'), condition }] });
  const at = (milliseconds) => `timestamp("${new Date(Date.now() + milliseconds).toISOString()}")`;
  const hour = 3_600_000;
  const year = new Date().getUTCFullYear();
  for (const [condition, open] of [
    [`request.time > ${at(-hour)} && request.time < ${at(hour)}`, true],
    [`request.time > ${at(hour)}`, false],
    [`request.time < ${at(-hour)}`, false],
    [`request.time.getFullYear() >= ${year} && request.time.getFullYear() <= ${year + 1}`, true],
    ['request.time.getFullYear() < 2020', false],
    ['request.time.getDayOfWeek("Europe/Paris") in [0, 1, 2, 3, 4, 5, 6]', true],
    ['request.time.getHours() > 24', false],
  ]) {
    await set(condition);
    await (open ? iam.listGroups() : denied(iam.listGroups(), 'list', 'group'));
  }

  const allowed = () => iam.listGroups().then(() => true, (error) => (error.name === 'PermissionsDeniedError' ? false : Promise.reject(error)));
  await set(`request.time >= ${at(3000)}`);
  assert.equal(await allowed(), false, 'it is not open yet');
  await eventually('the rule to open', allowed, (open) => open, 10);
  await set(`request.time < ${at(3000)}`);
  assert.equal(await allowed(), true, 'it is still open');
  await eventually('the rule to close', allowed, (open) => !open, 10);
});

test('a condition knows the client', async () => {
  const o = await newOrganization();
  const { policy, iam } = await o.actor();
  const set = (condition) => o.iam.setRules({ policyId: policy.id, rules: [{ ...o.rule('IAMReadOnly'), condition }] });
  await set('request.user_agent.startsWith("scaleway-sdk-js/")');
  await iam.listGroups();
  await set('request.user_agent == "terraform-test"');
  await denied(iam.listGroups(), 'list', 'group');
});

test('a condition knows the resource, of which a list has none', async () => {
  const o = await newOrganization();
  const { policy, iam } = await o.actor();
  const [one, two] = [await o.group(), await o.group()];
  const set = (condition) => o.iam.setRules({ policyId: policy.id, rules: [{ ...o.rule('IAMGroupManager'), condition }] });

  await set(`resource.id == "${one.id}"`);
  assert.deepEqual(await iam.getGroup({ groupId: one.id }), one);
  await denied(iam.getGroup({ groupId: two.id }), 'read', 'group');
  await denied(iam.listGroups(), 'list', 'group');

  await set(`resource.id == "${one.id}" || !has(resource.id)`);
  assert.deepEqual((await iam.listGroups()).groups, [one, two]);
  await denied(iam.deleteGroup({ groupId: two.id }), 'delete', 'group');

  await set(`resource.name == "${two.name}" && resource.locality == "global"`);
  assert.deepEqual(await iam.getGroup({ groupId: two.id }), two);
  await denied(iam.getGroup({ groupId: one.id }), 'read', 'group');
});

test('a rule on a project opens what is in that project, and no list over the organization', async () => {
  const o = await newOrganization();
  const [here, there] = await Promise.all(['here', 'there'].map((name) => o.project(name)));
  const keyIn = (project) => o.iam.createSSHKey({ name: unique('key'), publicKey: publicKey(), projectId: project.id });
  const [mine, theirs] = [await keyIn(here), await keyIn(there)];
  const { iam } = await o.actor({ permissionSetNames: ['SSHKeysReadOnly'], condition: '', projectIds: [here.id] });

  assert.deepEqual((await iam.listSSHKeys({ projectId: here.id })).sshKeys, [mine]);
  assert.deepEqual(await iam.getSSHKey({ sshKeyId: mine.id }), mine);
  await denied(iam.getSSHKey({ sshKeyId: theirs.id }), 'read', 'ssh_key');
  await denied(iam.listSSHKeys({ projectId: there.id }), 'list', 'ssh_key');
  await denied(iam.listSSHKeys(), 'list', 'ssh_key');
  await denied(iam.deleteSSHKey({ sshKeyId: mine.id }), 'delete', 'ssh_key');

  const all = await o.actor(o.rule('SSHKeysReadOnly'));
  assert.deepEqual((await all.iam.listSSHKeys()).sshKeys, [mine, theirs]);
});

test('a key works for its own organization alone', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  for (const call of [
    () => o.iam.listUsers({ organizationId: other.id }),
    () => o.iam.listApplications({ organizationId: other.id }),
    () => o.iam.listGroups({ organizationId: other.id }),
    () => o.iam.listPolicies({ organizationId: other.id }),
    () => o.iam.listAPIKeys({ organizationId: other.id }),
    () => o.iam.listSSHKeys({ organizationId: other.id }),
    () => o.iam.listLogs({ organizationId: other.id }),
    () => o.iam.listQuota({ organizationId: other.id }),
    () => o.iam.listPermissionSets({ organizationId: other.id }),
    () => o.iam.createGroup({ organizationId: other.id, name: 'mine', description: '' }),
    () => o.iam.createApplication({ organizationId: other.id, name: 'mine', description: '' }),
    () => o.iam.createPolicy({ organizationId: other.id, name: 'mine', description: '', noPrincipal: true }),
    () => o.iam.createUser({ organizationId: other.id, email: 'mine@people.example' }),
    () => o.iam.getOrganization({ organizationId: other.id }),
    () => o.iam.getOrganizationSecuritySettings({ organizationId: other.id }),
    () => o.iam.listGroups({ organizationId: unknownID }),
  ]) {
    await refused(call(), 'PermissionsDeniedError');
  }
  assert.deepEqual((await other.iam.listGroups()).groups, []);
});
