// One state and one engine: what is written here holds in the native API, and the other way round.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hex, newAccount, uuid } from '../harness/account.mjs';
import { all, isID, refused } from '../harness/expect.mjs';
import { connect, native } from '../harness/wire.mjs';

const statements = {
  version: '2024-01-01',
  statements: [{ sid: 'Reports', effect: 'allow', actions: ['s3:GetObject'], resources: ['reports/*'] }],
};

/** Insists that a client reads everything and writes nothing, here and in the native API. */
async function readsAndCannotWrite(a, token) {
  const { cf } = connect({ token });
  const { in: here } = a;
  const [group, place] = [await a.group(), await a.zones('1'.repeat(32))];
  const member = await a.member();
  const connector = await a.cf.iam.sso.create({ ...here, email_domain: `r${group.id}.example.test`, begin_verification: false });
  await a.cf.iam.userGroups.members.create(group.id, { ...here, members: [{ id: member.id }] });

  assert.ok((await all(cf.iam.permissionGroups.list(here))).length > 20);
  assert.equal((await cf.iam.resourceGroups.get(place.id, here)).id, place.id);
  assert.ok((await all(cf.iam.resourceGroups.list(here))).some((g) => g.id === place.id));
  assert.equal((await cf.iam.userGroups.get(group.id, here)).id, group.id);
  assert.ok((await all(cf.iam.userGroups.list(here))).some((g) => g.id === group.id));
  assert.deepEqual((await all(cf.iam.userGroups.members.list(group.id, here))).map((m) => m.id), [member.id]);
  assert.equal((await cf.iam.userGroups.members.get(member.id, { ...here, user_group_id: group.id })).id, member.id);
  assert.equal((await cf.iam.sso.get(connector.id, here)).id, connector.id);
  assert.equal((await cf.accounts.members.get(member.id, here)).id, member.id);
  await all(cf.accounts.roles.list(here));
  await all(cf.accounts.tokens.list(here));

  const scope = { key: a.key, objects: [{ key: '*' }] };
  const one = { ...here, user_group_id: group.id };
  for (const write of [
    () => cf.iam.resourceGroups.create({ ...here, name: 'mine', scope }),
    () => cf.iam.resourceGroups.update(place.id, { ...here, name: 'mine' }),
    () => cf.iam.resourceGroups.delete(place.id, here),
    () => cf.iam.userGroups.create({ ...here, name: 'mine' }),
    () => cf.iam.userGroups.update(group.id, { ...here, name: 'mine' }),
    () => cf.iam.userGroups.update(group.id, { ...here, policies: [] }),
    () => cf.iam.userGroups.delete(group.id, here),
    () => cf.iam.userGroups.members.create(group.id, { ...here, members: [{ id: a.owner.id }] }),
    () => cf.iam.userGroups.members.update(group.id, { ...here, members: [] }),
    () => cf.iam.userGroups.members.delete(member.id, one),
    () => cf.iam.sso.create({ ...here, email_domain: 'mine.example.test' }),
    () => cf.iam.sso.update(connector.id, { ...here, enabled: false }),
    () => cf.iam.sso.delete(connector.id, here),
    () => cf.iam.sso.beginVerification(connector.id, here),
    () => cf.accounts.members.create({ ...here, email: 'mine@people.example', policies: [] }),
    () => cf.accounts.members.update(member.id, { ...here, policies: [] }),
    () => cf.accounts.members.delete(member.id, here),
    () => cf.accounts.tokens.create({ ...here, name: 'mine', policies: [] }),
  ]) {
    await refused(write(), 403, 10000);
  }
  assert.deepEqual(await a.cf.iam.userGroups.get(group.id, here), group);

  const seen = await native('GET', '/iam/groups?limit=100', { token, status: 200 });
  assert.ok(seen.groups.some((g) => g.id === uuid(group.id)));
  await native('POST', '/iam/groups', { token, body: { name: 'mine' }, status: 403 });
}

test('Administrator Read Only, by a policy of the member: reads everything, writes nothing', async () => {
  const a = await newAccount();
  const member = await a.member({ policies: [await a.policy('admin_readonly')] });
  await readsAndCannotWrite(a, await a.secret(member));
});

test('Administrator Read Only, by a role of the member', async () => {
  const a = await newAccount();
  const member = await a.member();
  const role = await a.role('admin_readonly');
  await a.cf.accounts.members.update(member.id, { ...a.in, roles: [{ id: role.id }] });
  await readsAndCannotWrite(a, await a.secret(member));
});

test('Administrator Read Only, by a user group: reads everything, writes nothing, until they leave it', async () => {
  const a = await newAccount();
  const member = await a.member();
  const token = await a.secret(member);
  const { cf } = connect({ token });
  await refused(cf.iam.userGroups.list(a.in), 403, 10000);
  await native('GET', '/iam/groups', { token, status: 403 });

  const group = await a.group('readers', [await a.policy('admin_readonly')]);
  await a.cf.iam.userGroups.members.create(group.id, { ...a.in, members: [{ id: member.id }] });
  await readsAndCannotWrite(a, token);

  await a.cf.iam.userGroups.members.delete(member.id, { ...a.in, user_group_id: group.id });
  await refused(cf.iam.userGroups.list(a.in), 403, 10000);
  await native('GET', '/iam/groups', { token, status: 403 });
});

