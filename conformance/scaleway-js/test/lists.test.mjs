// Lists: pages, orders, filters (contract, section 3). Lists of 45 are more than two pages of the usual size.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { answers, answersInvalid, byText, denied, invalid, unknownID } from '../harness/expect.mjs';
import { newOrganization } from '../harness/organization.mjs';

const many = {};

before(async () => {
  const o = (many.organization = await newOrganization());
  many.groups = [];
  for (let i = 0; i < 45; i++) {
    // The order of creation is not that of the names, nor that of the last changes.
    many.groups.push(await o.group(`team ${String((i * 7) % 45).padStart(2, '0')}`, { tags: i % 9 === 0 ? [`ninth=${i}`] : [] }));
  }
  many.groups[3] = await o.iam.updateGroup({ groupId: many.groups[3].id, description: 'changed last' });
});

const names = (groups) => groups.map((g) => g.name);

test('pages: .all() asks for them in parallel, and gets everything once', async () => {
  const { organization: o, groups } = many;
  const { iam, sent } = o.as(o.key);
  assert.deepEqual(await iam.listGroups().all(), groups);
  assert.deepEqual(sent.map((r) => new URLSearchParams(r.query).get('page')).sort(), ['2', '3', null].sort());

  for (const pageSize of [1, 7, 20, 44, 45, 100]) {
    const { iam, sent } = o.as(o.key);
    assert.deepEqual(await iam.listGroups({ pageSize }).all(), groups, `pageSize ${pageSize}`);
    assert.equal(sent.length, Math.ceil(45 / pageSize));
  }
});

test('pages: for await asks for one after the other', async () => {
  const { organization: o, groups } = many;
  const { iam, sent } = o.as(o.key);
  const pages = [];
  for await (const page of iam.listGroups({ pageSize: 10 })) {
    pages.push(page);
  }
  assert.deepEqual(pages.map((p) => p.length), [10, 10, 10, 10, 5]);
  assert.deepEqual(pages.flat(), groups);
  assert.equal(sent.length, 5);
});

test('pages: 20 by default, total_count counts everything, and past the end is nothing', async () => {
  const { organization: o, groups } = many;
  assert.deepEqual(await o.iam.listGroups(), { groups: groups.slice(0, 20), totalCount: 45 });
  assert.deepEqual(await o.iam.listGroups({ page: 3 }), { groups: groups.slice(40), totalCount: 45 });
  assert.deepEqual(await o.iam.listGroups({ page: 4 }), { groups: [], totalCount: 45 });
  assert.deepEqual(await o.iam.listGroups({ page: 10_000, pageSize: 100 }), { groups: [], totalCount: 45 });
  assert.deepEqual(await o.iam.listGroups({ name: 'nobody' }).all(), []);
  const filtered = await o.iam.listGroups({ tag: 'ninth', pageSize: 2, page: 2 });
  assert.deepEqual([filtered.groups.length, filtered.totalCount], [2, 5]);
});

test('pages: what is out of range', async () => {
  const { organization: o } = many;
  await invalid(o.iam.listGroups({ page: 10_001 }), 'page', 'constraint');
  await invalid(o.iam.listGroups({ pageSize: 101 }), 'page_size', 'constraint');
  for (const [query, argument, reason] of [
    ['page=0', 'page', 'constraint'],
    ['page=-1', 'page', 'constraint'],
    ['page=one', 'page', 'format'],
    ['page_size=0', 'page_size', 'constraint'],
    ['page_size=99999999999999999999', 'page_size', 'constraint'],
  ]) {
    answersInvalid(await o.raw('GET', `/groups?${query}`), argument, reason);
  }
  answers(await o.raw('GET', '/groups?page=&page_size='), 200, { total_count: 45 });
});

test('orders of groups', async () => {
  const { organization: o, groups } = many;
  const list = (orderBy) => o.iam.listGroups({ orderBy, pageSize: 8 }).all();
  assert.deepEqual(await list('created_at_asc'), groups);
  assert.deepEqual(await list('created_at_desc'), groups.toReversed());
  const sorted = names(groups).toSorted(byText);
  assert.deepEqual(names(await list('name_asc')), sorted);
  assert.deepEqual(names(await list('name_desc')), sorted.toReversed());
  const changed = [...groups.slice(0, 3), ...groups.slice(4), groups[3]];
  assert.deepEqual(names(await list('updated_at_asc')), names(changed));
  assert.deepEqual(names(await list('updated_at_desc')), names(changed.toReversed()));
});

