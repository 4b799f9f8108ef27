// Resource groups: operations 3 to 7 of the contract.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newAccount, unique } from '../harness/account.mjs';
import { all, isID, malformedIDs, refused, refusedRaw, unknownID } from '../harness/expect.mjs';
import { connect, raw } from '../harness/wire.mjs';

const zone = (digit) => `com.cloudflare.api.account.zone.${digit.repeat(32)}`;
const scope = (a, ...keys) => ({ key: a.key, objects: keys.map((key) => ({ key })) });

test('every account has a predefined group first, which is the whole account', async () => {
  const a = await newAccount();
  const [first] = await all(a.cf.iam.resourceGroups.list(a.in));
  isID(first.id);
  assert.equal(first.name, a.key);
  assert.deepEqual(first.scope, scope(a, '*'));
  assert.deepEqual(await a.cf.iam.resourceGroups.get(first.id, a.in), first);
});

test('the predefined group cannot be changed or deleted', async () => {
  const a = await newAccount();
  const predefined = await a.whole();
  await refused(a.cf.iam.resourceGroups.update(predefined.id, { ...a.in, name: 'mine' }), 422, 422);
  await refused(a.cf.iam.resourceGroups.update(predefined.id, { ...a.in, scope: scope(a, zone('1')) }), 422, 422);
  await refused(a.cf.iam.resourceGroups.delete(predefined.id, a.in), 422, 422);
  assert.deepEqual(await a.whole(), predefined);
});

test('create, get, list, update, delete', async () => {
  const a = await newAccount();
  const made = await a.cf.iam.resourceGroups.create({ ...a.in, name: 'Staging zones', scope: scope(a, zone('1'), zone('2')) });
  isID(made.id);
  assert.equal(made.name, 'Staging zones');
  assert.deepEqual(made.scope, scope(a, zone('1'), zone('2')), 'the scope is an object, as it was sent');
  assert.deepEqual(await a.cf.iam.resourceGroups.get(made.id, a.in), made);
  assert.deepEqual((await all(a.cf.iam.resourceGroups.list(a.in)))[1], made);

  const renamed = await a.cf.iam.resourceGroups.update(made.id, { ...a.in, name: 'Stage' });
  assert.deepEqual({ ...renamed, name: made.name }, made, 'the scope stays when only the name is sent');

  const moved = await a.cf.iam.resourceGroups.update(made.id, { ...a.in, scope: scope(a, zone('3')) });
  assert.deepEqual(moved.scope, scope(a, zone('3')), 'a scope is replaced whole');
  assert.equal(moved.name, 'Stage');

  assert.deepEqual(await a.cf.iam.resourceGroups.update(made.id, a.in), moved, 'an empty object changes nothing');

  assert.deepEqual(await a.cf.iam.resourceGroups.delete(made.id, a.in), { id: made.id });
  await refused(a.cf.iam.resourceGroups.get(made.id, a.in), 404, 404);
  await refused(a.cf.iam.resourceGroups.delete(made.id, a.in), 404, 404);
});

test('every kind of object can be in a scope', async () => {
  const a = await newAccount();
  const keys = [
    ['*'],
    [zone('a')],
    [`com.cloudflare.api.account.worker.${'b'.repeat(32)}`],
    [`com.cloudflare.edge.r2.bucket.${a.id}_eu_reports`],
  ];
  for (const objects of keys) {
    const made = await a.cf.iam.resourceGroups.create({ ...a.in, name: unique('kinds'), scope: scope(a, ...objects) });
    assert.deepEqual(made.scope, scope(a, ...objects));
  }
});

test('meta of older clients is accepted', async () => {
  const a = await newAccount();
  const body = { name: 'old', scope: scope(a, '*'), meta: { key: 'editable', value: 'true' } };
  const answer = await raw('POST', `/accounts/${a.id}/iam/resource_groups`, { token: a.owner.token, body });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body.result.scope, scope(a, '*'));
});

test('names may repeat; list filters by name and id; all come in one request', async () => {
  const a = await newAccount();
  const made = [];
  for (let i = 0; i < 60; i++) {
    made.push(await a.cf.iam.resourceGroups.create({ ...a.in, name: i < 2 ? 'twin' : `group ${i}`, scope: scope(a, zone('4')) }));
  }
  const { cf, sent } = connect({ token: a.owner.token });
  const list = await all(cf.iam.resourceGroups.list(a.in));
  assert.equal(sent.length, 1);
  assert.deepEqual(list.slice(1), made, 'the predefined one, then as they were made');

  const cases = [
    [{ name: 'twin' }, made.slice(0, 2)],
    [{ name: 'Twin' }, []],
    [{ id: made[7].id }, [made[7]]],
    [{ id: made[7].id, name: 'group 7' }, [made[7]]],
    [{ id: made[7].id, name: 'twin' }, []],
    [{ id: unknownID }, []],
    [{ id: 'abc' }, []],
  ];
  for (const [query, want] of cases) {
    assert.deepEqual(await all(cf.iam.resourceGroups.list({ ...a.in, ...query })), want, JSON.stringify(query));
  }

  const page = await raw('GET', `/accounts/${a.id}/iam/resource_groups?per_page=25&page=3`, { token: a.owner.token });
  assert.deepEqual(page.body.result, made.slice(49), 'clients that send per_page get pages');
});

