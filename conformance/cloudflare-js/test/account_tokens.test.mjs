// Account tokens, their permission groups and what they may do: operations 31 to 38 of the contract.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { newAccount, unique } from '../harness/account.mjs';
import { all, eventually, isID, isRecent, malformedIDs, refused, refusedRaw, unknownID } from '../harness/expect.mjs';
import { connect, raw } from '../harness/wire.mjs';

const ahead = (seconds) => new Date(Math.floor(Date.now() / 1000 + seconds) * 1000).toISOString().replace('.000', '');

test('permission groups: a catalogue of their own, in one request', async () => {
  const a = await newAccount();
  const { cf, sent } = connect({ token: a.owner.token });
  const list = await all(cf.accounts.tokens.permissionGroups.list(a.in));
  assert.equal(sent.length, 1);
  assert.deepEqual(await cf.accounts.tokens.permissionGroups.get(a.in), list, 'get is the same as an array');
  const scopes = Object.fromEntries(list.map((g) => [g.name, g.scopes]));
  for (const name of ['Account Settings Read', 'Account Settings Write', 'Account API Tokens Write', 'SSO Connector Read', 'SSO Connector Write', 'SCIM Provisioning', 'Workers Scripts Read', 'Billing Read']) {
    assert.deepEqual(scopes[name], ['com.cloudflare.api.account'], name);
  }
  assert.deepEqual(scopes['DNS Write'], ['com.cloudflare.api.account.zone']);
  list.forEach((g) => isID(g.id));
  const roles = new Set((await all(cf.iam.permissionGroups.list(a.in))).map((g) => g.id));
  assert.deepEqual(list.filter((g) => roles.has(g.id)), [], 'none is a role too');
});

test('permission groups: filters by name and scope, also encoded twice', async () => {
  const a = await newAccount();
  const { list } = a.cf.accounts.tokens.permissionGroups;
  const groups = (query) => all(list.call(a.cf.accounts.tokens.permissionGroups, { ...a.in, ...query }));
  const whole = await groups();
  const name = 'Account Settings Write';
  const scope = 'com.cloudflare.api.account.zone';
  const ofZones = whole.filter((g) => g.scopes.includes(scope));
  assert.ok(ofZones.length > 0 && ofZones.length < whole.length);
  assert.deepEqual((await groups({ name })).map((g) => g.name), [name]);
  assert.deepEqual((await groups({ name: encodeURIComponent(name) })).map((g) => g.name), [name]);
  assert.deepEqual(await groups({ scope }), ofZones);
  assert.deepEqual((await groups({ name, scope: 'com.cloudflare.api.account' })).map((g) => g.name), [name]);
  assert.deepEqual(await groups({ name, scope }), []);
  assert.deepEqual(await groups({ name: 'No Such Group' }), []);
  assert.deepEqual(await a.cf.accounts.tokens.permissionGroups.get({ ...a.in, scope }), ofZones);
});

test('create, get, list, update, delete', async () => {
  const a = await newAccount();
  const policies = await a.tokenPolicies('Account Settings Read');
  const expires_on = ahead(3600);
  const condition = { request_ip: { in: ['127.0.0.0/8', '2001:db8::/32'], not_in: ['127.0.0.9/32'] } };
  const made = await a.cf.accounts.tokens.create({ ...a.in, name: 'ci', policies, condition, expires_on });
  isID(made.id);
  isRecent(made.issued_on);
  isRecent(made.modified_on);
  assert.deepEqual([made.name, made.status, made.expires_on], ['ci', 'active', expires_on]);
  assert.deepEqual(made.condition, condition);
  assert.match(made.value, /^cfat_[A-Za-z0-9_-]{35,75}$/, 'a secret of an account token');
  const [policy] = made.policies;
  isID(policy.id);
  assert.equal(policy.effect, 'allow');
  assert.deepEqual(policy.permission_groups.map((g) => [g.id, g.name]), [[policies[0].permission_groups[0].id, 'Account Settings Read']]);
  assert.deepEqual(policy.resources, { [a.key]: '*' });

  const { value, ...shown } = made;
  assert.deepEqual(await a.cf.accounts.tokens.get(made.id, a.in), shown, 'the secret is shown once');
  assert.deepEqual(await all(a.cf.accounts.tokens.list(a.in)), [shown]);

  const more = await a.tokenPolicies('Account Settings Read', 'SSO Connector Read');
  const updated = await a.cf.accounts.tokens.update(made.id, { ...a.in, name: 'ci 2', policies: more });
  assert.equal(updated.name, 'ci 2');
  assert.equal(updated.issued_on, made.issued_on);
  assert.deepEqual(updated.policies[0].permission_groups.map((g) => g.name), ['Account Settings Read', 'SSO Connector Read']);
  assert.ok(!('value' in updated));
  assert.deepEqual(await connect({ token: value }).cf.iam.userGroups.list(a.in).then((page) => page.result), [], 'the secret stays');

  assert.deepEqual(await a.cf.accounts.tokens.delete(made.id, a.in), { id: made.id });
  await refused(a.cf.accounts.tokens.get(made.id, a.in), 404);
  await refused(connect({ token: value }).cf.iam.userGroups.list(a.in), 401, 10000);
});