test('every list takes its orders, and no others', async () => {
  const { organization: o } = many;
  const { id: policyId } = await o.policy({ noPrincipal: true });
  const both = (...fields) => fields.flatMap((field) => [`${field}_asc`, `${field}_desc`]);
  const lists = {
    '/api-keys': both('created_at', 'updated_at', 'expires_at', 'access_key'),
    '/applications': both('created_at', 'updated_at', 'name'),
    '/groups': both('created_at', 'updated_at', 'name'),
    '/policies': both('policy_name', 'created_at'),
    '/permission-sets': both('name', 'created_at'),
    '/quota': both('name'),
    '/users': both('created_at', 'updated_at', 'email', 'last_login', 'username'),
    '/ssh-keys': both('created_at', 'updated_at', 'name'),
    '/logs': both('created_at'),
  };
  for (const [path, orders] of Object.entries(lists)) {
    for (const order of orders) {
      answers(await o.raw('GET', `${path}?organization_id=${o.id}&order_by=${order}`), 200);
    }
    for (const order of ['name', 'created_at', 'asc', 'color_asc', 'created_at_ASC']) {
      answersInvalid(await o.raw('GET', `${path}?organization_id=${o.id}&order_by=${order}`), 'order_by', 'format');
    }
  }
  answers(await o.raw('GET', `/rules?policy_id=${policyId}`), 200, { rules: [], total_count: 0 });
});

test('filters of groups', async () => {
  const { organization: o, groups } = many;
  const [user, application] = [await o.member(), await o.application()];
  const list = async (query) => names(await o.iam.listGroups(query).all());
  const [withUser, withBoth, withApplication] = groups.slice(10, 13);
  await o.iam.addGroupMember({ groupId: withUser.id, userId: user.id });
  await o.iam.addGroupMembers({ groupId: withBoth.id, userIds: [user.id], applicationIds: [application.id] });
  await o.iam.addGroupMember({ groupId: withApplication.id, applicationId: application.id });

  assert.deepEqual(await list({ name: 'team 07' }), ['team 07']);
  assert.deepEqual(await list({ name: 'team' }), [], 'a part of a name is no name');
  assert.deepEqual(await list({ name: 'TEAM 07' }), []);
  assert.deepEqual(await list({ groupIds: [groups[2].id, groups[1].id, unknownID] }), names(groups.slice(1, 3)));
  assert.deepEqual(await list({ userIds: [user.id] }), names([withUser, withBoth]));
  assert.deepEqual(await list({ applicationIds: [application.id, unknownID] }), names([withBoth, withApplication]));
  assert.deepEqual(await list({ userIds: [user.id], applicationIds: [application.id] }), names([withUser, withBoth, withApplication]));
  assert.deepEqual(await list({ userIds: [user.id], name: withBoth.name }), [withBoth.name]);
  assert.deepEqual(await list({ userIds: [unknownID] }), []);
  assert.deepEqual(await list({ tag: 'ninth=1' }), names([groups[18]]));
  assert.equal((await list({ tag: 'nint' })).length, 5, 'a tag that contains it is enough');
  assert.deepEqual(await list({ tag: 'ninth=1x' }), []);
});

test('filters of policies', async () => {
  const o = await newOrganization();
  const [user, group, application] = [await o.member(), await o.group(), await o.application()];
  await o.iam.addGroupMember({ groupId: group.id, userId: user.id });
  const ofUser = await o.policy({ userId: user.id }, [], { name: 'zebra', tags: ['env=prod'] });
  const ofGroup = await o.policy({ groupId: group.id }, [], { name: 'apple' });
  const ofApplication = await o.policy({ applicationId: application.id }, [], { name: 'mango', tags: ['env=test'] });
  const ofNobody = await o.policy({ noPrincipal: true }, [], { name: 'banana' });
  const list = async (query) => names(await o.iam.listPolicies(query).all());
  const all = names([ofUser, ofGroup, ofApplication, ofNobody]);

  assert.deepEqual(await list(), all);
  assert.deepEqual(await list({ orderBy: 'policy_name_asc' }), ['apple', 'banana', 'mango', 'zebra']);
  assert.deepEqual(await list({ orderBy: 'policy_name_desc' }), ['zebra', 'mango', 'banana', 'apple']);
  assert.deepEqual(await list({ orderBy: 'created_at_desc' }), all.toReversed());
  assert.deepEqual(await list({ userIds: [user.id] }), ['zebra'], 'those of groups are not the user\'s');
  assert.deepEqual(await list({ groupIds: [group.id] }), ['apple']);
  assert.deepEqual(await list({ applicationIds: [application.id] }), ['mango']);
  assert.deepEqual(await list({ userIds: [user.id], applicationIds: [application.id] }), ['zebra', 'mango']);
  assert.deepEqual(await list({ userIds: [unknownID] }), []);
  assert.deepEqual(await list({ noPrincipal: true }), ['banana']);
  assert.deepEqual(await list({ noPrincipal: false }), ['zebra', 'apple', 'mango']);
  assert.deepEqual(await list({ editable: true }), all);
  assert.deepEqual(await list({ editable: false }), []);
  assert.deepEqual(await list({ policyName: 'mango' }), ['mango']);
  assert.deepEqual(await list({ policyName: 'man' }), []);
  assert.deepEqual(await list({ tag: 'env=' }), ['zebra', 'mango']);
  assert.deepEqual(await list({ policyIds: [ofGroup.id, ofNobody.id], noPrincipal: true }), ['banana']);
  answers(await o.raw('GET', `/policies?organization_id=${o.id}&user_id=${user.id}&color=red`), 200, { total_count: 4 });
});

