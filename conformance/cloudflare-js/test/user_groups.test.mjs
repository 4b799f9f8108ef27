// User groups and their policies: operations 8 to 12 of the contract.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { newAccount } from '../harness/account.mjs';
import { all, isID, isRecent, malformedIDs, refused, refusedRaw, unknownID } from '../harness/expect.mjs';
import { connect, raw } from '../harness/wire.mjs';

test('create, get, rename, delete a group without policies', async () => {
  const a = await newAccount();
  const made = await a.cf.iam.userGroups.create({ ...a.in, name: 'Eng & Ops' });
  isID(made.id);
  isRecent(made.created_on);
  isRecent(made.modified_on);
  assert.equal(made.name, 'Eng & Ops');
  assert.ok(!('policies' in made), 'a group without policies has no member "policies"');
  assert.deepEqual(await a.cf.iam.userGroups.get(made.id, a.in), made);

  const renamed = await a.cf.iam.userGroups.update(made.id, { ...a.in, name: 'Eng' });
  assert.equal(renamed.name, 'Eng');
  assert.equal(renamed.created_on, made.created_on);
  assert.ok(Date.parse(renamed.modified_on) >= Date.parse(made.modified_on));

  assert.deepEqual(await a.cf.iam.userGroups.delete(made.id, a.in), { id: made.id });
  await refused(a.cf.iam.userGroups.get(made.id, a.in), 404, 404);
  await refused(a.cf.iam.userGroups.delete(made.id, a.in), 404, 404);
});

test('policies are expanded from the catalogue and the resource groups', async () => {
  const a = await newAccount();
  const [role, place] = [await a.role('admin_readonly'), await a.whole()];
  const made = await a.group('On-call', [{ access: 'allow', permission_groups: [{ id: role.id }], resource_groups: [{ id: place.id }] }]);
  const [policy] = made.policies;
  isID(policy.id);
  assert.equal(policy.access, 'allow');
  const [gotRole] = policy.permission_groups;
  assert.deepEqual([gotRole.id, gotRole.name, gotRole.meta.label], [role.id, role.name, 'admin_readonly']);
  const [gotPlace] = policy.resource_groups;
  assert.deepEqual([gotPlace.id, gotPlace.name, gotPlace.scope], [place.id, place.name, place.scope]);
  assert.deepEqual((await a.cf.iam.userGroups.get(made.id, a.in)).policies, made.policies);
  assert.deepEqual((await all(a.cf.iam.userGroups.list(a.in)))[0].policies, made.policies);
});

test('several policies, allow and deny, of several groups each', async () => {
  const a = await newAccount();
  const [dns, shield, readonly] = [await a.role('domain_dns'), await a.role('domain_page_shield'), await a.role('admin_readonly')];
  const [one, two, whole] = [await a.zones('1'.repeat(32)), await a.zones('2'.repeat(32)), await a.whole()];
  const policies = [
    { access: 'allow', permission_groups: [{ id: dns.id }, { id: shield.id }], resource_groups: [{ id: one.id }, { id: two.id }] },
    { access: 'deny', permission_groups: [{ id: readonly.id }], resource_groups: [{ id: whole.id }] },
  ];
  const made = await a.group('many', policies);
  const ids = (list) => list.map((x) => ({ id: x.id }));
  assert.deepEqual(
    made.policies.map((p) => ({ access: p.access, permission_groups: ids(p.permission_groups), resource_groups: ids(p.resource_groups) })),
    policies,
  );
});

test('a policy may carry its scope instead of the id of a resource group', async () => {
  const a = await newAccount();
  const role = await a.role('domain_dns');
  const scope = { key: a.key, objects: [{ key: `com.cloudflare.api.account.zone.${'3'.repeat(32)}` }] };
  const made = await a.group('inline', [{ access: 'allow', permission_groups: [{ id: role.id }], resource_groups: [{ scope }] }]);
  const [place] = made.policies[0].resource_groups;
  isID(place.id);
  assert.deepEqual(place.scope, scope);
});

test('a zone role on everything is fine', async () => {
  const a = await newAccount();
  const made = await a.group('zones', [await a.policy('domain_dns')]);
  assert.equal(made.policies[0].permission_groups[0].meta.label, 'domain_dns');
});