test('every form of resources comes back as it was sent', async () => {
  const a = await newAccount();
  const [dns] = await a.permissions('DNS Read');
  const [settings] = await a.permissions('Account Settings Read');
  const zone = 'com.cloudflare.api.account.zone';
  const forms = [
    [settings, { [a.key]: '*' }],
    [settings, { 'com.cloudflare.api.account.*': '*' }],
    [dns, { [`${zone}.${'1'.repeat(32)}`]: '*' }],
    [dns, { [`${zone}.*`]: '*' }],
    [dns, { [a.key]: { [`${zone}.*`]: '*' } }],
  ];
  for (const [group, resources] of forms) {
    const made = await a.cf.accounts.tokens.create({ ...a.in, name: unique('form'), policies: [{ effect: 'allow', permission_groups: [group], resources }] });
    assert.deepEqual(made.policies[0].resources, resources);
  }
});

test('policies are the grant: a reader lists and cannot create', async () => {
  const a = await newAccount();
  const group = await a.group('seen');
  const { cf } = await a.token(['Account Settings Read']);
  assert.deepEqual(await all(cf.iam.userGroups.list(a.in)), [group]);
  assert.deepEqual(await cf.iam.userGroups.get(group.id, a.in), group);
  await all(cf.iam.permissionGroups.list(a.in));
  await all(cf.iam.resourceGroups.list(a.in));
  await all(cf.accounts.members.list(a.in));
  await refused(cf.iam.userGroups.create({ ...a.in, name: 'mine' }), 403, 10000);
  await refused(cf.iam.userGroups.update(group.id, { ...a.in, name: 'mine' }), 403, 10000);
  await refused(cf.iam.userGroups.delete(group.id, a.in), 403, 10000);
  await refused(cf.iam.sso.list(a.in), 403, 10000);
  await refused(cf.accounts.tokens.list(a.in), 403, 10000);
  assert.deepEqual(await all(a.cf.iam.userGroups.list(a.in)), [group]);
});

test('policies are the grant: a writer creates, and sees no tokens', async () => {
  const a = await newAccount();
  const { cf } = await a.token(['Account Settings Write']);
  const group = await cf.iam.userGroups.create({ ...a.in, name: 'by a token', policies: [await a.policy('dns')] });
  assert.deepEqual(await cf.iam.userGroups.delete(group.id, a.in), { id: group.id });
  await refused(cf.accounts.tokens.list(a.in), 403, 10000);
});

test('policies are the grant: each permission has its own operations', async () => {
  const a = await newAccount();
  const sso = await a.token(['SSO Connector Write']);
  const connector = await sso.cf.iam.sso.create({ ...a.in, email_domain: `${unique('granted')}.example.test`, begin_verification: false });
  assert.equal((await sso.cf.iam.sso.get(connector.id, a.in)).id, connector.id);
  await refused(sso.cf.iam.userGroups.list(a.in), 403, 10000);

  const reader = await a.token(['SSO Connector Read']);
  assert.equal((await all(reader.cf.iam.sso.list(a.in))).length, 1);
  await refused(reader.cf.iam.sso.delete(connector.id, a.in), 403, 10000);

  const tokens = await a.token(['Account API Tokens Read']);
  assert.equal((await all(tokens.cf.accounts.tokens.list(a.in))).length, 3);
  await refused(tokens.cf.accounts.tokens.delete(reader.token.id, a.in), 403, 10000);

  const billing = await a.token(['Billing Read']);
  await refused(billing.cf.iam.userGroups.list(a.in), 403, 10000);

  const scim = await a.token(['SCIM Provisioning']);
  const group = await scim.cf.iam.userGroups.create({ ...a.in, name: 'provisioned' });
  assert.equal((await scim.cf.iam.userGroups.get(group.id, a.in)).name, 'provisioned');
});

