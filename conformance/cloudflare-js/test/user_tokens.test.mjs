// User tokens: operation 39 of the contract, which is 31 to 38 below /user/tokens.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newAccount, unique } from '../harness/account.mjs';
import { all, isID, isRecent, malformedIDs, refused, refusedRaw, unknownID } from '../harness/expect.mjs';
import { server } from '../harness/server.mjs';
import { connect, raw } from '../harness/wire.mjs';

/** A user token of whoever the client is, and a client with it. */
async function tokenOf(cf, policies, more = {}) {
  const token = await cf.user.tokens.create({ name: unique('token'), policies, ...more });
  return { token, ...connect({ token: token.value }) };
}

test('create, get, list, update, roll, delete', async () => {
  const a = await newAccount();
  const before = await all(a.cf.user.tokens.list());
  const policies = await a.tokenPolicies('Account Settings Read');
  const made = await a.cf.user.tokens.create({ name: 'laptop', policies, condition: { request_ip: { in: ['127.0.0.0/8'] } } });
  isID(made.id);
  isRecent(made.issued_on);
  assert.deepEqual([made.name, made.status], ['laptop', 'active']);
  assert.match(made.value, /^cfut_[A-Za-z0-9_-]{35,75}$/, 'a secret of a user token');
  assert.deepEqual(made.condition, { request_ip: { in: ['127.0.0.0/8'] } });
  assert.deepEqual(made.policies[0].resources, { [a.key]: '*' });

  const { value, ...shown } = made;
  assert.deepEqual(await a.cf.user.tokens.get(made.id), shown);
  const ids = (list) => list.map((t) => t.id);
  assert.deepEqual(ids(await all(a.cf.user.tokens.list())), ids([shown, ...before]), 'newest first');

  const updated = await a.cf.user.tokens.update(made.id, { name: 'desktop', policies });
  assert.equal(updated.name, 'desktop');

  const mine = connect({ token: value });
  assert.equal((await mine.cf.user.tokens.verify()).id, made.id);
  const rolled = await a.cf.user.tokens.value.update(made.id);
  assert.match(rolled, /^cfut_/);
  await refused(mine.cf.iam.userGroups.list(a.in), 401, 10000);
  assert.equal((await connect({ token: rolled }).cf.user.tokens.verify()).status, 'active');

  assert.deepEqual(await a.cf.user.tokens.delete(made.id), { id: made.id });
  await refused(a.cf.user.tokens.get(made.id), 404);
  await refused(connect({ token: rolled }).cf.iam.userGroups.list(a.in), 401, 10000);
});

test('verify, good and bad', async () => {
  const a = await newAccount();
  const { token, cf } = await tokenOf(a.cf, await a.tokenPolicies('Billing Read'));
  const told = await cf.user.tokens.verify();
  assert.deepEqual([told.id, told.status], [token.id, 'active']);
  await refused(connect({ token: 'cfut_' + 'x'.repeat(48) }).cf.user.tokens.verify(), 401, 1000);
  refusedRaw(await raw('GET', '/user/tokens/verify'), 400, 1001);
  await a.cf.user.tokens.delete(token.id);
  await refused(cf.user.tokens.verify(), 401, 1000);
});

test('the token of the env file verifies', async () => {
  const told = await connect({ token: server.env.CLOUDFLARE_API_TOKEN }).cf.user.tokens.verify();
  isID(told.id);
  assert.equal(told.status, 'active');
});

test('permission groups are those of account tokens, and some for oneself', async () => {
  const a = await newAccount();
  const list = await all(a.cf.user.tokens.permissionGroups.list());
  const ofAccount = await all(a.cf.accounts.tokens.permissionGroups.list(a.in));
  const ids = new Set(list.map((g) => g.id));
  assert.deepEqual(ofAccount.filter((g) => !ids.has(g.id)), []);
  assert.deepEqual((await all(a.cf.user.tokens.permissionGroups.list({ name: 'DNS Read' }))).map((g) => g.name), ['DNS Read']);
  const scope = 'com.cloudflare.api.user';
  const ofUser = await all(a.cf.user.tokens.permissionGroups.list({ scope }));
  assert.ok(ofUser.length > 0, 'there are permission groups for oneself');
  assert.deepEqual(ofUser.filter((g) => !g.scopes.includes(scope)), []);
});

test('policies are the boundary: a reader of somebody who may everything reads', async () => {
  const a = await newAccount();
  const group = await a.group();
  const { cf } = await tokenOf(a.cf, await a.tokenPolicies('Account Settings Read'));
  assert.deepEqual(await all(cf.iam.userGroups.list(a.in)), [group]);
  await refused(cf.iam.userGroups.create({ ...a.in, name: 'mine' }), 403, 10000);
  await refused(cf.accounts.tokens.list(a.in), 403, 10000);
  await refused(cf.iam.sso.list(a.in), 403, 10000);
});

