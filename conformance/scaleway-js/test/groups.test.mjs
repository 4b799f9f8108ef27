// Groups and their members (contract, sections 4.4 and 6).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answers, answersInvalid, denied, invalid, isID, isRecent, malformedIDs, missing, refused, unknownID } from '../harness/expect.mjs';
import { newOrganization } from '../harness/organization.mjs';

test('the whole life of a group', async () => {
  const o = await newOrganization();
  const made = await o.iam.createGroup({ name: 'operators', description: 'who is on call', tags: ['team=core'] });
  isID(made.id);
  isRecent(made.createdAt);
  isRecent(made.updatedAt);
  assert.deepEqual(made, {
    id: made.id,
    createdAt: made.createdAt,
    updatedAt: made.updatedAt,
    organizationId: o.id,
    name: 'operators',
    description: 'who is on call',
    userIds: [],
    applicationIds: [],
    tags: ['team=core'],
    editable: true,
    deletable: true,
    managed: false,
  });
  assert.deepEqual(await o.iam.getGroup({ groupId: made.id }), made);

  const changed = await o.iam.updateGroup({ groupId: made.id, name: 'on-call', tags: [] });
  assert.ok(changed.updatedAt > made.updatedAt);
  assert.deepEqual(changed, { ...made, name: 'on-call', tags: [], updatedAt: changed.updatedAt });
  assert.deepEqual(await o.iam.getGroup({ groupId: made.id }), changed);

  assert.equal(await o.iam.deleteGroup({ groupId: made.id }), undefined);
  await missing(o.iam.getGroup({ groupId: made.id }), 'group', made.id);
  await missing(o.iam.deleteGroup({ groupId: made.id }), 'group', made.id);
});

test('names are unique in an organization, and there alone', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const [first, second] = [await o.group('Ops'), await o.group('Dev')];
  await other.group('Ops');
  const { helpMessage } = await refused(o.group('Ops'), 'AlreadyExistsError', { resource: 'group', resourceId: first.id });
  assert.notEqual(helpMessage, '');
  await refused(o.iam.updateGroup({ groupId: second.id, name: 'Ops' }), 'AlreadyExistsError', { resource: 'group', resourceId: first.id });
  assert.equal((await o.iam.updateGroup({ groupId: first.id, name: 'Ops', description: 'same name' })).description, 'same name');
});

test('members: one, the same again, several, all anew', async () => {
  const o = await newOrganization();
  const [ann, ben, ci, bot] = [await o.member(), await o.member(), await o.application(), await o.application()];
  const group = await o.group();
  const { id: groupId, updatedAt } = group;
  const members = ({ userIds, applicationIds }) => [userIds, applicationIds];

  assert.deepEqual(await o.iam.addGroupMember({ groupId, userId: ann.id }), { ...group, userIds: [ann.id] });
  assert.deepEqual(members(await o.iam.addGroupMember({ groupId, userId: ann.id })), [[ann.id], []], 'to add is idempotent');
  assert.deepEqual(members(await o.iam.addGroupMember({ groupId, applicationId: ci.id })), [[ann.id], [ci.id]]);
  const several = await o.iam.addGroupMembers({ groupId, userIds: [ben.id, ann.id], applicationIds: [bot.id] });
  assert.deepEqual(members(several).map((ids) => ids.toSorted()), [[ann.id, ben.id].toSorted(), [bot.id, ci.id].toSorted()]);
  assert.deepEqual(members(await o.iam.getGroup({ groupId })), members(several));

  const set = await o.iam.setGroupMembers({ groupId, userIds: [ben.id, ann.id], applicationIds: [bot.id, ci.id] });
  assert.deepEqual(members(set), [[ben.id, ann.id], [bot.id, ci.id]], 'in the order that was asked for');
  assert.deepEqual(members(await o.iam.getGroup({ groupId })), members(set));
  const turned = await o.iam.setGroupMembers({ groupId, userIds: [ann.id, ben.id], applicationIds: [] });
  assert.deepEqual(members(turned), [[ann.id, ben.id], []]);

  assert.deepEqual(members(await o.iam.removeGroupMember({ groupId, userId: ann.id })), [[ben.id], []]);
  const emptied = await o.iam.setGroupMembers({ groupId, userIds: [], applicationIds: [] });
  assert.deepEqual(members(emptied), [[], []]);
  assert.deepEqual(emptied.updatedAt, updatedAt, 'members are no change of the group');
});