test('update: what is absent stays, policies are replaced whole', async () => {
  const a = await newAccount();
  const made = await a.group('replaced', [await a.policy('admin_readonly'), await a.policy('dns')]);

  const renamed = await a.cf.iam.userGroups.update(made.id, { ...a.in, name: 'renamed' });
  assert.deepEqual(renamed.policies.map((p) => p.permission_groups), made.policies.map((p) => p.permission_groups));

  const billing = await a.policy('billing');
  const replaced = await a.cf.iam.userGroups.update(made.id, { ...a.in, policies: [{ id: made.policies[0].id, ...billing }] });
  assert.equal(replaced.name, 'renamed');
  assert.deepEqual(replaced.policies.map((p) => p.permission_groups[0].meta.label), ['billing']);
  assert.ok(!made.policies.some((p) => p.id === replaced.policies[0].id), 'a policy has a new id after each update');
  assert.notEqual(replaced.modified_on, made.created_on);

  const emptied = await a.cf.iam.userGroups.update(made.id, { ...a.in, policies: [] });
  assert.ok(!('policies' in emptied));
  assert.equal(emptied.name, 'renamed');
});

test('update: an empty object changes nothing, not even modified_on', async () => {
  const a = await newAccount();
  const made = await a.group('same', [await a.policy('dns')]);
  assert.deepEqual(await a.cf.iam.userGroups.update(made.id, a.in), made);
});

test('update: unknown members are ignored, and a whole group can be sent back', async () => {
  const a = await newAccount();
  const made = await a.group('echo', [await a.policy('dns')]);
  const path = `/accounts/${a.id}/iam/user_groups/${made.id}`;
  const { status, body } = await raw('PUT', path, { token: a.owner.token, body: { ...made, name: 'echoed', colour: 'red' } });
  assert.equal(status, 200);
  assert.equal(body.result.name, 'echoed');
  assert.equal(body.result.created_on, made.created_on);
});

test('names are unique in an account and compared letter by letter; a conflict is sent once', async () => {
  const [a, b] = [await newAccount(), await newAccount()];
  await a.group('Ops');
  const other = await a.group('ops');
  await b.group('Ops');

  const { cf, sent } = connect({ token: a.owner.token });
  await refused(cf.iam.userGroups.create({ ...a.in, name: 'Ops' }), 409, 409);
  await refused(cf.iam.userGroups.update(other.id, { ...a.in, name: 'Ops' }), 409, 409);
  assert.deepEqual(sent.map((r) => [r.method, r.status, r.headers.get('x-should-retry')]), [['POST', 409, 'false'], ['PUT', 409, 'false']]);
});

test('what is wrong in a body is refused, and nothing is stored', async () => {
  const [a, b] = [await newAccount(), await newAccount()];
  const good = await a.policy('dns');
  const [theirs, zone, accountRole] = [await b.zones('4'.repeat(32)), await a.zones('5'.repeat(32)), await a.role('dns')];
  const group = await a.group('untouched', [good]);
  const policies = {
    'no permission groups': { ...good, permission_groups: [] },
    'no resource groups': { ...good, resource_groups: [] },
    'absent permission groups': { access: 'allow', resource_groups: good.resource_groups },
    'absent resource groups': { access: 'allow', permission_groups: good.permission_groups },
    'absent access': { permission_groups: good.permission_groups, resource_groups: good.resource_groups },
    'unknown access': { ...good, access: 'maybe' },
    'unknown permission group': { ...good, permission_groups: [{ id: unknownID }] },
    'malformed permission group': { ...good, permission_groups: [{ id: 'abc' }] },
    'unknown resource group': { ...good, resource_groups: [{ id: unknownID }] },
    "another account's resource group": { ...good, resource_groups: [{ id: theirs.id }] },
    "another account's scope": { ...good, resource_groups: [{ scope: { key: b.key, objects: [{ key: '*' }] } }] },
    'an account role on a zone': { ...good, permission_groups: [{ id: accountRole.id }], resource_groups: [{ id: zone.id }] },
    'a policy as text': 'allow',
  };
  const bodies = [
    ...Object.entries(policies).map(([why, policy]) => [why, { name: 'new', policies: [good, policy] }]),
    ['no name', { name: '' }],
    ['a long name', { name: 'x'.repeat(256) }],
    ['a name that is a number', { name: 7 }],
    ['policies that are no list', { name: 'new', policies: good }],
  ];
  for (const [why, body] of [...bodies, ['an absent name', { policies: [good] }]]) {
    const answer = await raw('POST', `/accounts/${a.id}/iam/user_groups`, { token: a.owner.token, body });
    assert.equal(answer.status, 400, why);
    refusedRaw(answer, 400, 400);
  }
  for (const [why, body] of bodies) {
    const answer = await raw('PUT', `/accounts/${a.id}/iam/user_groups/${group.id}`, { token: a.owner.token, body });
    assert.equal(answer.status, 400, why);
    refusedRaw(answer, 400, 400);
  }
  assert.deepEqual(await all(a.cf.iam.userGroups.list(a.in)), [group]);

  const level = await raw('POST', `/accounts/${a.id}/iam/user_groups`, {
    token: a.owner.token,
    body: { name: 'new', policies: [policies['an account role on a zone']] },
  });
  assert.match(refusedRaw(level, 400, 400).message, /Policy validation failed/);
});