test('policies are the boundary: a token never exceeds its user, whose rights it follows', async () => {
  const a = await newAccount();
  const member = await a.member({ policies: [await a.policy('super_admin')] });
  const { cf: asMember } = await a.as(member);
  const { cf } = await tokenOf(asMember, await a.tokenPolicies('Account Settings Write'));
  const group = await cf.iam.userGroups.create({ ...a.in, name: 'while I may' });

  await a.cf.accounts.members.update(member.id, { ...a.in, policies: [await a.policy('admin_readonly')] });
  assert.deepEqual(await all(cf.iam.userGroups.list(a.in)), [group]);
  await refused(cf.iam.userGroups.create({ ...a.in, name: 'no more' }), 403, 10000);

  await a.cf.accounts.members.update(member.id, { ...a.in, policies: [await a.policy('analytics')] });
  await refused(cf.iam.userGroups.list(a.in), 403, 10000);

  await a.cf.accounts.members.delete(member.id, a.in);
  await refused(cf.iam.userGroups.list(a.in), 401, 10000);
});

test('somebody\'s own tokens are nobody else\'s', async () => {
  const a = await newAccount();
  const member = await a.member({ policies: [await a.policy('super_admin')] });
  const { cf: asMember } = await a.as(member);
  const { token } = await tokenOf(a.cf, await a.tokenPolicies('Billing Read'));
  await refused(asMember.user.tokens.get(token.id), 404);
  await refused(asMember.user.tokens.delete(token.id), 404);
  assert.ok(!(await all(asMember.user.tokens.list())).some((t) => t.id === token.id));
  await refused(a.cf.accounts.tokens.get(token.id, a.in), 404);
  assert.ok(!(await all(a.cf.accounts.tokens.list(a.in))).some((t) => t.id === token.id), 'user tokens are no account tokens');
});

test('permission groups for oneself let a token see its siblings', async () => {
  const a = await newAccount();
  const [read] = (await all(a.cf.user.tokens.permissionGroups.list({ name: 'API Tokens Read' }))).map(({ id }) => ({ id }));
  const { user } = await a.cf.accounts.members.get(a.owner.id, a.in);
  const resources = { [`com.cloudflare.api.user.${user.id}`]: '*' };
  const { cf, token } = await tokenOf(a.cf, [{ effect: 'allow', permission_groups: [read], resources }]);
  assert.deepEqual(token.policies[0].resources, resources);
  assert.ok((await all(cf.user.tokens.list())).some((t) => t.id === token.id));
  await refused(cf.user.tokens.delete(token.id), 403, 10000);
  await refused(cf.iam.userGroups.list(a.in), 403, 10000);

  const { cf: other } = await tokenOf(a.cf, await a.tokenPolicies('Account Settings Read'));
  await refused(other.user.tokens.list(), 403, 10000);
});

test('list: the auto-pager gets all, and ends', async () => {
  const a = await newAccount();
  const before = (await all(a.cf.user.tokens.list())).length;
  const policies = await a.tokenPolicies('Billing Read');
  const ids = [];
  for (let i = 0; i < 45; i++) {
    ids.push((await a.cf.user.tokens.create({ name: `token ${i}`, policies })).id);
  }
  for (const [query, want, page] of [[{}, ids.toReversed(), 20], [{ per_page: 12, direction: 'desc' }, ids.toReversed(), 12]]) {
    const { cf, sent } = connect({ token: a.owner.token });
    assert.deepEqual((await all(cf.user.tokens.list(query))).slice(0, 45).map((t) => t.id), want);
    assert.equal(sent.length, Math.ceil((45 + before) / page) + 1);
  }
  const oldestFirst = (await all(a.cf.user.tokens.list({ direction: 'asc', include_expired: true }))).map((t) => t.id);
  assert.deepEqual(oldestFirst.slice(before), ids);
});

test('bodies and ids that are wrong', async () => {
  const a = await newAccount();
  const policies = await a.tokenPolicies('Billing Read');
  await refused(a.cf.user.tokens.create({ name: '', policies }), 400, 400);
  await refused(a.cf.user.tokens.create({ name: 'x'.repeat(121), policies }), 400, 400);
  await refused(a.cf.user.tokens.create({ name: 'n', policies: [{ id: unknownID, ...policies[0] }] }), 400, 1001);
  await refused(a.cf.user.tokens.get(unknownID), 404);
  for (const id of malformedIDs) {
    await refused(a.cf.user.tokens.get(id), 404, 7003);
  }
});