test('the owner and whoever is invited can be members', async () => {
  const o = await newOrganization();
  const [group, invited] = [await o.group(), await o.iam.createUser({ email: 'nobody.yet@people.example' })];
  const made = await o.iam.addGroupMembers({ groupId: group.id, userIds: [o.owner.id, invited.id], applicationIds: [] });
  assert.deepEqual(made.userIds.toSorted(), [o.owner.id, invited.id].toSorted());
  assert.deepEqual((await o.iam.removeGroupMember({ groupId: group.id, userId: invited.id })).userIds, [o.owner.id]);
});

test('rights of a group are its members\', until they leave', async () => {
  const o = await newOrganization();
  const { application, iam } = await o.actor();
  const group = await o.group();
  await o.policy({ groupId: group.id }, [o.rule('IAMReadOnly')]);
  await denied(iam.listGroups(), 'list', 'group');
  await o.iam.addGroupMember({ groupId: group.id, applicationId: application.id });
  assert.deepEqual((await iam.listGroups()).groups.map((g) => g.id), [group.id]);
  await o.iam.removeGroupMember({ groupId: group.id, applicationId: application.id });
  await denied(iam.listGroups(), 'list', 'group');
});

test('a removal of one who is no member', async () => {
  const o = await newOrganization();
  const [ann, ben, ci] = [await o.member(), await o.member(), await o.application()];
  const { id: groupId } = await o.group();
  await o.iam.setGroupMembers({ groupId, userIds: [ann.id], applicationIds: [] });
  await missing(o.iam.removeGroupMember({ groupId, userId: ben.id }), '', ben.id);
  await missing(o.iam.removeGroupMember({ groupId, applicationId: ci.id }), '', ci.id);
  await missing(o.iam.removeGroupMember({ groupId, userId: unknownID }), '', unknownID);

  const path = `/groups/${groupId}/remove-member`;
  answers(await o.raw('POST', path, { body: { user_id: ann.id, application_id: ci.id } }), 404, { type: 'not_found', resource: '', resource_id: ci.id });
  assert.deepEqual((await o.iam.getGroup({ groupId })).userIds, [ann.id], 'nothing has changed');

  await o.iam.addGroupMember({ groupId, applicationId: ci.id });
  const both = await o.raw('POST', path, { body: { user_id: ann.id, application_id: ci.id } });
  answers(both, 200, { id: groupId, user_ids: [], application_ids: [] });
});

test('members that are not there, and bodies that name nobody', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const { id: groupId } = await o.group();
  const [theirs, app] = [await other.member(), await other.application()];
  for (const userId of [unknownID, theirs.id]) {
    await missing(o.iam.addGroupMember({ groupId, userId }), 'user', userId);
    await missing(o.iam.addGroupMembers({ groupId, userIds: [userId], applicationIds: [] }), 'user', userId);
    await missing(o.iam.setGroupMembers({ groupId, userIds: [o.owner.id, userId], applicationIds: [] }), 'user', userId);
  }
  for (const applicationId of [unknownID, app.id]) {
    await missing(o.iam.addGroupMember({ groupId, applicationId }), 'application', applicationId);
    await missing(o.iam.setGroupMembers({ groupId, userIds: [], applicationIds: [applicationId] }), 'application', applicationId);
  }
  await invalid(o.iam.addGroupMember({ groupId }), 'member', 'required');
  await invalid(o.iam.removeGroupMember({ groupId }), 'member', 'required');
  await invalid(o.iam.addGroupMember({ groupId, userId: 'abc' }), 'user_id', 'format');
  await invalid(o.iam.setGroupMembers({ groupId, userIds: [], applicationIds: [o.id, 'abc'] }), 'application_ids[1]', 'format');
  assert.deepEqual((await o.iam.getGroup({ groupId })).userIds, []);
});