test('policies are the grant: a deny wins over an allow', async () => {
  const a = await newAccount();
  const [allow] = await a.tokenPolicies('Account Settings Write');
  const [deny] = await a.tokenPolicies('Account Settings Read');
  const made = await a.cf.accounts.tokens.create({ ...a.in, name: 'both', policies: [allow, { ...deny, effect: 'deny' }] });
  await refused(connect({ token: made.value }).cf.iam.userGroups.list(a.in), 403, 10000);
});

test('a token is of one account', async () => {
  const [a, b] = [await newAccount(), await newAccount()];
  const { token, cf } = await a.token(['Account Settings Write', 'Account API Tokens Write']);
  await refused(cf.iam.userGroups.list(b.in), 403, 10000);
  await assert.rejects(cf.accounts.tokens.verify(b.in), (error) => [401, 403].includes(error.status));
  await refused(b.cf.accounts.tokens.get(token.id, b.in), 404);
});

test('a token that makes tokens gives away no more than it has', async () => {
  const a = await newAccount();
  const { cf } = await a.token(['Account API Tokens Write']);
  const policies = await a.tokenPolicies('Account Settings Write');
  const made = await cf.accounts.tokens.create({ ...a.in, name: 'more', policies }).catch((error) => error);
  if (made instanceof Error) {
    assert.ok([400, 403].includes(made.status), `refusing is 400 or 403, this is ${made.message}`);
  } else {
    await refused(connect({ token: made.value }).cf.iam.userGroups.create({ ...a.in, name: 'mine' }), 403, 10000);
  }
});

test('a token outlives whoever made it', async () => {
  const a = await newAccount();
  const admin = await a.member({ policies: [await a.policy('super_admin')] });
  const { cf } = await a.as(admin);
  const policies = await a.tokenPolicies('Account Settings Read');
  const made = await cf.accounts.tokens.create({ ...a.in, name: 'left behind', policies });
  await a.cf.accounts.members.delete(admin.id, a.in);
  await refused(cf.iam.userGroups.list(a.in), 401, 10000);
  assert.deepEqual(await all(connect({ token: made.value }).cf.iam.userGroups.list(a.in)), []);
});

test('condition: the address must be in one list and in none of the other', async () => {
  const a = await newAccount();
  const group = await a.group();
  const cases = [
    [{ in: ['127.0.0.0/8'] }, true],
    [{ in: ['203.0.113.0/24', '127.0.0.1/32'] }, true],
    [{ not_in: ['203.0.113.0/24'] }, true],
    [{ in: ['127.0.0.0/8'], not_in: ['203.0.113.0/24'] }, true],
    [{ in: ['203.0.113.0/24'] }, false],
    [{ not_in: ['127.0.0.0/8'] }, false],
    [{ in: ['127.0.0.0/8'], not_in: ['127.0.0.1/32'] }, false],
    [{ in: ['2001:db8::/32'] }, false],
  ];
  for (const [request_ip, may] of cases) {
    const { cf } = await a.token(['Account Settings Read'], { condition: { request_ip } });
    if (may) {
      assert.deepEqual(await all(cf.iam.userGroups.list(a.in)), [group], JSON.stringify(request_ip));
    } else {
      await refused(cf.iam.userGroups.list(a.in), 403, 9109);
    }
  }
});

test('condition: the key "request.ip" of the guides is "request_ip"', async () => {
  const a = await newAccount();
  const body = { name: 'guides', policies: await a.tokenPolicies('Account Settings Read'), condition: { 'request.ip': { in: ['203.0.113.0/24'] } } };
  const answer = await raw('POST', `/accounts/${a.id}/tokens`, { token: a.owner.token, body });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.deepEqual(answer.body.result.condition, { request_ip: { in: ['203.0.113.0/24'] } });
  await refused(connect({ token: answer.body.result.value }).cf.iam.userGroups.list(a.in), 403, 9109);
});

