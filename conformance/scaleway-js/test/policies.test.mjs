// Policies (contract, sections 4.5, 7 and 9).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answersInvalid, denied, invalid, isID, isRecent, malformedIDs, missing, refused, unknownID } from '../harness/expect.mjs';
import { newOrganization, unique } from '../harness/organization.mjs';

test('the whole life of a policy', async () => {
  const o = await newOrganization();
  const group = await o.group();
  const rules = [o.rule('IAMReadOnly'), { permissionSetNames: ['InstancesReadOnly', 'VPCReadOnly'], condition: '', projectIds: [o.id] }];
  const made = await o.iam.createPolicy({ name: 'operators-read', description: 'for now', groupId: group.id, rules, tags: ['audited'] });
  isID(made.id);
  isRecent(made.createdAt);
  isRecent(made.updatedAt);
  const { groupId, ...rest } = {
    id: made.id,
    name: 'operators-read',
    description: 'for now',
    organizationId: o.id,
    createdAt: made.createdAt,
    updatedAt: made.updatedAt,
    editable: true,
    deletable: true,
    managed: false,
    nbRules: 2,
    nbScopes: 2,
    nbPermissionSets: 3,
    tags: ['audited'],
    groupId: group.id,
  };
  const shown = (policy) => Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined));
  assert.deepEqual(shown(made), { ...rest, groupId });
  assert.deepEqual(await o.iam.getPolicy({ policyId: made.id }), made);

  const changed = await o.iam.updatePolicy({ policyId: made.id, name: 'readers', description: '', tags: [] });
  assert.deepEqual(shown(changed), { ...rest, groupId, name: 'readers', description: '', tags: [], updatedAt: changed.updatedAt });
  assert.deepEqual(await o.iam.getPolicy({ policyId: made.id }), changed);

  assert.equal(await o.iam.deletePolicy({ policyId: made.id }), undefined);
  await missing(o.iam.getPolicy({ policyId: made.id }), 'policy', made.id);
  await missing(o.iam.listRules({ policyId: made.id }), 'policy', made.id);
  await missing(o.iam.deletePolicy({ policyId: made.id }), 'policy', made.id);
});

test('a policy has one principal of four kinds, and it can be another', async () => {
  const o = await newOrganization();
  const [user, group, application] = [await o.member(), await o.group(), await o.application()];
  const principals = [{ userId: user.id }, { groupId: group.id }, { applicationId: application.id }, { noPrincipal: true }];
  const principal = (p) => {
    const { userId, groupId, applicationId, noPrincipal } = p;
    return Object.fromEntries(Object.entries({ userId, groupId, applicationId, noPrincipal }).filter(([, value]) => value !== undefined));
  };
  for (const first of principals) {
    const policy = await o.policy(first);
    assert.deepEqual(principal(policy), first);
    for (const then of principals) {
      assert.deepEqual(principal(await o.iam.updatePolicy({ policyId: policy.id, ...then })), then);
    }
    await o.iam.updatePolicy({ policyId: policy.id, ...first });
    const renamed = await o.iam.updatePolicy({ policyId: policy.id, name: unique('renamed') });
    assert.deepEqual(principal(renamed), first, 'a change without a principal leaves it');
    assert.deepEqual(principal(await o.iam.getPolicy({ policyId: policy.id })), first);
  }
});

test('whoever is invited can be a principal', async () => {
  const o = await newOrganization();
  const invited = await o.iam.createUser({ email: 'nobody.yet@people.example' });
  assert.equal((await o.policy({ userId: invited.id })).userId, invited.id);
});

test('a policy works for its principal at once, and without one for nobody', async () => {
  const o = await newOrganization();
  const { application, policy, iam } = await o.actor(o.rule('IAMReadOnly'));
  assert.deepEqual((await iam.listGroups()).groups, []);
  await o.iam.updatePolicy({ policyId: policy.id, noPrincipal: true });
  await denied(iam.listGroups(), 'list', 'group');
  await o.iam.updatePolicy({ policyId: policy.id, applicationId: application.id });
  assert.deepEqual((await iam.listGroups()).groups, []);
  await o.iam.deletePolicy({ policyId: policy.id });
  await denied(iam.listGroups(), 'list', 'group');
});