test('rights are the union of member and groups, and a deny of either wins', async () => {
  const a = await newAccount();
  const member = await a.member({ policies: [await a.policy('super_admin')] });
  const { cf } = await a.as(member);
  const made = await cf.iam.userGroups.create({ ...a.in, name: 'while I may' });
  const group = await a.group('denied', [await a.policy('admin_readonly', { access: 'deny' })]);
  await a.cf.iam.userGroups.members.update(group.id, { ...a.in, members: [{ id: member.id }] });
  await refused(cf.iam.userGroups.get(made.id, a.in), 403, 10000);
  await a.cf.iam.userGroups.update(group.id, { ...a.in, policies: [] });
  assert.equal((await cf.iam.userGroups.get(made.id, a.in)).id, made.id);
});

test('a role on a zone is nothing for the account', async () => {
  const a = await newAccount();
  const place = await a.zones('2'.repeat(32));
  const member = await a.member({ policies: [await a.policy('domain_admin', { on: place })] });
  const token = await a.secret(member);
  await refused(connect({ token }).cf.iam.userGroups.list(a.in), 403, 10000);
  for (const [zone, allowed] of [['2', true], ['3', false]]) {
    const { allowed: got } = await a.native('POST', '/iam/authorize', {
      body: { principal: `crn::iam:user:${uuid(member.id)}`, action: 'dns:GetRecord', resource: `crn::zones:zone:${zone.repeat(32)}` },
      status: 200,
    });
    assert.equal(got, allowed, `zone ${zone}`);
  }
});

test('a group is one group in both APIs', async () => {
  const a = await newAccount();
  const { group } = await a.native('POST', '/iam/groups', { body: { name: 'native' }, status: 201 });
  const seen = await a.cf.iam.userGroups.get(hex(group.id), a.in);
  assert.deepEqual([seen.name, 'policies' in seen], ['native', false]);

  await a.cf.iam.userGroups.update(seen.id, { ...a.in, name: 'renamed' });
  assert.equal((await a.native('GET', `/iam/groups/${group.id}`, { status: 200 })).group.name, 'renamed');

  await a.native('DELETE', `/iam/groups/${group.id}`, { status: 204 });
  await refused(a.cf.iam.userGroups.get(seen.id, a.in), 404, 404);
});

test('members of a group are the same in both APIs', async () => {
  const a = await newAccount();
  const [ann, ben, group] = [await a.member(), await a.member(), await a.group()];
  await a.native('POST', `/iam/users/${uuid(ann.id)}/groups`, { body: { group_id: uuid(group.id) }, status: 204 });
  assert.deepEqual((await all(a.cf.iam.userGroups.members.list(group.id, a.in))).map((m) => m.id), [ann.id]);
  await a.cf.iam.userGroups.members.update(group.id, { ...a.in, members: [{ id: ben.id }] });
  const { users } = await a.native('GET', `/iam/groups/${uuid(group.id)}/users`, { status: 200 });
  assert.deepEqual(users.map((u) => u.email), [ben.email]);
});

test('a replace never drops what this API cannot show', async () => {
  const a = await newAccount();
  const group = await a.group('both', [await a.policy('dns')]);
  const { policy } = await a.native('POST', '/iam/policies', { body: { name: 'statements', document: statements }, status: 201 });
  await a.native('POST', `/iam/groups/${uuid(group.id)}/policies`, { body: { policy_id: policy.id }, status: 204 });
  const attached = async () => (await a.native('GET', `/iam/groups/${uuid(group.id)}/policies`, { status: 200 })).policies;

  const shown = await a.cf.iam.userGroups.get(group.id, a.in);
  assert.deepEqual(shown.policies.map((p) => p.id), group.policies.map((p) => p.id), 'what cannot be said here is left out');

  const replaced = await a.cf.iam.userGroups.update(group.id, { ...a.in, policies: [await a.policy('billing')] });
  assert.equal(replaced.policies.length, 1);
  isID(replaced.policies[0].id);
  const after = await attached();
  assert.deepEqual(after.map((p) => p.language).sort(), ['cloudflare', 'statements']);
  assert.equal(after.find((p) => p.language === 'statements').id, policy.id);
  assert.equal(after.find((p) => p.language === 'cloudflare').id, uuid(replaced.policies[0].id), 'a policy has the same id in both');

  const emptied = await a.cf.iam.userGroups.update(group.id, { ...a.in, policies: [] });
  assert.ok(!('policies' in emptied));
  assert.deepEqual((await attached()).map((p) => p.id), [policy.id]);
});

test('a replace of a member\'s policies leaves what the native API attached', async () => {
  const a = await newAccount();
  const member = await a.member();
  const { policy } = await a.native('POST', '/iam/policies', { body: { name: 'direct', document: statements }, status: 201 });
  await a.native('POST', `/iam/users/${uuid(member.id)}/policies`, { body: { policy_id: policy.id }, status: 204 });
  await a.cf.accounts.members.update(member.id, { ...a.in, policies: [await a.policy('billing')] });
  const { policies } = await a.native('GET', `/iam/users/${uuid(member.id)}/policies`, { status: 200 });
  assert.deepEqual(policies.map((p) => p.language).sort(), ['cloudflare', 'statements']);
});

test('what is done here is in the audit log, with who did it', async () => {
  const a = await newAccount();
  await a.group('logged');
  const { audit_logs: entries } = await a.native('GET', '/audit-logs?action=iam.group.create&limit=1', { status: 200 });
  assert.deepEqual([entries[0].status, entries[0].actor_email, entries[0].resource_name], ['success', a.owner.email, 'logged']);
});
