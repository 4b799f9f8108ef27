// The edition before: the SDK's version 5 has `scope` as an array, and does not unwrap some answers. Version 7 sees an object
// all the while.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newAccount, newPerson } from '../harness/account.mjs';
import { all, refused, unknownID } from '../harness/expect.mjs';
import { connect } from '../harness/wire.mjs';

/** An account, and its owner's client of version 5. */
async function scene() {
  const a = await newAccount();
  return { a, older: connect({ token: a.owner.token, major: 5 }).cf };
}

test('resource groups: the scope is an array, for this client alone', async () => {
  const { a, older } = await scene();
  const scope = { key: a.key, objects: [{ key: `com.cloudflare.api.account.zone.${'1'.repeat(32)}` }] };
  const made = (await older.iam.resourceGroups.create({ ...a.in, name: 'zones', scope })).result;
  const { id } = made;

  // The whole envelope, since this version unwraps nothing here.
  assert.deepEqual((await older.iam.resourceGroups.get(id, a.in)).result.scope, [scope]);
  assert.deepEqual((await older.iam.resourceGroups.update(id, { ...a.in, name: 'Zones' })).result.scope, [scope]);
  const list = await all(older.iam.resourceGroups.list(a.in));
  assert.deepEqual(list.map((g) => g.scope), [[{ key: a.key, objects: [{ key: '*' }] }], [scope]]);

  assert.deepEqual((await a.cf.iam.resourceGroups.get(id, a.in)).scope, scope);
  assert.deepEqual((await all(a.cf.iam.resourceGroups.list(a.in)))[1].scope, scope);

  const moved = { key: a.key, objects: [{ key: '*' }] };
  assert.deepEqual((await older.iam.resourceGroups.update(id, { ...a.in, scope: moved })).result.scope, [moved], 'requests carry an object');
  assert.deepEqual(await older.iam.resourceGroups.delete(id, a.in), { id });
});

test('policies of user groups: the nested scope is an array too', async () => {
  const { a, older } = await scene();
  const policies = [await a.policy('admin_readonly')];
  const want = [{ key: a.key, objects: [{ key: '*' }] }];
  const scopeOf = (group) => group.policies[0].resource_groups[0].scope;

  const made = await older.iam.userGroups.create({ ...a.in, name: 'older', policies });
  assert.deepEqual(scopeOf(made), want);
  assert.deepEqual(scopeOf(await older.iam.userGroups.get(made.id, a.in)), want);
  assert.deepEqual(scopeOf(await older.iam.userGroups.update(made.id, { ...a.in, name: 'old', policies: made.policies })), want);
  assert.deepEqual((await all(older.iam.userGroups.list(a.in))).map(scopeOf), [want]);
  assert.deepEqual(scopeOf(await a.cf.iam.userGroups.get(made.id, a.in)), want[0]);
});

test('policies of account members: the nested scope is an array too', async () => {
  const { a, older } = await scene();
  const { email } = await newPerson();
  const want = [{ key: a.key, objects: [{ key: '*' }] }];
  const scopeOf = (member) => member.policies[0].resource_groups[0].scope;
  const made = await older.accounts.members.create({ ...a.in, email, policies: [await a.policy('dns')] });
  assert.deepEqual(scopeOf(made), want);
  assert.deepEqual(scopeOf(await older.accounts.members.get(made.id, a.in)), want);
  assert.deepEqual(scopeOf(await a.cf.accounts.members.get(made.id, a.in)), want[0]);
});

test('permission groups: get gives the envelope, list pages', async () => {
  const { a, older } = await scene();
  const readonly = await a.role('admin_readonly');
  const envelope = await older.iam.permissionGroups.get(readonly.id, a.in);
  assert.deepEqual([envelope.success, envelope.result], [true, readonly]);
  assert.deepEqual(await all(older.iam.permissionGroups.list(a.in)), await all(a.cf.iam.permissionGroups.list(a.in)));
});

test('members of user groups: the calls of this version', async () => {
  const { a, older } = await scene();
  const [ann, ben, group] = [await a.member(), await a.member(), await a.group()];
  const ids = (list) => list.map((m) => m.id).sort();
  assert.deepEqual(ids(await older.iam.userGroups.members.create(group.id, { ...a.in, body: [{ id: ann.id }] })), [ann.id]);
  assert.deepEqual(ids((await older.iam.userGroups.members.update(group.id, { ...a.in, body: [{ id: ann.id }, { id: ben.id }] })).result), [ann.id, ben.id].sort());
  assert.deepEqual(ids(await all(older.iam.userGroups.members.list(group.id, a.in))), [ann.id, ben.id].sort());
  assert.equal((await older.iam.userGroups.members.delete(group.id, ann.id, a.in)).id, ann.id);
  assert.deepEqual((await older.iam.userGroups.members.update(group.id, { ...a.in, body: [] })).result, []);
  assert.deepEqual(await older.iam.userGroups.delete(group.id, a.in), { id: group.id });
});

test('account members, roles and tokens', async () => {
  const { a, older } = await scene();
  const member = await a.member();
  assert.equal((await older.accounts.members.get(member.id, a.in)).email, member.email);
  assert.equal((await all(older.accounts.members.list(a.in))).length, 2);
  assert.deepEqual(await older.accounts.members.delete(member.id, a.in), { id: member.id });
  assert.ok((await all(older.accounts.roles.list(a.in))).some((r) => r.name === 'Administrator'));

  const policies = await a.tokenPolicies('Account Settings Read');
  const token = await older.accounts.tokens.create({ ...a.in, name: 'older', policies });
  assert.equal((await connect({ token: token.value, major: 5 }).cf.accounts.tokens.verify(a.in)).id, token.id);
  assert.equal((await older.accounts.tokens.value.update(token.id, { ...a.in, body: {} })).slice(0, 5), 'cfat_');
  assert.equal((await all(older.accounts.tokens.list(a.in))).length, 1);
  assert.deepEqual(await older.accounts.tokens.delete(token.id, a.in), { id: token.id });
});

test('errors and conflicts', async () => {
  const { a, older } = await scene();
  await a.group('taken');
  await refused(older.iam.userGroups.get(unknownID, a.in), 404, 404);
  const { cf, sent } = connect({ token: a.owner.token, major: 5 });
  await refused(cf.iam.userGroups.create({ ...a.in, name: 'taken', policies: [await a.policy('dns')] }), 409, 409);
  assert.equal(sent.length, 1);
});