test('without rules, with none, and with the names that the SDK invents', async () => {
  const o = await newOrganization();
  for (const rules of [undefined, []]) {
    const made = await o.iam.createPolicy({ description: '', noPrincipal: true, rules });
    assert.match(made.name, /^pol-/);
    assert.deepEqual([made.nbRules, made.nbScopes, made.nbPermissionSets], [0, 0, 0]);
  }
  const { status, body } = await o.raw('POST', '/policies', { body: { name: 'null', organization_id: o.id, no_principal: true, rules: null, tags: null } });
  assert.deepEqual([status, body.nb_rules, body.tags], [200, 0, []]);
});

test('the numbers: scopes are counted once, permission sets in every rule', async () => {
  const o = await newOrganization();
  const counts = ({ nbRules, nbScopes, nbPermissionSets }) => [nbRules, nbScopes, nbPermissionSets];
  const { id: policyId } = await o.policy({ noPrincipal: true });
  for (const [rules, want] of [
    [[o.rule('IAMReadOnly'), o.rule('ProjectReadOnly')], [2, 1, 2]],
    [[o.rule('IAMReadOnly', 'ProjectReadOnly', 'BillingReadOnly', 'OrganizationReadOnly')], [1, 1, 4]],
    [[o.rule('IAMReadOnly'), o.rule('IAMReadOnly')], [2, 1, 2]],
    [[o.rule('AllProductsReadOnly'), { permissionSetNames: ['AllProductsReadOnly'], condition: '', projectIds: [o.id] }], [2, 2, 2]],
  ]) {
    await o.iam.setRules({ policyId, rules });
    assert.deepEqual(counts(await o.iam.getPolicy({ policyId })), want);
  }
});

test('names need not be unique', async () => {
  const o = await newOrganization();
  const body = { name: 'twin', description: '', noPrincipal: true };
  const [first, second] = [await o.iam.createPolicy(body), await o.iam.createPolicy(body)];
  assert.notEqual(first.id, second.id);
  assert.deepEqual((await o.iam.listPolicies({ policyName: 'twin' })).policies, [first, second]);
});

test('a clone has the rules, and nobody', async () => {
  const o = await newOrganization();
  const { id: policyId } = await o.policy({ groupId: (await o.group()).id }, [o.rule('IAMReadOnly'), o.rule('ProjectReadOnly')], { name: 'original', tags: ['tag'] });
  const copy = await o.iam.clonePolicy({ policyId });
  assert.notEqual(copy.id, policyId);
  assert.deepEqual([copy.name, copy.noPrincipal, copy.groupId, copy.tags, copy.nbRules], ['Copy of original', true, undefined, [], 2]);
  const rules = async (id) => (await o.iam.listRules({ policyId: id })).rules.map(({ id: _, ...rule }) => rule);
  assert.deepEqual(await rules(copy.id), await rules(policyId));
  await missing(o.iam.clonePolicy({ policyId: unknownID }), 'policy', unknownID);
});

test('principals: none, several, and those that are not there', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const [group, theirs] = [await o.group(), await other.group()];
  const body = { name: 'p', organization_id: o.id };
  await invalid(o.policy({}), 'principal', 'required');
  answersInvalid(await o.raw('POST', '/policies', { body: { ...body, user_id: o.owner.id, group_id: group.id } }), 'principal', 'constraint');
  answersInvalid(await o.raw('POST', '/policies', { body: { ...body, no_principal: true, group_id: group.id } }), 'principal', 'constraint');
  answersInvalid(await o.raw('POST', '/policies', { body: { ...body, no_principal: false } }), 'principal', 'required');
  await missing(o.policy({ groupId: theirs.id }), 'group', theirs.id);
  const { id: policyId } = await o.policy({ noPrincipal: true });
  for (const [principal, resource] of [[{ userId: unknownID }, 'user'], [{ groupId: unknownID }, 'group'], [{ applicationId: unknownID }, 'application']]) {
    await missing(o.policy(principal), resource, unknownID);
    await missing(o.iam.updatePolicy({ policyId, ...principal }), resource, unknownID);
  }
  await invalid(o.policy({ groupId: 'abc' }), 'group_id', 'format');
  assert.deepEqual((await o.iam.listPolicies()).policies.map((p) => p.id), [policyId], 'nothing was made');
});

