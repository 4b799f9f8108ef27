// Rules of policies, and the permission sets that they name (contract, sections 4.6, 4.7, 6 and 7).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answers, answersInvalid, byText, denied, invalid, isID, missing, refused, unknownID } from '../harness/expect.mjs';
import { newOrganization } from '../harness/organization.mjs';

const shown = (rule) => Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined));

test('rules are set as a whole, in their order, with new ids each time', async () => {
  const o = await newOrganization();
  const { id: policyId } = await o.policy({ noPrincipal: true }, [o.rule('BillingReadOnly')]);
  const rules = [
    { permissionSetNames: ['InstancesReadOnly', 'VPCReadOnly'], condition: '1 == 1', projectIds: [o.id] },
    o.rule('IAMReadOnly'),
    o.rule('AllProductsFullAccess'),
  ];
  const set = await o.iam.setRules({ policyId, rules });
  set.rules.forEach(({ id }) => isID(id));
  assert.equal(new Set(set.rules.map((r) => r.id)).size, 3);
  assert.deepEqual(set.rules.map(({ id, ...rule }) => shown(rule)), [
    { permissionSetNames: ['InstancesReadOnly', 'VPCReadOnly'], permissionSetsScopeType: 'projects', condition: '1 == 1', projectIds: [o.id] },
    { permissionSetNames: ['IAMReadOnly'], permissionSetsScopeType: 'organization', condition: '', organizationId: o.id },
    { permissionSetNames: ['AllProductsFullAccess'], permissionSetsScopeType: 'projects', condition: '', organizationId: o.id },
  ]);
  assert.deepEqual(await o.iam.listRules({ policyId }), { rules: set.rules, totalCount: 3 });

  const turned = await o.iam.setRules({ policyId, rules: rules.toReversed() });
  assert.deepEqual(turned.rules.map((r) => r.permissionSetNames[0]), ['AllProductsFullAccess', 'IAMReadOnly', 'InstancesReadOnly']);
  const again = await o.iam.setRules({ policyId, rules: rules.toReversed() });
  assert.equal(new Set([...set.rules, ...turned.rules, ...again.rules].map((r) => r.id)).size, 9, 'even what is the same');
  assert.deepEqual((await o.iam.listRules({ policyId })).rules, again.rules);

  assert.deepEqual(await o.iam.setRules({ policyId, rules: [] }), { rules: [] });
  assert.deepEqual(await o.iam.listRules({ policyId }), { rules: [], totalCount: 0 });
});

test('rules are listed in pages', async () => {
  const o = await newOrganization();
  const names = ['IAMReadOnly', 'IAMManager', 'BillingReadOnly', 'ProjectReadOnly', 'ProjectManager'];
  const rules = Array.from({ length: 45 }, (_, i) => o.rule(names[i % names.length]));
  const { id: policyId } = await o.policy({ noPrincipal: true }, rules);
  const first = await o.iam.listRules({ policyId });
  assert.deepEqual([first.rules.length, first.totalCount], [20, 45]);
  const all = await o.iam.listRules({ policyId }).all();
  assert.deepEqual(all.map((r) => r.permissionSetNames[0]), rules.map((r) => r.permissionSetNames[0]));
  assert.equal(new Set(all.map((r) => r.id)).size, 45);
  const paged = [];
  for await (const page of o.iam.listRules({ policyId, pageSize: 7 })) {
    paged.push(...page);
  }
  assert.deepEqual(paged, all);
});

test('what is wrong with a rule is refused, with its place, and nothing is stored', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const good = o.rule('IAMReadOnly');
  const { id: policyId } = await o.policy({ noPrincipal: true }, [good]);
  const before = await o.iam.listRules({ policyId });
  const projects = { condition: '', projectIds: [o.id] };
  const cases = [
    ['rules[1].permission_set_names', 'required', { ...good, permissionSetNames: [] }],
    ['rules[1].permission_set_names', 'constraint', { ...good, permissionSetNames: ['NoSuchSet'] }],
    ['rules[1].permission_set_names', 'constraint', { ...good, permissionSetNames: ['IAMReadOnly', 'InstancesReadOnly'] }],
    ['rules[1].project_ids', 'constraint', { ...projects, permissionSetNames: ['IAMReadOnly'] }],
    ['rules[1].scope', 'required', { permissionSetNames: ['IAMReadOnly'], condition: '' }],
    ['rules[1].condition', 'format', { ...good, condition: 'request.ip ==' }],
    ['rules[1].condition', 'constraint', { ...good, condition: `"${'x'.repeat(2050)}" == ""` }],
    ['rules[1].project_ids[0]', 'format', { permissionSetNames: ['InstancesReadOnly'], condition: '', projectIds: ['abc'] }],
  ];
  for (const [argument, reason, rule] of cases) {
    await invalid(o.iam.setRules({ policyId, rules: [good, rule] }), argument, reason);
    await invalid(o.policy({ noPrincipal: true }, [good, rule]), argument, reason);
  }
  const both = { permission_set_names: ['InstancesReadOnly'], project_ids: [o.id], organization_id: o.id };
  answersInvalid(await o.raw('PUT', '/rules', { body: { policy_id: policyId, rules: [both] } }), 'rules[0].scope', 'constraint');
  answersInvalid(await o.raw('PUT', '/rules', { body: { rules: [] } }), 'policy_id', 'required');
  answersInvalid(await o.raw('GET', '/rules'), 'policy_id', 'required');
  await refused(o.iam.setRules({ policyId, rules: [{ ...good, organizationId: other.id }] }), 'PermissionsDeniedError');
  for (const id of [unknownID, other.id]) {
    const rule = { permissionSetNames: ['InstancesReadOnly'], condition: '', projectIds: [id] };
    await missing(o.iam.setRules({ policyId, rules: [rule] }), 'project', id);
  }
  assert.deepEqual(await o.iam.listRules({ policyId }), before);
  assert.equal((await o.iam.listPolicies()).totalCount, 1);
});

