// Users: the owner, members, and whoever is invited (contract, sections 4.2, 6 and 7).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answers, answersInvalid, denied, invalid, isID, isRecent, malformedIDs, missing, refused, unknownID } from '../harness/expect.mjs';
import { newOrganization, newPerson } from '../harness/organization.mjs';

const profile = { email: 'ada@members.example', username: 'ada', firstName: 'Ada', lastName: 'Byron', phoneNumber: '+33123456789', locale: 'fr_FR' };

test('the whole life of a member', async () => {
  const o = await newOrganization();
  const made = await o.iam.createUser({
    tags: ['team=core'],
    member: { ...profile, sendPasswordEmail: true, sendWelcomeEmail: true, password: 'Correct-Horse-7' },
  });
  isID(made.id);
  isRecent(made.createdAt);
  isRecent(made.updatedAt);
  assert.deepEqual(made, {
    id: made.id,
    ...profile,
    createdAt: made.createdAt,
    updatedAt: made.updatedAt,
    organizationId: o.id,
    deletable: true,
    lastLoginAt: undefined,
    type: 'member',
    twoFactorEnabled: false,
    status: 'activated',
    mfa: false,
    accountRootUserId: '',
    tags: ['team=core'],
    locked: false,
  });
  const { id: userId } = made;
  assert.deepEqual(await o.iam.getUser({ userId }), made);

  const changed = await o.iam.updateUser({ userId, firstName: 'Augusta Ada', locale: 'en_GB', email: 'a.king@members.example', tags: [] });
  const want = { ...made, firstName: 'Augusta Ada', locale: 'en_GB', email: 'a.king@members.example', tags: [] };
  assert.deepEqual(changed, { ...want, updatedAt: changed.updatedAt });
  assert.ok(changed.updatedAt >= made.updatedAt);
  const renamed = await o.iam.updateUserUsername({ userId, username: 'lovelace' });
  assert.ok(renamed.updatedAt > made.updatedAt);
  assert.deepEqual(renamed, { ...want, username: 'lovelace', updatedAt: renamed.updatedAt });
  assert.deepEqual(await o.iam.getUser({ userId }), renamed);

  assert.equal(await o.iam.deleteUser({ userId }), undefined);
  await missing(o.iam.getUser({ userId }), 'user', userId);
  await missing(o.iam.deleteUser({ userId }), 'user', userId);
  assert.notEqual((await o.member('lovelace')).id, userId, 'the name is free');
});

test('the owner', async () => {
  const o = await newOrganization();
  const owner = await o.iam.getUser({ userId: o.owner.id });
  const { email, username, type, deletable, status, locked } = owner;
  assert.deepEqual([email, username, type, deletable, status, locked], [o.owner.email, o.owner.email, 'owner', false, 'activated', false]);
  isID(owner.accountRootUserId);
  await refused(o.iam.deleteUser({ userId: owner.id }), 'PreconditionFailedError', { precondition: 'protected_resource' });
  await refused(o.iam.lockUser({ userId: owner.id }), 'PreconditionFailedError', { precondition: 'protected_resource' });
  assert.deepEqual(await o.iam.getUser({ userId: owner.id }), owner);
});

test('with a user go keys and memberships; policies stay for nobody', async () => {
  const o = await newOrganization();
  const { id: userId } = await o.member();
  const group = await o.group();
  await o.iam.addGroupMember({ groupId: group.id, userId });
  const policy = await o.policy({ userId }, [o.rule('IAMReadOnly')]);
  const key = await o.iam.createAPIKey({ userId, description: '' });
  const { iam } = o.as(key);
  assert.equal((await iam.listGroups()).totalCount, 1);

  await o.iam.deleteUser({ userId });
  await refused(iam.listGroups(), 'DeniedAuthenticationError', { reason: 'not_found' });
  await missing(o.iam.getAPIKey({ accessKey: key.accessKey }), 'access_key', key.accessKey);
  assert.deepEqual((await o.iam.getGroup({ groupId: group.id })).userIds, []);
  const orphaned = await o.iam.getPolicy({ policyId: policy.id });
  assert.deepEqual([orphaned.noPrincipal, orphaned.userId, orphaned.nbRules], [true, undefined, 1]);
});

