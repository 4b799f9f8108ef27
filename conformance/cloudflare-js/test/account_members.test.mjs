// Account members and roles: operations 24 to 30 of the contract.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { newAccount, newPerson, unique } from '../harness/account.mjs';
import { all, byText, isID, malformedIDs, refused, refusedRaw, unknownID } from '../harness/expect.mjs';
import { connect, raw } from '../harness/wire.mjs';

const labels = (member) => member.policies.map((p) => p.permission_groups[0].meta.label);

test('the owner is the first member', async () => {
  const a = await newAccount();
  const [owner, ...others] = await all(a.cf.accounts.members.list(a.in));
  assert.deepEqual(others, []);
  assert.deepEqual([owner.id, owner.email, owner.status], [a.owner.id, a.owner.email, 'accepted']);
});

test('create with policies: a person of the installation is a member at once', async () => {
  const a = await newAccount();
  const person = await newPerson('Mira Okafor');
  const made = await a.cf.accounts.members.create({ ...a.in, email: person.email, policies: [await a.policy('admin_readonly')] });
  isID(made.id);
  assert.deepEqual([made.email, made.status], [person.email, 'accepted']);
  isID(made.user.id);
  assert.equal(made.user.email, person.email);
  assert.equal(made.user.two_factor_authentication_enabled ?? false, false);
  assert.deepEqual(labels(made), ['admin_readonly']);
  isID(made.policies[0].id);
  assert.deepEqual(made.policies[0].resource_groups[0].scope, { key: a.key, objects: [{ key: '*' }] });
  assert.deepEqual(await a.cf.accounts.members.get(made.id, a.in), made);
  assert.deepEqual((await all(a.cf.accounts.members.list(a.in)))[1], made);
});

test('create with roles: ids as strings', async () => {
  const a = await newAccount();
  const role = await a.role('admin_readonly');
  const person = await newPerson();
  const made = await a.cf.accounts.members.create({ ...a.in, email: person.email, roles: [role.id] });
  assert.equal(made.status, 'accepted');
  assert.deepEqual(made.roles.map((r) => [r.id, r.name]), [[role.id, role.name]]);
  assert.equal(typeof made.roles[0].description, 'string');
  assert.equal(typeof made.roles[0].permissions, 'object');
});

test('create: an address that nobody has is invited, and stays pending', async () => {
  const a = await newAccount();
  const role = await a.role('admin_readonly');
  const email = `${unique('stranger')}@people.example`;
  for (const status of [undefined, 'pending']) {
    const made = await a.cf.accounts.members.create({ ...a.in, email: `${status}-${email}`, roles: [role.id], ...(status ? { status } : {}) });
    isID(made.id);
    assert.deepEqual([made.email, made.status, made.user.email], [`${status}-${email}`, 'pending', `${status}-${email}`]);
    assert.deepEqual(made.roles.map((r) => r.id), [role.id]);
    assert.deepEqual(await a.cf.accounts.members.get(made.id, a.in), made);
    assert.deepEqual(await a.cf.accounts.members.delete(made.id, a.in), { id: made.id });
    await refused(a.cf.accounts.members.get(made.id, a.in), 404, 1003);
  }
  await refused(a.cf.accounts.members.create({ ...a.in, email, roles: [role.id], status: 'accepted' }), 400, 1001);
});

test('update: policies and roles are replaced, roles as objects', async () => {
  const a = await newAccount();
  const member = await a.member();
  const policies = await a.cf.accounts.members.update(member.id, {
    ...a.in,
    policies: [await a.policy('dns'), await a.policy('billing')],
  });
  assert.deepEqual(labels(policies), ['dns', 'billing']);

  const { id, name, description, permissions } = (await all(a.cf.accounts.roles.list(a.in))).find((r) => r.name === 'Administrator');
  const roles = await a.cf.accounts.members.update(member.id, { ...a.in, roles: [{ id, name, description, permissions }] });
  assert.deepEqual(roles.roles.map((r) => r.name), ['Administrator']);
  assert.deepEqual((await a.cf.accounts.members.get(member.id, a.in)).roles, roles.roles);
});

test('update: older clients send the whole member back', async () => {
  const a = await newAccount();
  const person = await newPerson();
  const [readonly, admin] = [await a.role('admin_readonly'), await a.role('admin')];
  const made = await a.cf.accounts.members.create({ ...a.in, email: person.email, roles: [readonly.id] });
  const { policies, ...rest } = made;
  const body = { ...rest, email: 'ignored@people.example', status: 'pending', roles: [{ id: admin.id }] };
  const { status, body: answer } = await raw('PUT', `/accounts/${a.id}/members/${made.id}`, { token: a.owner.token, body });
  assert.equal(status, 200, JSON.stringify(answer));
  assert.deepEqual([answer.result.email, answer.result.status], [person.email, 'accepted']);
  assert.deepEqual(answer.result.roles.map((r) => r.id), [admin.id]);
});