test('what is wrong in a body is refused, and nothing is stored', async () => {
  const o = await newOrganization();
  const kept = await o.group('kept');
  for (const [argument, reason, body] of [
    ['name', 'constraint', { name: 'x'.repeat(65) }],
    ['name', 'format', { name: 'a#b' }],
    ['description', 'constraint', { description: 'x'.repeat(201) }],
    ['tags[0]', 'format', { tags: ['a:b'] }],
  ]) {
    await invalid(o.iam.createGroup({ name: 'new', description: '', ...body }), argument, reason);
    await invalid(o.iam.updateGroup({ groupId: kept.id, ...body }), argument, reason);
  }
  answersInvalid(await o.raw('POST', '/groups', { body: { name: '' } }), 'name', 'required');
  answersInvalid(await o.raw('POST', '/groups', { body: { name: 7 } }), 'name', 'format');
  assert.deepEqual((await o.iam.listGroups()).groups, [kept]);
});

test('a group with members and a policy can be deleted: they stay', async () => {
  const o = await newOrganization();
  const [ann, group] = [await o.member(), await o.group()];
  await o.iam.addGroupMember({ groupId: group.id, userId: ann.id });
  const policy = await o.policy({ groupId: group.id }, [o.rule('IAMReadOnly')]);
  await o.iam.deleteGroup({ groupId: group.id });
  assert.equal((await o.iam.getUser({ userId: ann.id })).id, ann.id);
  const orphaned = await o.iam.getPolicy({ policyId: policy.id });
  assert.deepEqual([orphaned.noPrincipal, orphaned.groupId], [true, undefined]);
});

test('ids that nothing here has', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const theirs = await other.group();
  for (const groupId of [unknownID, theirs.id]) {
    await missing(o.iam.getGroup({ groupId }), 'group', groupId);
    await missing(o.iam.updateGroup({ groupId, name: 'mine' }), 'group', groupId);
    await missing(o.iam.addGroupMember({ groupId, userId: o.owner.id }), 'group', groupId);
    await missing(o.iam.setGroupMembers({ groupId, userIds: [], applicationIds: [] }), 'group', groupId);
    await missing(o.iam.removeGroupMember({ groupId, userId: o.owner.id }), 'group', groupId);
    await missing(o.iam.deleteGroup({ groupId }), 'group', groupId);
  }
  for (const groupId of malformedIDs) {
    await invalid(o.iam.getGroup({ groupId }), 'group_id', 'format');
    await invalid(o.iam.removeGroupMember({ groupId, userId: o.owner.id }), 'group_id', 'format');
  }
  assert.equal((await other.iam.getGroup({ groupId: theirs.id })).name, theirs.name);
});

test('who may not', async () => {
  const o = await newOrganization();
  const { id } = await o.group();
  const { iam } = await o.actor(o.rule('IAMApplicationManager'));
  await denied(iam.listGroups(), 'list', 'group');
  await denied(iam.createGroup({ name: 'mine', description: '' }), 'create', 'group');
  for (const groupId of [id, unknownID]) {
    await denied(iam.getGroup({ groupId }), 'read', 'group');
    await denied(iam.updateGroup({ groupId, name: 'mine' }), 'write', 'group');
    await denied(iam.addGroupMember({ groupId, userId: o.owner.id }), 'write', 'group');
    await denied(iam.setGroupMembers({ groupId, userIds: [], applicationIds: [] }), 'write', 'group');
    await denied(iam.removeGroupMember({ groupId, userId: o.owner.id }), 'write', 'group');
    await denied(iam.deleteGroup({ groupId }), 'delete', 'group');
  }
});