test('filters of applications', async () => {
  const o = await newOrganization();
  const [one, two] = [await o.application('one', { tags: ['env=prod'] }), await o.application('two')];
  const list = async (query) => names(await o.iam.listApplications(query).all());
  assert.deepEqual(await list(), ['one', 'two']);
  assert.deepEqual(await list({ name: 'two' }), ['two']);
  assert.deepEqual(await list({ name: 'tw' }), []);
  assert.deepEqual(await list({ applicationIds: [one.id] }), ['one']);
  assert.deepEqual(await list({ tag: 'prod' }), ['one']);
  assert.deepEqual(await list({ editable: true }), ['one', 'two']);
  assert.deepEqual(await list({ editable: false }), []);
  assert.deepEqual(await list({ orderBy: 'name_desc' }), ['two', 'one']);
  assert.deepEqual(await list({ applicationIds: [two.id], name: 'one' }), []);
});

test('quota: all, by name, and one', async () => {
  const o = await newOrganization();
  await o.quota('groups', 7);
  const { quota, totalCount } = await o.iam.listQuota();
  const want = ['iam_api_keys', 'iam_applications', 'iam_groups', 'iam_policies', 'iam_users', 'projects', 'ssh_keys'];
  assert.deepEqual([names(quota), totalCount], [want, want.length]);
  for (const quotum of quota) {
    assert.deepEqual([quotum.localityType, quotum.unlimited], ['global', undefined]);
    assert.deepEqual(quotum.limits, [{ global: true, limit: quotum.limit, region: undefined, unlimited: undefined, zone: undefined }]);
    assert.ok(quotum.prettyName !== '' && quotum.unit !== '' && quotum.description !== '' && quotum.limit > 0, quotum.name);
    assert.deepEqual(await o.iam.getQuotum({ quotumName: quotum.name }), quotum);
  }
  assert.equal(quota.find((q) => q.name === 'iam_groups').limit, 7);
  const list = async (query) => names(await o.iam.listQuota(query).all());
  assert.deepEqual(await list({ orderBy: 'name_desc', pageSize: 3 }), want.toReversed());
  assert.deepEqual(await list({ quotumNames: ['projects', 'iam_groups', 'no_such'] }), ['iam_groups', 'projects']);
  await assert.rejects(o.iam.getQuotum({ quotumName: 'no_such' }), { name: 'ResourceNotFoundError', resource: 'quota', resourceId: 'no_such' });
  const { iam } = await o.actor(o.rule('IAMGroupManager'));
  await denied(iam.listQuota(), 'list', 'quota');
  await denied(iam.getQuotum({ quotumName: 'iam_groups' }), 'read', 'quota');
});

test('what lists refuse, and what they take as absent', async () => {
  const { organization: o } = many;
  for (const path of ['/policies', '/quota', '/permission-sets']) {
    answersInvalid(await o.raw('GET', path), 'organization_id', 'required');
    answersInvalid(await o.raw('GET', `${path}?organization_id=`), 'organization_id', 'required');
  }
  for (const path of ['/users', '/applications', '/groups', '/api-keys', '/ssh-keys', '/logs']) {
    answers(await o.raw('GET', path), 200);
    answers(await o.raw('GET', `${path}?organization_id=`), 200);
    answers(await o.raw('GET', `${path}?organization_id=${o.id.toUpperCase()}`), 200);
    answersInvalid(await o.raw('GET', `${path}?organization_id=abc`), 'organization_id', 'format');
    answers(await o.raw('GET', `${path}?organization_id=${unknownID}`), 403, { type: 'permissions_denied' });
  }
  answersInvalid(await o.raw('GET', `/groups?user_ids[]=${unknownID}`), 'user_ids[]', 'unknown');
  answersInvalid(await o.raw('GET', '/groups?user_ids=abc'), 'user_ids', 'format');
  answersInvalid(await o.raw('GET', '/applications?editable=yes'), 'editable', 'format');
  answersInvalid(await o.raw('GET', '/users?type=guest'), 'type', 'format');
  answersInvalid(await o.raw('GET', '/logs?action=viewed'), 'action', 'format');
  answersInvalid(await o.raw('GET', '/logs?created_after=yesterday'), 'created_after', 'format');
  for (const query of ['users?type=unknown_type', 'api-keys?bearer_type=unknown_bearer_type', 'logs?action=unknown_action&resource_type=unknown_resource_type']) {
    answers(await o.raw('GET', `/${query}`), 200);
  }
});