test('update: an empty object changes nothing', async () => {
  const a = await newAccount();
  const member = await a.member();
  assert.deepEqual(await a.cf.accounts.members.update(member.id, a.in), member);
});

test('update: policies of a member who is pending', async () => {
  const a = await newAccount();
  const cleo = await a.invite();
  const changed = await a.cf.accounts.members.update(cleo.id, { ...a.in, policies: [await a.policy('dns')] });
  assert.deepEqual([changed.id, changed.status, labels(changed)], [cleo.id, 'pending', ['dns']]);
});

test('policies that come by a group are not the member\'s', async () => {
  const a = await newAccount();
  const member = await a.member({ policies: [await a.policy('dns')] });
  const group = await a.group('group', [await a.policy('admin_readonly')]);
  await a.cf.iam.userGroups.members.create(group.id, { ...a.in, members: [{ id: member.id }] });
  assert.deepEqual(labels(await a.cf.accounts.members.get(member.id, a.in)), ['dns']);
});

test('delete removes a member, and their secrets with them', async () => {
  const a = await newAccount();
  const member = await a.member({ policies: [await a.policy('admin_readonly')] });
  const { cf } = await a.as(member);
  assert.equal((await cf.accounts.members.get(member.id, a.in)).id, member.id);
  assert.deepEqual(await a.cf.accounts.members.delete(member.id, a.in), { id: member.id });
  await refused(a.cf.accounts.members.get(member.id, a.in), 404, 1003);
  await refused(cf.accounts.members.get(member.id, a.in), 401, 10000);
});

test('the last Super Administrator stays', async () => {
  const a = await newAccount();
  await refused(a.cf.accounts.members.delete(a.owner.id, a.in), 400, 1001);
  assert.equal((await a.cf.accounts.members.get(a.owner.id, a.in)).status, 'accepted');
});

test('requests that are wrong', async () => {
  const [a, b] = [await newAccount(), await newAccount()];
  const [person, member, role, policy] = [await newPerson(), await a.member(), await a.role('dns'), await a.policy('dns')];
  const { email } = person;
  const theirs = await b.policy('dns');
  const cases = {
    'roles and policies': { email, roles: [role.id], policies: [policy] },
    'neither roles nor policies': { email },
    'unknown role': { email, roles: [unknownID] },
    'malformed role': { email, roles: ['abc'] },
    'already a member': { email: member.email, roles: [role.id] },
    'already a member, in capitals': { email: member.email.toUpperCase(), roles: [role.id] },
    'the owner': { email: a.owner.email, roles: [role.id] },
    'no address': { roles: [role.id] },
    'no address at all': { email: 'nobody', roles: [role.id] },
    'a long address': { email: `${'x'.repeat(80)}@people.example`, roles: [role.id] },
    'unknown status': { email, roles: [role.id], status: 'rejected' },
    'unknown permission group': { email, policies: [{ ...policy, permission_groups: [{ id: unknownID }] }] },
    "another account's resource group": { email, policies: [{ ...policy, resource_groups: theirs.resource_groups }] },
    'a policy without access': { email, policies: [{ ...policy, access: undefined }] },
    'roles as a string': { email, roles: role.id },
  };
  for (const [why, body] of Object.entries(cases)) {
    const answer = await raw('POST', `/accounts/${a.id}/members`, { token: a.owner.token, body });
    assert.deepEqual([answer.status, answer.body.errors?.[0]?.code], [400, 1001], `${why}: ${JSON.stringify(answer.body)}`);
  }
  const invited = await a.invite();
  await refused(a.cf.accounts.members.create({ ...a.in, email: invited.email, roles: [role.id] }), 400, 1001);

  await refused(a.cf.accounts.members.update(member.id, { ...a.in, roles: [{ id: role.id }], policies: [policy] }), 400, 1001);
  await refused(a.cf.accounts.members.update(member.id, { ...a.in, roles: [{ id: unknownID }] }), 400, 1001);
  assert.equal((await all(a.cf.accounts.members.list(a.in))).length, 3, 'nothing was stored');
  assert.deepEqual(await a.cf.accounts.members.get(member.id, a.in), member);
});

test('ids that nothing here has', async () => {
  const [a, b] = [await newAccount(), await newAccount()];
  const theirs = await b.member();
  for (const id of [unknownID, theirs.id]) {
    await refused(a.cf.accounts.members.get(id, a.in), 404, 1003);
    await refused(a.cf.accounts.members.update(id, { ...a.in, policies: [] }), 404, 1003);
    await refused(a.cf.accounts.members.delete(id, a.in), 404, 1003);
  }
  for (const id of malformedIDs) {
    await refused(a.cf.accounts.members.get(id, a.in), 404, 7003);
    await refused(a.cf.accounts.members.delete(id, a.in), 404, 7003);
  }
});