test('names of 1 to 255 characters, and none is trimmed', async () => {
  const a = await newAccount();
  for (const name of ['x', ' padded ', 'ü'.repeat(255), '工程']) {
    assert.equal((await a.cf.iam.userGroups.create({ ...a.in, name })).name, name);
  }
});

test('a group with members and policies can be deleted', async () => {
  const a = await newAccount();
  const member = await a.member();
  const group = await a.group('short-lived', [await a.policy('dns')]);
  await a.cf.iam.userGroups.members.create(group.id, { ...a.in, members: [{ id: member.id }] });
  assert.deepEqual(await a.cf.iam.userGroups.delete(group.id, a.in), { id: group.id });
  assert.equal((await a.cf.accounts.members.get(member.id, a.in)).id, member.id);
});

test('ids that nothing here has', async () => {
  const [a, b] = [await newAccount(), await newAccount()];
  const others = await b.group('theirs');
  for (const id of [unknownID, others.id]) {
    await refused(a.cf.iam.userGroups.get(id, a.in), 404, 404);
    await refused(a.cf.iam.userGroups.update(id, { ...a.in, name: 'mine' }), 404, 404);
    await refused(a.cf.iam.userGroups.delete(id, a.in), 404, 404);
  }
  for (const id of malformedIDs) {
    await refused(a.cf.iam.userGroups.get(id, a.in), 404, 7003);
    await refused(a.cf.iam.userGroups.update(id, { ...a.in, name: 'mine' }), 404, 7003);
    await refused(a.cf.iam.userGroups.delete(id, a.in), 404, 7003);
  }
  assert.equal((await b.cf.iam.userGroups.get(others.id, b.in)).name, 'theirs');
});

// 105 groups are more than a page of any size that is the default somewhere.
const many = {};

before(async () => {
  many.account = await newAccount();
  many.groups = [];
  for (let i = 0; i < 105; i++) {
    many.groups.push(await many.account.group(`team ${String(i).padStart(3, '0')}`));
  }
});

test('list: the auto-pager gets all, by name, and ends', async () => {
  const a = many.account;
  const names = many.groups.map((g) => g.name);
  const { cf, sent } = connect({ token: a.owner.token });
  assert.deepEqual((await all(cf.iam.userGroups.list(a.in))).map((g) => g.name), names);
  assert.equal(sent.length, 3, 'a page of 100, one of 5, one that is empty');
  for (const per_page of [1, 20, 50, 500]) {
    const { cf, sent } = connect({ token: a.owner.token });
    assert.deepEqual(await all(cf.iam.userGroups.list({ ...a.in, per_page })), many.groups, `per_page ${per_page}`);
    assert.equal(sent.length, Math.ceil(105 / per_page) + 1);
  }
});

test('list: direction, and every filter', async () => {
  const a = many.account;
  const list = (query) => all(a.cf.iam.userGroups.list({ ...a.in, ...query }));
  assert.deepEqual(await list({ direction: 'asc' }), many.groups);
  assert.deepEqual(await list({ direction: 'desc', per_page: 50 }), many.groups.toReversed());
  assert.deepEqual(await list({ direction: 'desc', fuzzyName: 'team 01', per_page: 5 }), many.groups.slice(10, 20).toReversed());
  assert.deepEqual(await list({ fuzzyName: 'TEAM 10' }), many.groups.slice(100));
  assert.deepEqual(await list({ fuzzyName: '04' }), [many.groups[4], ...many.groups.slice(40, 50), many.groups[104]]);
  assert.deepEqual(await list({ name: 'team 042' }), [many.groups[42]]);
  assert.deepEqual(await list({ name: 'team 04' }), []);
  assert.deepEqual(await list({ name: 'TEAM 042' }), []);
  assert.deepEqual(await list({ id: many.groups[42].id }), [many.groups[42]]);
  assert.deepEqual(await list({ id: many.groups[42].id, name: 'team 043' }), []);
  assert.deepEqual(await list({ id: unknownID }), []);
  assert.deepEqual(await list({ id: 'abc' }), []);
  assert.deepEqual(await list({ fuzzyName: '%' }), []);
});

test('list: total_count counts what the filters leave', async () => {
  const a = many.account;
  const { body } = await raw('GET', `/accounts/${a.id}/iam/user_groups?fuzzyName=team%2001&per_page=4&page=3`, { token: a.owner.token });
  assert.deepEqual(body.result_info, { page: 3, per_page: 4, count: 2, total_count: 10, total_pages: 3 });
});