test('a permission set that is there twice counts once, and what answers have besides is ignored', async () => {
  const o = await newOrganization();
  const { id: policyId } = await o.policy({ noPrincipal: true });
  const rule = { permission_set_names: ['IAMReadOnly', 'BillingReadOnly', 'IAMReadOnly'], organization_id: o.id, id: unknownID, permission_sets_scope_type: 'projects', more: 1 };
  const answer = await o.raw('PUT', '/rules', { body: { policy_id: policyId, rules: [rule] } });
  answers(answer, 200);
  assert.equal('total_count' in answer.body, false);
  const [{ id, ...made }] = answer.body.rules;
  assert.notEqual(id, unknownID);
  assert.deepEqual(made, {
    permission_set_names: ['IAMReadOnly', 'BillingReadOnly'],
    permission_sets_scope_type: 'organization',
    condition: '',
    organization_id: o.id,
  });
  answers(await o.raw('PUT', '/rules', { body: { policy_id: policyId, rules: null } }), 200, { rules: [] });
  answers(await o.raw('GET', `/rules?policy_id=${policyId}&order_by=whatever`), 200, { rules: [], total_count: 0 });
});

test('a hundred rules are the most', async () => {
  const o = await newOrganization();
  const { id: policyId } = await o.policy({ noPrincipal: true });
  const rules = (n) => Array.from({ length: n }, () => o.rule('IAMReadOnly'));
  assert.equal((await o.iam.setRules({ policyId, rules: rules(100) })).rules.length, 100);
  await invalid(o.iam.setRules({ policyId, rules: rules(101) }), 'rules', 'constraint');
});

test('permission sets: by name, with their scopes, and every one can be used', async () => {
  const o = await newOrganization();
  const sets = await o.iam.listPermissionSets().all();
  assert.ok(sets.length >= 170, `there are ${sets.length}`);
  const names = sets.map((s) => s.name);
  assert.deepEqual(names, names.toSorted(byText));
  assert.equal(new Set(sets.map((s) => s.id)).size, sets.length);
  for (const set of sets) {
    isID(set.id);
    assert.ok(['projects', 'organization'].includes(set.scopeType), set.name);
    assert.ok(set.categories.length > 0, set.name);
  }
  assert.equal(sets.find((s) => s.name === 'IAMReadOnly').scopeType, 'organization');
  assert.equal(sets.find((s) => s.name === 'InstancesReadOnly').scopeType, 'projects');
  for (const scope of ['projects', 'organization']) {
    const used = sets.filter((s) => s.scopeType === scope).map((s) => s.name);
    const policy = await o.policy({ noPrincipal: true }, [o.rule(...used)]);
    assert.equal(policy.nbPermissionSets, used.length);
  }
  assert.deepEqual(await o.iam.listPermissionSets({ orderBy: 'name_desc', pageSize: 100 }).all(), sets.toReversed());
});

test('permission sets: the organization is required, and the right', async () => {
  const o = await newOrganization();
  answersInvalid(await o.raw('GET', '/permission-sets'), 'organization_id', 'required');
  answersInvalid(await o.raw('GET', '/permission-sets?organization_id='), 'organization_id', 'required');
  answersInvalid(await o.raw('GET', `/permission-sets?organization_id=${o.id}&order_by=size_asc`), 'order_by', 'format');
  const { iam } = await o.actor(o.rule('BillingReadOnly'));
  await denied(iam.listPermissionSets(), 'list', 'permission_set');
});