test('not_before: before it the token is no token', async () => {
  const a = await newAccount();
  const not_before = ahead(3600);
  const { cf, token } = await a.token(['Account Settings Read'], { not_before });
  assert.equal(token.not_before, not_before);
  await refused(cf.iam.userGroups.list(a.in), 401, 10000);
  await a.cf.accounts.tokens.update(token.id, {
    ...a.in,
    name: token.name,
    policies: await a.tokenPolicies('Account Settings Read'),
    not_before: ahead(-60),
  });
  assert.deepEqual(await all(cf.iam.userGroups.list(a.in)), []);
});

test('expires_on: after it the token is no token, and lists show it only when asked', async () => {
  const a = await newAccount();
  const lasting = await a.token(['Account Settings Read']);
  const { cf, token } = await a.token(['Account Settings Read'], { expires_on: ahead(3) });
  assert.deepEqual(await all(cf.iam.userGroups.list(a.in)), []);
  const outcome = () => cf.iam.userGroups.list(a.in).then(() => 200, (error) => error.status);
  await eventually('the token to expire', outcome, (status) => status === 401, 10);
  await refused(cf.iam.userGroups.list(a.in), 401, 10000);
  await refused(cf.accounts.tokens.verify(a.in), 401, 1000);

  const ids = async (query) => (await all(a.cf.accounts.tokens.list({ ...a.in, ...query }))).map((t) => t.id);
  assert.deepEqual(await ids({}), [lasting.token.id]);
  assert.deepEqual(await ids({ include_expired: false }), [lasting.token.id]);
  assert.deepEqual(await ids({ include_expired: true, direction: 'asc' }), [lasting.token.id, token.id]);
  assert.equal((await a.cf.accounts.tokens.get(token.id, a.in)).status, 'expired');
});

test('status: a disabled token is no token, and can be enabled again', async () => {
  const a = await newAccount();
  const { cf, token } = await a.token(['Account Settings Read']);
  const policies = await a.tokenPolicies('Account Settings Read');
  const set = (status) => a.cf.accounts.tokens.update(token.id, { ...a.in, name: token.name, policies, status });
  assert.equal((await set('disabled')).status, 'disabled');
  await refused(cf.iam.userGroups.list(a.in), 401, 10000);
  await refused(cf.accounts.tokens.verify(a.in), 401, 1000);
  assert.equal((await set('active')).status, 'active');
  assert.deepEqual(await all(cf.iam.userGroups.list(a.in)), []);
  await refused(set('expired'), 400);
});

test('value.update rolls the secret, and the old one is dead at once', async () => {
  const a = await newAccount();
  const { cf, token } = await a.token(['Account Settings Read']);
  const value = await a.cf.accounts.tokens.value.update(token.id, a.in);
  assert.match(value, /^cfat_[A-Za-z0-9_-]{35,75}$/);
  assert.notEqual(value, token.value);
  await refused(cf.iam.userGroups.list(a.in), 401, 10000);
  const again = connect({ token: value });
  assert.deepEqual(await all(again.cf.iam.userGroups.list(a.in)), []);
  assert.equal((await again.cf.accounts.tokens.verify(a.in)).id, token.id);

  const older = connect({ token: a.owner.token, major: 5 });
  const third = await older.cf.accounts.tokens.value.update(token.id, { ...a.in, body: {} });
  assert.notEqual(third, value);
  await refused(again.cf.iam.userGroups.list(a.in), 401, 10000);
});

test('verify tells a token what it is', async () => {
  const a = await newAccount();
  const expires_on = ahead(3600);
  const { cf, token } = await a.token(['Billing Read'], { expires_on });
  const told = await cf.accounts.tokens.verify(a.in);
  assert.deepEqual([told.id, told.status, told.expires_on], [token.id, 'active', expires_on]);
  await refused(cf.user.tokens.verify(), 403);
  await refused(connect({ token: 'cfat_' + 'x'.repeat(48) }).cf.accounts.tokens.verify(a.in), 401, 1000);
  refusedRaw(await raw('GET', `/accounts/${a.id}/tokens/verify`), 400, 1001);
});