test('a locked member has no rights until unlocked', async () => {
  const o = await newOrganization();
  const { id: userId } = await o.member();
  await o.policy({ userId }, [o.rule('IAMReadOnly')]);
  const { iam } = o.as(await o.iam.createAPIKey({ userId, description: '' }));
  await iam.listGroups();
  assert.equal((await o.iam.lockUser({ userId })).locked, true);
  assert.equal((await o.iam.lockUser({ userId })).locked, true);
  await assert.rejects(iam.listGroups(), (error) => [401, 403].includes(error.status));
  assert.equal((await o.iam.getUser({ userId })).locked, true);
  assert.equal((await o.iam.unlockUser({ userId })).locked, false);
  await iam.listGroups();
});

test('a user may delete itself', async () => {
  const o = await newOrganization();
  const { id: userId } = await o.member();
  await o.policy({ userId }, [o.rule('IAMUserManager')]);
  const { iam } = o.as(await o.iam.createAPIKey({ userId, description: '' }));
  await iam.deleteUser({ userId });
  await refused(iam.listUsers(), 'DeniedAuthenticationError', { reason: 'not_found' });
});

test('an address that nobody has is invited; one that a person has is a user at once', async () => {
  const o = await newOrganization();
  const invited = await o.iam.createUser({ email: 'nobody.yet@people.example', tags: ['new'] });
  assert.deepEqual([invited.status, invited.type, invited.email, invited.tags, invited.deletable], ['invitation_pending', 'member', 'nobody.yet@people.example', ['new'], true]);
  assert.deepEqual(await o.iam.getUser({ userId: invited.id }), invited);
  await refused(o.iam.createUser({ email: 'nobody.yet@people.example' }), 'AlreadyExistsError', { resource: 'user', resourceId: invited.id });
  await o.iam.deleteUser({ userId: invited.id });
  await missing(o.iam.getUser({ userId: invited.id }), 'user', invited.id);

  const { email } = await newPerson();
  const user = await o.iam.createUser({ email });
  assert.deepEqual([user.status, user.email, user.username], ['activated', email, email]);
});

test('usernames are unique in an organization, and there alone', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const [first, second] = [await o.member('ada'), await o.member('bob')];
  await other.member('ada');
  await refused(o.member('ada'), 'AlreadyExistsError', { resource: 'user', resourceId: first.id });
  await refused(o.iam.updateUserUsername({ userId: second.id, username: 'ada' }), 'AlreadyExistsError', { resource: 'user', resourceId: first.id });
  assert.equal((await o.iam.updateUserUsername({ userId: first.id, username: 'ada' })).username, 'ada', 'its own is no other\'s');
});

test('a password can be set, and is never shown', async () => {
  const o = await newOrganization();
  const { id: userId } = await o.member();
  const user = await o.iam.updateUserPassword({ userId, password: 'Another-Horse-8' });
  assert.equal(user.id, userId);
  assert.ok(!JSON.stringify((await o.raw('GET', `/users/${userId}`)).body).includes('Horse'));
  await invalid(o.iam.updateUserPassword({ userId, password: 'x'.repeat(73) }), 'password', 'constraint');
  answersInvalid(await o.raw('POST', `/users/${userId}/update-password`, { body: {} }), 'password', 'required');
});

test('lists: orders and filters', async () => {
  const o = await newOrganization();
  const [zoe, abe] = [await o.member('zoe', { email: 'b@members.example' }), await o.member('abe', { email: 'c@members.example' })];
  const invited = await o.iam.createUser({ email: 'a@people.example', tags: ['guest=yes'] });
  const all = [o.owner.id, zoe.id, abe.id, invited.id];
  const list = async (query) => (await o.iam.listUsers(query).all()).map((u) => u.id);
  assert.deepEqual(await list(), all);
  assert.deepEqual(await list({ pageSize: 1 }), all);
  assert.deepEqual(await list({ orderBy: 'created_at_desc' }), all.toReversed());
  const owner = o.owner.id;
  assert.deepEqual(await list({ orderBy: 'email_asc' }), [invited.id, zoe.id, abe.id, owner]);
  assert.deepEqual(await list({ orderBy: 'username_asc' }), [invited.id, abe.id, owner, zoe.id]);
  assert.deepEqual(await list({ orderBy: 'username_desc' }), [zoe.id, owner, abe.id, invited.id]);
  assert.equal((await list({ orderBy: 'last_login_asc' })).length, 4);
  await o.iam.updateUser({ userId: zoe.id, firstName: 'Zoe' });
  assert.equal((await list({ orderBy: 'updated_at_desc' }))[0], zoe.id);
  assert.deepEqual(await list({ userIds: [abe.id, unknownID] }), [abe.id]);
  assert.deepEqual(await list({ type: 'owner' }), [owner]);
  assert.deepEqual(await list({ type: 'member' }), [zoe.id, abe.id, invited.id]);
  assert.deepEqual(await list({ tag: 'guest' }), [invited.id]);
  assert.deepEqual(await list({ mfa: true }), []);
  assert.deepEqual(await list({ mfa: false }), all);
});

