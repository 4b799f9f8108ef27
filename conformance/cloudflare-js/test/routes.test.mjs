// Paths, methods and bodies that are wrong whatever they are about, and limits.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newAccount } from '../harness/account.mjs';
import { malformedIDs, refused, refusedRaw, unknownID } from '../harness/expect.mjs';
import { startServer } from '../harness/server.mjs';
import { connect, raw } from '../harness/wire.mjs';

test('paths that lead nowhere', async () => {
  const a = await newAccount();
  for (const path of [
    '/nothing',
    '/accounts',
    `/accounts/${a.id}/iam`,
    `/accounts/${a.id}/iam/nothing`,
    `/accounts/${a.id}/iam/user_groups/`,
    `/accounts/${a.id}/iam/user_groups/${unknownID}/nothing`,
    `/accounts/${a.id}/iam/sso_connectors`,
    `/accounts//iam/user_groups`,
    ...malformedIDs.map((id) => `/accounts/${a.id}/iam/user_groups/${id}`),
  ]) {
    const answer = await raw('GET', path, { token: a.owner.token });
    assert.deepEqual([answer.status, answer.body.errors?.map((e) => e.code)], [404, [7003, 7000]], `${path}: ${JSON.stringify(answer.body)}`);
  }
});

test('methods that a path does not know', async () => {
  const a = await newAccount();
  const one = unknownID;
  for (const [method, path] of [
    ['POST', 'iam/permission_groups'],
    ['PUT', `iam/permission_groups/${one}`],
    ['DELETE', 'iam/resource_groups'],
    ['PATCH', `iam/resource_groups/${one}`],
    ['PUT', 'iam/user_groups'],
    ['POST', `iam/user_groups/${one}`],
    ['DELETE', `iam/user_groups/${one}/members`],
    ['PUT', `iam/user_groups/${one}/members/${one}`],
    ['PUT', `sso_connectors/${one}`],
    ['DELETE', `sso_connectors/${one}/begin_verification`],
    ['PATCH', `members/${one}`],
    ['DELETE', `roles/${one}`],
    ['PATCH', `tokens/${one}`],
    ['GET', `tokens/${one}/value`],
    ['POST', 'tokens/verify'],
    ['DELETE', 'tokens/permission_groups'],
  ]) {
    const answer = await raw(method, `/accounts/${a.id}/${path}`, { token: a.owner.token });
    assert.deepEqual([answer.status, answer.body.errors?.[0]?.code], [405, 7001], `${method} ${path}: ${JSON.stringify(answer.body)}`);
  }
});

test('bodies that are no JSON object', async () => {
  const a = await newAccount();
  const [group, place] = [await a.group(), await a.zones('1'.repeat(32))];
  for (const [method, path] of [
    ['POST', 'iam/resource_groups'],
    ['PUT', `iam/resource_groups/${place.id}`],
    ['POST', 'iam/user_groups'],
    ['PUT', `iam/user_groups/${group.id}`],
    ['POST', 'members'],
    ['PUT', `members/${a.owner.id}`],
    ['POST', 'tokens'],
  ]) {
    for (const body of ['', 'not json', '{"name":', '{"name":"x"} and more', '[]', '"text"', 'null', '7', '{"name":"a","name":"b"}']) {
      const answer = await raw(method, `/accounts/${a.id}/${path}`, { token: a.owner.token, body });
      assert.deepEqual([answer.status, answer.body.errors?.[0]?.code], [400, 1198], `${method} ${path} ${body}: ${JSON.stringify(answer.body)}`);
    }
  }
  const form = await raw('POST', `/accounts/${a.id}/iam/user_groups`, {
    token: a.owner.token,
    body: 'name=x',
    type: 'application/x-www-form-urlencoded',
  });
  assert.equal(form.status, 400);
  assert.deepEqual((await a.cf.iam.userGroups.list(a.in)).result, [group]);
});

test('a body on DELETE, as very old clients send it, is ignored', async () => {
  const a = await newAccount();
  const group = await a.group();
  const answer = await raw('DELETE', `/accounts/${a.id}/iam/user_groups/${group.id}`, { token: a.owner.token, body: {} });
  assert.deepEqual([answer.status, answer.body.result], [200, { id: group.id }]);
});

test('a not found is asked for once, and its message is the answer', async () => {
  const a = await newAccount();
  const { cf, sent } = connect({ token: a.owner.token });
  await assert.rejects(cf.iam.userGroups.get(unknownID, a.in), /404 \{"success":false,/);
  assert.equal(sent.length, 1);
});

test('too many calls are told when to come again', async () => {
  const limited = await startServer({ WRIT_RATE_PER_MINUTE: '5' });
  try {
    const { CLOUDFLARE_BASE_URL: url, CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_ACCOUNT_ID: account_id } = limited.env;
    const { cf, sent } = connect({ token, url });
    const call = () => cf.withOptions({ maxRetries: 0 }).iam.userGroups.list({ account_id });
    // A minute may begin in between: of eleven calls in a row, some are refused all the same.
    const outcomes = [];
    for (let i = 0; i < 11; i++) {
      outcomes.push(await call().then(() => 200, (error) => error));
    }
    const refusals = outcomes.filter((o) => o !== 200);
    assert.ok(refusals.length > 0, 'none of eleven calls was refused');
    await refused(Promise.reject(refusals[0]), 429, 10429);
    assert.match(sent.find((r) => r.status === 429).headers.get('retry-after'), /^[1-9][0-9]?$/);
  } finally {
    await limited.stop();
  }
});