test('what is wrong in a body is refused, and nothing is stored', async () => {
  const [a, b] = [await newAccount(), await newAccount()];
  const group = await a.zones('5'.repeat(32));
  const cases = [
    { name: '', scope: scope(a, '*') },
    { name: 'x'.repeat(256), scope: scope(a, '*') },
    { name: 7, scope: scope(a, '*') },
    { scope: scope(a, '*') },
    { name: 'no scope' },
    { name: 'scope as text', scope: a.key },
    { name: 'scope as an array', scope: [scope(a, '*')] },
    { name: 'no objects', scope: { key: a.key } },
    { name: 'empty objects', scope: scope(a) },
    { name: 'objects as text', scope: { key: a.key, objects: '*' } },
    { name: 'object as text', scope: { key: a.key, objects: ['*'] } },
    { name: 'object without a key', scope: { key: a.key, objects: [{}] } },
    { name: 'object that is nothing', scope: scope(a, 'everything') },
    { name: 'no key', scope: { objects: [{ key: '*' }] } },
    { name: 'another account', scope: scope(b, '*') },
    { name: 'no account', scope: { key: 'com.cloudflare.api.account.zone', objects: [{ key: '*' }] } },
  ];
  for (const body of cases) {
    const answer = await raw('POST', `/accounts/${a.id}/iam/resource_groups`, { token: a.owner.token, body });
    refusedRaw(answer, 400, 400);
  }
  for (const body of cases.filter((c) => c.scope !== undefined && c.name !== undefined)) {
    const answer = await raw('PUT', `/accounts/${a.id}/iam/resource_groups/${group.id}`, { token: a.owner.token, body });
    refusedRaw(answer, 400, 400);
  }
  assert.deepEqual((await all(a.cf.iam.resourceGroups.list(a.in))).slice(1), [group]);
});

test('a group that a policy refers to cannot be deleted, and the client asks once', async () => {
  const a = await newAccount();
  const place = await a.zones('6'.repeat(32));
  const group = await a.group('users of it', [await a.policy('domain_dns', { on: place })]);
  const { cf, sent } = connect({ token: a.owner.token });
  await refused(cf.iam.resourceGroups.delete(place.id, a.in), 409, 409);
  assert.deepEqual(sent.map((r) => r.headers.get('x-should-retry')), ['false'], 'the SDK sent it once');

  await a.cf.iam.userGroups.update(group.id, { ...a.in, policies: [] });
  assert.deepEqual(await a.cf.iam.resourceGroups.delete(place.id, a.in), { id: place.id });
});

test('a policy follows its resource group', async () => {
  const a = await newAccount();
  const place = await a.zones('7'.repeat(32));
  const group = await a.group('followers', [await a.policy('domain_dns', { on: place })]);
  await a.cf.iam.resourceGroups.update(place.id, { ...a.in, name: 'moved', scope: scope(a, zone('8')) });
  const [policy] = (await a.cf.iam.userGroups.get(group.id, a.in)).policies;
  assert.equal(policy.resource_groups[0].name, 'moved');
  assert.deepEqual(policy.resource_groups[0].scope, scope(a, zone('8')));
});

test('ids that nothing here has', async () => {
  const [a, b] = [await newAccount(), await newAccount()];
  const others = await b.zones('9'.repeat(32));
  for (const id of [unknownID, others.id]) {
    await refused(a.cf.iam.resourceGroups.get(id, a.in), 404, 404);
    await refused(a.cf.iam.resourceGroups.update(id, { ...a.in, name: 'mine' }), 404, 404);
    await refused(a.cf.iam.resourceGroups.delete(id, a.in), 404, 404);
  }
  for (const id of malformedIDs) {
    await refused(a.cf.iam.resourceGroups.get(id, a.in), 404, 7003);
    await refused(a.cf.iam.resourceGroups.update(id, { ...a.in, name: 'mine' }), 404, 7003);
    await refused(a.cf.iam.resourceGroups.delete(id, a.in), 404, 7003);
  }
});