// An account with 24 accepted and 31 pending members beside its owner.
const crowd = {};

before(async () => {
  const a = (crowd.account = await newAccount());
  crowd.members = [await a.cf.accounts.members.get(a.owner.id, a.in)];
  const policies = [await a.policy('analytics')];
  for (let i = 0; i < 24; i++) {
    crowd.members.push(await a.member({ person: await newPerson(`Person ${String.fromCharCode(122 - i)}`), policies }));
  }
  for (let i = 0; i < 31; i++) {
    crowd.members.push(await a.invite());
  }
});

test('list: the auto-pager gets all, in the order in which they were made, and ends', async () => {
  const a = crowd.account;
  for (const [query, requests] of [[{}, 4], [{ per_page: 10 }, 7], [{ per_page: 50 }, 3]]) {
    const { cf, sent } = connect({ token: a.owner.token });
    const list = await all(cf.accounts.members.list({ ...a.in, ...query }));
    assert.deepEqual(list.map((m) => m.id).sort(), crowd.members.map((m) => m.id).sort());
    const accepted = (members) => members.filter((m) => m.status === 'accepted');
    assert.deepEqual(accepted(list), accepted(crowd.members));
    assert.equal(sent.length, requests, JSON.stringify(query));
  }
});

test('list: status', async () => {
  const a = crowd.account;
  for (const status of ['accepted', 'pending', 'rejected']) {
    const list = await all(a.cf.accounts.members.list({ ...a.in, status }));
    const want = crowd.members.filter((m) => m.status === status);
    assert.deepEqual(list.map((m) => m.id).sort(), want.map((m) => m.id).sort(), status);
  }
});

test('list: order and direction', async () => {
  const a = crowd.account;
  const keys = {
    'user.email': (m) => m.user.email,
    'user.first_name': (m) => m.user.first_name ?? '',
    'user.last_name': (m) => m.user.last_name ?? '',
    status: (m) => m.status,
  };
  for (const [order, key] of Object.entries(keys)) {
    for (const direction of ['asc', 'desc']) {
      const list = await all(a.cf.accounts.members.list({ ...a.in, order, direction, status: order === 'status' ? undefined : 'accepted' }));
      const got = list.map(key);
      const want = got.toSorted(byText);
      assert.deepEqual(got, direction === 'asc' ? want : want.reverse(), `${order} ${direction}`);
      assert.equal(list.length, order === 'status' ? 56 : 25);
    }
  }
});

test('roles: the account-scoped permission groups, under the same ids', async () => {
  const a = await newAccount();
  const groups = (await all(a.cf.iam.permissionGroups.list(a.in))).filter((g) => g.meta.scopes === 'com.cloudflare.api.account');
  const roles = await all(a.cf.accounts.roles.list(a.in));
  assert.deepEqual(roles.map((r) => [r.id, r.name]).sort(), groups.map((g) => [g.id, g.name]).sort());
  const kinds = ['analytics', 'billing', 'cache_purge', 'dns', 'dns_records', 'lb', 'logs', 'organization', 'ssl', 'waf', 'zone_settings', 'zones'];
  for (const role of roles) {
    assert.equal(typeof role.description, 'string');
    for (const [kind, grant] of Object.entries(role.permissions)) {
      assert.ok(kinds.includes(kind), `${role.name} has a permission ${kind}`);
      assert.deepEqual(Object.values(grant).filter((v) => typeof v !== 'boolean'), []);
    }
    assert.deepEqual(await a.cf.accounts.roles.get(role.id, a.in), role);
  }
});

test('roles: pages', async () => {
  const a = await newAccount();
  const whole = await all(a.cf.accounts.roles.list(a.in));
  const { cf, sent } = connect({ token: a.owner.token });
  assert.deepEqual(await all(cf.accounts.roles.list({ ...a.in, per_page: 5 })), whole);
  assert.equal(sent.length, Math.ceil(whole.length / 5) + 1);
});

test('roles: ids that are none, and zone roles are none', async () => {
  const a = await newAccount();
  await refused(a.cf.accounts.roles.get(unknownID, a.in), 404);
  await refused(a.cf.accounts.roles.get((await a.role('domain_dns')).id, a.in), 404);
  for (const id of malformedIDs) {
    await refused(a.cf.accounts.roles.get(id, a.in), 404, 7003);
  }
  refusedRaw(await raw('POST', `/accounts/${a.id}/roles`, { token: a.owner.token, body: {} }), 405, 7001);
});