test('what is wrong in a body is refused, and nothing is stored', async () => {
  const o = await newOrganization();
  const { id: userId } = await o.member('kept');
  for (const [argument, reason, more] of [
    ['member.username', 'constraint', { username: 'x' }],
    ['member.username', 'constraint', { username: 'x'.repeat(65) }],
    ['member.username', 'format', { username: 'with space' }],
    ['member.username', 'required', { username: '' }],
    ['member.email', 'format', { email: 'no address' }],
    ['member.first_name', 'constraint', { firstName: 'x'.repeat(65) }],
    ['member.last_name', 'constraint', { lastName: 'x'.repeat(65) }],
    ['member.locale', 'format', { locale: 'klingon' }],
    ['member.password', 'constraint', { password: 'x'.repeat(73) }],
  ]) {
    await invalid(o.member('new', more), argument, reason);
  }
  for (const [argument, reason, more] of [
    ['email', 'format', { email: 'no address' }],
    ['first_name', 'constraint', { firstName: 'x'.repeat(65) }],
    ['tags[0]', 'format', { tags: ['a:b'] }],
  ]) {
    await invalid(o.iam.updateUser({ userId, ...more }), argument, reason);
  }
  await invalid(o.iam.updateUserUsername({ userId, username: 'x' }), 'username', 'constraint');
  await invalid(o.iam.createUser({}), 'type', 'required');
  await invalid(o.iam.createUser({ email: 'no address' }), 'email', 'format');
  const both = { email: 'a@people.example', member: { username: 'both', email: 'b@people.example' } };
  answersInvalid(await o.raw('POST', '/users', { body: both }), 'type', 'constraint');
  assert.equal((await o.iam.listUsers()).totalCount, 2);
});

test('ids that nothing here has', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const theirs = await other.member();
  for (const userId of [unknownID, theirs.id]) {
    await missing(o.iam.getUser({ userId }), 'user', userId);
    await missing(o.iam.updateUser({ userId, firstName: 'Mine' }), 'user', userId);
    await missing(o.iam.updateUserUsername({ userId, username: 'mine' }), 'user', userId);
    await missing(o.iam.updateUserPassword({ userId, password: 'Correct-Horse-7' }), 'user', userId);
    await missing(o.iam.lockUser({ userId }), 'user', userId);
    await missing(o.iam.unlockUser({ userId }), 'user', userId);
    await missing(o.iam.deleteUser({ userId }), 'user', userId);
  }
  for (const userId of malformedIDs) {
    await invalid(o.iam.getUser({ userId }), 'user_id', 'format');
    await invalid(o.iam.deleteUser({ userId }), 'user_id', 'format');
  }
});

test('who may not', async () => {
  const o = await newOrganization();
  const { id: userId } = await o.member();
  const { iam } = await o.actor(o.rule('IAMGroupManager'));
  await denied(iam.listUsers(), 'list', 'user');
  await denied(iam.createUser({ email: 'mine@people.example' }), 'create', 'user');
  await denied(iam.getUser({ userId }), 'read', 'user');
  await denied(iam.updateUser({ userId, firstName: 'Mine' }), 'write', 'user');
  await denied(iam.updateUserUsername({ userId, username: 'mine' }), 'write', 'user');
  await denied(iam.updateUserPassword({ userId, password: 'Correct-Horse-7' }), 'write', 'user');
  await denied(iam.lockUser({ userId }), 'write', 'user');
  await denied(iam.unlockUser({ userId }), 'write', 'user');
  await denied(iam.deleteUser({ userId }), 'delete', 'user');
});
