// Who calls: both schemes, and everything that is wrong with credentials (contract, sections 1 and 3.3).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { firstOwner } from '../../js-harness/server.mjs';
import { hex, newAccount } from '../harness/account.mjs';
import { all, malformedIDs, refused, refusedRaw, unknownID } from '../harness/expect.mjs';
import { server } from '../harness/server.mjs';
import { connect, raw } from '../harness/wire.mjs';

const here = { account_id: server.env.CLOUDFLARE_ACCOUNT_ID };
const token = server.env.CLOUDFLARE_API_TOKEN;
const email = firstOwner.email;
const key = server.env.WRIT_API_KEY.split(':')[1];
const groups = (credentials) => connect(credentials).cf.iam.userGroups.list(here);

test('the env file: the variables of Cloudflare\'s clients are enough, with the owner\'s rights', async () => {
  assert.equal(here.account_id, hex(server.env.WRIT_ORGANIZATION_ID));
  assert.equal(server.env.CLOUDFLARE_BASE_URL, `${server.url}/client/v4`);
  const { cf } = connect({ token });
  const group = await cf.iam.userGroups.create({ ...here, name: 'by the env file' });
  assert.deepEqual(await all(cf.iam.userGroups.list(here)), [group]);
  assert.deepEqual(await cf.iam.userGroups.delete(group.id, here), { id: group.id });
});

test('a base URL with a slash at its end is the same', async () => {
  const { cf } = connect({ token, url: `${server.env.CLOUDFLARE_BASE_URL}/` });
  assert.deepEqual(await all(cf.iam.userGroups.list(here)), []);
});

test('every proof of the owner works as a bearer token', async () => {
  for (const bearer of [token, server.env.WRIT_TOKEN, key]) {
    assert.deepEqual(await all(groups({ token: bearer })), []);
  }
});

test('address and key work, for reading and writing', async () => {
  const { cf, sent } = connect({ email, key });
  const group = await cf.iam.userGroups.create({ ...here, name: 'by a key' });
  await cf.iam.sso.list(here);
  await cf.accounts.members.list(here);
  await cf.user.tokens.list();
  assert.deepEqual(await cf.iam.userGroups.delete(group.id, here), { id: group.id });
  assert.ok(sent.every((r) => r.status === 200));
  assert.deepEqual(await all(groups({ email: email.toUpperCase(), key })), [], 'addresses are compared without case');
});

test('of a token and a key, the token counts', async () => {
  assert.deepEqual(await all(groups({ token, email, key: '0'.repeat(40) })), []);
  await refused(groups({ token: 'x'.repeat(40), email, key }), 401, 10000);
});

test('no credentials, or half of them', async () => {
  for (const credentials of [{}, { email }, { key }]) {
    const { code, message } = await refused(groups(credentials), 400, 9106);
    assert.equal(code, 9106);
    assert.match(message, /X-Auth-Key.*X-Auth-Email|X-Auth-Email.*X-Auth-Key/, 'it names the headers');
  }
  const path = `/accounts/${here.account_id}/iam/user_groups`;
  refusedRaw(await raw('GET', path, { headers: { 'x-auth-user-service-key': `v1.0-${'0'.repeat(40)}` } }), 400, 9106);
});

test('headers that cannot be right', async () => {
  const path = `/accounts/${here.account_id}/iam/user_groups`;
  const cases = [
    [6111, { authorization: 'Basic b3duZXI6c2VjcmV0' }],
    [6111, { authorization: 'Bearer' }],
    [6111, { authorization: 'Bearer ' }],
    [6111, { authorization: 'Bearer x' }],
    [6111, { authorization: `Bearer ${'a b '.repeat(10)}` }],
    [6111, { authorization: `Bearer ${'!'.repeat(40)}` }],
    [6111, { authorization: token }],
    [6103, { 'x-auth-email': email, 'x-auth-key': 'x' }],
    [6103, { 'x-auth-email': email, 'x-auth-key': '!'.repeat(40) }],
    [6102, { 'x-auth-email': 'nobody', 'x-auth-key': key }],
  ];
  for (const [chained, headers] of cases) {
    const first = refusedRaw(await raw('GET', path, { headers }), 400, 6003);
    assert.equal(first.error_chain?.[0]?.code, chained, `${JSON.stringify(headers)}: ${JSON.stringify(first)}`);
  }
  await refused(groups({ token: 'not a token!' }), 400, 6003);
});

test('tokens that nobody has', async () => {
  for (const bearer of ['x'.repeat(40), `cfut_${'x'.repeat(48)}`, `cfat_${'x'.repeat(48)}`, `${token.slice(0, -4)}AAAA`]) {
    const { message } = await refused(groups({ token: bearer }), 401, 10000);
    assert.equal(message, 'Authentication error');
  }
});

test('addresses and keys that nobody has, or not together', async () => {
  const a = await newAccount();
  const member = await a.member();
  const theirs = await a.secret(member);
  for (const credentials of [
    { email, key: 'x'.repeat(40) },
    { email, key: '0123456789abcdef'.repeat(2) + '01234' },
    { email: 'nobody@conformance.example', key },
    { email, key: theirs },
    { email: member.email, key },
  ]) {
    await refused(groups(credentials), 403, 9103);
  }
});

test('foreign accounts and accounts that are not there answer the same', async () => {
  const b = await newAccount();
  const { cf } = connect({ token });
  const calls = (account_id) => [
    () => cf.iam.permissionGroups.list({ account_id }),
    () => cf.iam.resourceGroups.list({ account_id }),
    () => cf.iam.userGroups.list({ account_id }),
    () => cf.iam.userGroups.get(unknownID, { account_id }),
    () => cf.iam.userGroups.create({ account_id, name: 'intruder' }),
    () => cf.iam.userGroups.members.list(unknownID, { account_id }),
    () => cf.iam.sso.list({ account_id }),
    () => cf.iam.sso.create({ account_id, email_domain: 'intruder.example.test' }),
    () => cf.accounts.members.list({ account_id }),
    () => cf.accounts.roles.list({ account_id }),
    () => cf.accounts.tokens.list({ account_id }),
    () => cf.accounts.tokens.permissionGroups.list({ account_id }),
  ];
  const [foreign, absent] = [calls(b.id), calls(unknownID)];
  for (let i = 0; i < foreign.length; i++) {
    assert.deepEqual(await refused(foreign[i](), 403, 10000), await refused(absent[i](), 403, 10000));
  }
  assert.deepEqual(await all(b.cf.iam.userGroups.list(b.in)), []);
  for (const account_id of malformedIDs) {
    await refused(cf.iam.userGroups.list({ account_id }), 404, 7003);
  }
});

test('who may not, learns nothing about what there is', async () => {
  const a = await newAccount();
  const [member, group] = [await a.member(), await a.group()];
  const { cf } = await a.as(member);
  const [there, absent] = [await refused(cf.iam.userGroups.get(group.id, a.in), 403, 10000), await refused(cf.iam.userGroups.get(unknownID, a.in), 403, 10000)];
  assert.deepEqual(there, absent);
  const path = `/accounts/${a.id}/iam/user_groups`;
  const bearer = await a.secret(member);
  refusedRaw(await raw('POST', path, { token: bearer, body: 'not json' }), 403, 10000);
});