test('what is wrong in a body is refused, and nothing is stored', async () => {
  const a = await newAccount();
  const policies = await a.tokenPolicies('Account Settings Read');
  const [policy] = policies;
  const { token } = await a.token(['Account Settings Read']);
  const cases = {
    'no name': [400, { policies }],
    'an empty name': [400, { name: '', policies }],
    'a long name': [400, { name: 'x'.repeat(121), policies }],
    'no policies': [undefined, { name: 'n' }],
    'empty policies': [undefined, { name: 'n', policies: [] }],
    'no permission groups': [undefined, { name: 'n', policies: [{ ...policy, permission_groups: [] }] }],
    'unknown permission group': [undefined, { name: 'n', policies: [{ ...policy, permission_groups: [{ id: unknownID }] }] }],
    'a role for a permission group': [undefined, { name: 'n', policies: [{ ...policy, permission_groups: [{ id: (await a.role('dns')).id }] }] }],
    'no resources': [undefined, { name: 'n', policies: [{ ...policy, resources: {} }] }],
    'resources that are nothing': [undefined, { name: 'n', policies: [{ ...policy, resources: { everything: '*' } }] }],
    'a resource that is not all': [undefined, { name: 'n', policies: [{ ...policy, resources: { [a.key]: 'some' } }] }],
    'another account': [undefined, { name: 'n', policies: [{ ...policy, resources: { [`com.cloudflare.api.account.${unknownID}`]: '*' } }] }],
    'unknown effect': [undefined, { name: 'n', policies: [{ ...policy, effect: 'maybe' }] }],
    'access instead of effect': [undefined, { name: 'n', policies: [{ access: 'allow', ...policy, effect: undefined }] }],
    'a network that is none': [undefined, { name: 'n', policies, condition: { request_ip: { in: ['everywhere'] } } }],
    'a time that is none': [undefined, { name: 'n', policies, expires_on: 'tomorrow' }],
  };
  const path = `/accounts/${a.id}/tokens`;
  for (const [why, [code, body]] of Object.entries(cases)) {
    for (const [method, where] of [['POST', path], ['PUT', `${path}/${token.id}`]]) {
      const answer = await raw(method, where, { token: a.owner.token, body });
      assert.equal(answer.status, 400, `${method}, ${why}: ${JSON.stringify(answer.body)}`);
      refusedRaw(answer, 400, code);
    }
  }
  const reused = await raw('POST', path, { token: a.owner.token, body: { name: 'n', policies: [{ id: unknownID, ...policy }] } });
  refusedRaw(reused, 400, 1001);
  const { value, ...shown } = token;
  assert.deepEqual(await all(a.cf.accounts.tokens.list(a.in)), [shown]);
});

test('ids that nothing here has', async () => {
  const [a, b] = [await newAccount(), await newAccount()];
  const theirs = await b.token(['Account Settings Read']);
  const body = { ...a.in, name: 'n', policies: await a.tokenPolicies('Account Settings Read') };
  for (const id of [unknownID, theirs.token.id]) {
    await refused(a.cf.accounts.tokens.get(id, a.in), 404);
    await refused(a.cf.accounts.tokens.update(id, body), 404);
    await refused(a.cf.accounts.tokens.delete(id, a.in), 404);
    await refused(a.cf.accounts.tokens.value.update(id, a.in), 404);
  }
  for (const id of malformedIDs) {
    await refused(a.cf.accounts.tokens.get(id, a.in), 404, 7003);
    await refused(a.cf.accounts.tokens.delete(id, a.in), 404, 7003);
    await refused(a.cf.accounts.tokens.value.update(id, a.in), 404, 7003);
  }
});

// 55 tokens are more than a page of any size.
const many = {};

before(async () => {
  const a = (many.account = await newAccount());
  const policies = await a.tokenPolicies('Billing Read');
  many.ids = [];
  for (let i = 0; i < 55; i++) {
    many.ids.push((await a.cf.accounts.tokens.create({ ...a.in, name: `token ${i}`, policies })).id);
  }
});

test('list: the auto-pager gets all, newest first, and ends', async () => {
  const a = many.account;
  for (const [query, want, requests] of [
    [{}, many.ids.toReversed(), 4],
    [{ per_page: 10 }, many.ids.toReversed(), 7],
    [{ per_page: 50, direction: 'desc' }, many.ids.toReversed(), 3],
    [{ direction: 'asc' }, many.ids, 4],
    [{ direction: 'asc', per_page: 25, include_expired: true }, many.ids, 4],
  ]) {
    const { cf, sent } = connect({ token: a.owner.token });
    assert.deepEqual((await all(cf.accounts.tokens.list({ ...a.in, ...query }))).map((t) => t.id), want, JSON.stringify(query));
    assert.equal(sent.length, requests, JSON.stringify(query));
  }
});