test('what is wrong in a body is refused, and nothing is stored', async () => {
  const o = await newOrganization();
  const kept = await o.policy({ noPrincipal: true });
  for (const [argument, reason, body] of [
    ['name', 'constraint', { name: 'x'.repeat(65) }],
    ['name', 'format', { name: 'a/b' }],
    ['description', 'constraint', { description: 'x'.repeat(201) }],
    ['tags[0]', 'format', { tags: ['a:b'] }],
  ]) {
    await invalid(o.policy({ noPrincipal: true }, [], body), argument, reason);
    await invalid(o.iam.updatePolicy({ policyId: kept.id, ...body }), argument, reason);
  }
  assert.deepEqual((await o.iam.listPolicies()).policies, [kept]);
});

test('ids that nothing here has', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const theirs = await other.policy({ noPrincipal: true });
  for (const policyId of [unknownID, theirs.id]) {
    await missing(o.iam.getPolicy({ policyId }), 'policy', policyId);
    await missing(o.iam.updatePolicy({ policyId, name: 'mine' }), 'policy', policyId);
    await missing(o.iam.clonePolicy({ policyId }), 'policy', policyId);
    await missing(o.iam.listRules({ policyId }), 'policy', policyId);
    await missing(o.iam.setRules({ policyId, rules: [] }), 'policy', policyId);
    await missing(o.iam.deletePolicy({ policyId }), 'policy', policyId);
  }
  for (const policyId of malformedIDs) {
    await invalid(o.iam.getPolicy({ policyId }), 'policy_id', 'format');
    await invalid(o.iam.listRules({ policyId }), 'policy_id', 'format');
    await invalid(o.iam.setRules({ policyId, rules: [] }), 'policy_id', 'format');
  }
});

test('who may not', async () => {
  const o = await newOrganization();
  const { id } = await o.policy({ noPrincipal: true });
  const { iam } = await o.actor(o.rule('IAMGroupManager'));
  await denied(iam.listPolicies(), 'list', 'policy');
  await denied(iam.createPolicy({ name: 'mine', description: '', noPrincipal: true }), 'create', 'policy');
  for (const policyId of [id, unknownID]) {
    await denied(iam.getPolicy({ policyId }), 'read', 'policy');
    await denied(iam.updatePolicy({ policyId, name: 'mine' }), 'write', 'policy');
    await denied(iam.clonePolicy({ policyId }), 'create', 'policy');
    await denied(iam.listRules({ policyId }), 'list', 'rule');
    await denied(iam.setRules({ policyId, rules: [] }), 'write', 'rule');
    await denied(iam.deletePolicy({ policyId }), 'delete', 'policy');
  }
});

test('a policy of another language is none here', async () => {
  const o = await newOrganization();
  const document = { version: '2024-01-01', statements: [{ effect: 'allow', actions: ['s3:GetObject'], resources: ['reports/*'] }] };
  const { policy } = await o.native('POST', '/iam/policies', { body: { name: 'statements', document }, status: 201 });
  assert.deepEqual((await o.iam.listPolicies()).policies, []);
  await missing(o.iam.getPolicy({ policyId: policy.id }), 'policy', policy.id);
  await missing(o.iam.deletePolicy({ policyId: policy.id }), 'policy', policy.id);
});

test('a policy of which this API shows a part cannot be changed here', async () => {
  const o = await newOrganization();
  const [group, second, made] = [await o.group(), await o.group(), await o.policy({ noPrincipal: true })];
  for (const { id } of [group, second]) {
    await o.native('POST', `/iam/groups/${id}/policies`, { body: { policy_id: made.id }, status: 204 });
  }
  const shown = await o.iam.getPolicy({ policyId: made.id });
  assert.deepEqual([shown.groupId, shown.editable, shown.deletable], [group.id, false, false]);
  assert.deepEqual((await o.iam.listPolicies({ editable: false })).policies, [shown]);
  const isProtected = { precondition: 'protected_resource' };
  await refused(o.iam.updatePolicy({ policyId: made.id, name: 'mine' }), 'PreconditionFailedError', isProtected);
  await refused(o.iam.setRules({ policyId: made.id, rules: [] }), 'PreconditionFailedError', isProtected);
  await refused(o.iam.deletePolicy({ policyId: made.id }), 'PreconditionFailedError', isProtected);
});
