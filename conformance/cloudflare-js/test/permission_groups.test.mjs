// Permission groups: operations 1 and 2 of the contract.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newAccount } from '../harness/account.mjs';
import { all, byText, isID, malformedIDs, refused, unknownID } from '../harness/expect.mjs';
import { connect, raw } from '../harness/wire.mjs';

const a = await newAccount();
const groups = (query = {}) => a.cf.iam.permissionGroups.list({ ...a.in, ...query });

// Contract, section 4.
const catalogue = {
  admin: ['Administrator', 'com.cloudflare.api.account'],
  admin_readonly: ['Administrator Read Only', 'com.cloudflare.api.account'],
  super_admin: ['Super Administrator - All Privileges', 'com.cloudflare.api.account'],
  load_balancer_admin: ['Load Balancer', 'com.cloudflare.api.account'],
  fbm_user: ['Magic Network Monitoring', 'com.cloudflare.api.account'],
  billing: ['Billing', 'com.cloudflare.api.account'],
  r2_admin: ['Cloudflare R2 Admin', 'com.cloudflare.api.account'],
  workers_platform_readonly: ['Workers Platform (Read-only)', 'com.cloudflare.api.account'],
  domain_page_shield: ['Domain Page Shield', 'com.cloudflare.api.account.zone'],
  domain_dns: ['Domain DNS', 'com.cloudflare.api.account.zone'],
  worker_read: ['Worker Read', 'com.cloudflare.api.account.worker'],
};

test('list: the auto-pager gets everything, over pages of 20, and ends', async () => {
  const { cf, sent } = connect({ token: a.owner.token });
  const list = await all(cf.iam.permissionGroups.list(a.in));
  assert.ok(list.length > 20, `${list.length} permission groups fill no second page`);
  assert.equal(new Set(list.map((g) => g.id)).size, list.length, 'a group stands twice');
  assert.deepEqual(
    sent.map((r) => r.query),
    ['', ...Array.from({ length: Math.ceil(list.length / 20) }, (_, i) => `?page=${i + 2}`)],
    'one request a page, and one that is empty',
  );
  assert.deepEqual(list.map((g) => g.name), list.map((g) => g.name).sort(byText), 'they are sorted by name');
});

test('list: every element has an id, a name and a flat meta of strings', async () => {
  for (const group of await all(groups())) {
    isID(group.id);
    assert.ok(group.name);
    assert.ok(group.meta.label);
    assert.match(group.meta.scopes, /^com\.cloudflare\.api\.account(\.zone|\.worker)?$/);
    assert.equal(group.meta.editable, 'false');
    assert.deepEqual(Object.values(group.meta).filter((v) => typeof v !== 'string'), [], `meta of ${group.name} has other than strings`);
  }
});

test('list: the catalogue has what clients look up', async () => {
  const found = Object.fromEntries((await all(groups())).map((g) => [g.meta.label, [g.name, g.meta.scopes]]));
  for (const [label, want] of Object.entries(catalogue)) {
    assert.deepEqual(found[label], want, label);
  }
});

test('list: an explicit per_page pages too, in the same order', async () => {
  const { cf, sent } = connect({ token: a.owner.token });
  const whole = await all(groups());
  assert.deepEqual(await all(cf.iam.permissionGroups.list({ ...a.in, per_page: 12 })), whole);
  assert.equal(sent.length, Math.ceil(whole.length / 12) + 1);
});

test('list: filters, and all of them together', async () => {
  const [readonly, admin] = [await a.role('admin_readonly'), await a.role('admin')];
  const cases = [
    [{ label: 'admin_readonly' }, [readonly]],
    [{ name: 'Administrator' }, [admin]],
    [{ id: readonly.id }, [readonly]],
    [{ id: readonly.id, name: readonly.name, label: 'admin_readonly' }, [readonly]],
    [{ id: readonly.id, label: 'admin' }, []],
    [{ label: 'no_such_label' }, []],
    [{ name: 'administrator' }, []],
    [{ id: unknownID }, []],
    [{ id: 'abc' }, []],
  ];
  for (const [query, want] of cases) {
    assert.deepEqual(await all(groups(query)), want, JSON.stringify(query));
  }
});

test('list: pages before, after and of odd sizes', async () => {
  const total = (await all(groups())).length;
  const path = `/accounts/${a.id}/iam/permission_groups`;
  const cases = [
    ['?page=1000', { page: 1000, per_page: 20, count: 0 }],
    ['?page=0', { page: 1, per_page: 20, count: 20 }],
    ['?page=-3', { page: 1, per_page: 20, count: 20 }],
    ['?page=first', { page: 1, per_page: 20, count: 20 }],
    ['?per_page=1', { page: 1, per_page: 5, count: 5 }],
    ['?per_page=5000', { page: 1, per_page: 50, count: Math.min(total, 50) }],
    ['?per_page=7&page=2', { page: 2, per_page: 7, count: 7 }],
  ];
  for (const [query, want] of cases) {
    const { status, body } = await raw('GET', path + query, { token: a.owner.token });
    assert.equal(status, 200, query);
    const { page, per_page, count, total_count } = body.result_info;
    assert.deepEqual({ page, per_page, count, total_count }, { ...want, total_count: total }, query);
  }
});

test('get: gives what the list has', async () => {
  const readonly = await a.role('admin_readonly');
  assert.deepEqual(await a.cf.iam.permissionGroups.get(readonly.id, a.in), readonly);
});

test('get: ids that nothing has', async () => {
  const readonly = await a.role('admin_readonly');
  await refused(a.cf.iam.permissionGroups.get(unknownID, a.in), 404, 404);
  await refused(a.cf.iam.permissionGroups.get(readonly.id.toUpperCase(), a.in), 404);
  for (const id of malformedIDs) {
    await refused(a.cf.iam.permissionGroups.get(id, a.in), 404, 7003);
  }
});

test('ids are the same in every account', async () => {
  const b = await newAccount();
  assert.deepEqual(await b.role('admin_readonly'), await a.role('admin_readonly'));
});
