// Members of user groups: operations 13 to 17 of the contract.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { newAccount, newPerson } from '../harness/account.mjs';
import { all, byText, isRecent, malformedIDs, refused, refusedRaw, unknownID } from '../harness/expect.mjs';
import { connect, raw } from '../harness/wire.mjs';

const brief = ({ id, email, status }) => ({ id, email, status });
const sorted = (...members) => members.map(brief).sort((x, y) => byText(x.email, y.email));
const refs = (...members) => members.map(({ id }) => ({ id }));

/** An account with a group, two members who have accepted and one who is pending. */
async function scene() {
  const a = await newAccount();
  const [ann, ben, cleo] = [await a.member(), await a.member(), await a.invite()];
  assert.deepEqual([ann.status, ben.status, cleo.status], ['accepted', 'accepted', 'pending']);
  const group = await a.group();
  const members = a.cf.iam.userGroups.members;
  return { a, ann, ben, cleo, group, members, list: (query) => all(members.list(group.id, { ...a.in, ...query })) };
}

test('create adds, answers with the whole set, and is idempotent', async () => {
  const { a, ann, ben, group, members, list } = await scene();
  const first = await members.create(group.id, { ...a.in, members: refs(ann) });
  assert.deepEqual(first.result, sorted(ann));
  const second = await members.create(group.id, { ...a.in, members: refs(ben, ann, ben) });
  assert.deepEqual(second.result, sorted(ann, ben));
  assert.deepEqual(await all(members.create(group.id, { ...a.in, members: refs(ann) })), sorted(ann, ben));
  assert.deepEqual(await list(), sorted(ann, ben));
});

test('members may be pending', async () => {
  const { a, ann, cleo, group, members, list } = await scene();
  const both = await members.create(group.id, { ...a.in, members: refs(cleo, ann) });
  assert.deepEqual(both.result, sorted(ann, cleo));
  assert.deepEqual(await list(), sorted(ann, cleo));
  const got = await members.get(cleo.id, { ...a.in, user_group_id: group.id });
  assert.deepEqual(brief(got), brief(cleo));
  const removed = await members.delete(cleo.id, { ...a.in, user_group_id: group.id });
  assert.deepEqual(removed, brief(cleo));
  assert.deepEqual(await list(), sorted(ann));
});

test('update replaces the set, and an empty list empties it', async () => {
  const { a, ann, ben, cleo, group, members, list } = await scene();
  await members.create(group.id, { ...a.in, members: refs(ann) });
  const replaced = await members.update(group.id, { ...a.in, members: refs(cleo, ben, ben) });
  assert.deepEqual(replaced.result, sorted(ben, cleo));
  assert.deepEqual(await list(), sorted(ben, cleo));
  const emptied = await members.update(group.id, { ...a.in, members: [] });
  assert.deepEqual(emptied.result, []);
  assert.deepEqual(await list(), []);
});

test('the guides\' form {"members": […]} does the same', async () => {
  const { a, ann, ben, group, list } = await scene();
  const path = `/accounts/${a.id}/iam/user_groups/${group.id}/members`;
  const added = await raw('POST', path, { token: a.owner.token, body: { members: refs(ann) } });
  assert.deepEqual([added.status, added.body.result], [200, sorted(ann)]);
  const replaced = await raw('PUT', path, { token: a.owner.token, body: { members: refs(ben) } });
  assert.deepEqual([replaced.status, replaced.body.result], [200, sorted(ben)]);
  const emptied = await raw('PUT', path, { token: a.owner.token, body: { members: [] } });
  assert.deepEqual([emptied.status, emptied.body.result], [200, []]);
  assert.deepEqual(await list(), []);
});

test('get gives details', async () => {
  const a = await newAccount();
  const member = await a.member({ person: await newPerson('Mira Okafor') });
  const group = await a.group();
  await a.cf.iam.userGroups.members.create(group.id, { ...a.in, members: refs(member) });
  const got = await a.cf.iam.userGroups.members.get(member.id, { ...a.in, user_group_id: group.id });
  assert.deepEqual(brief(got), brief(member));
  isRecent(got.created_at);
  assert.equal(got.user.id, member.user.id);
  assert.equal(got.user.email, member.email);
  assert.equal(got.user.first_name, member.user.first_name);
  assert.equal(got.user.last_name, member.user.last_name);
});

test('delete gives the member that was removed', async () => {
  const { a, ann, ben, group, members, list } = await scene();
  await members.create(group.id, { ...a.in, members: refs(ann, ben) });
  assert.deepEqual(await members.delete(ann.id, { ...a.in, user_group_id: group.id }), brief(ann));
  assert.deepEqual(await list(), sorted(ben));
  await refused(members.delete(ann.id, { ...a.in, user_group_id: group.id }), 404, 404);
  await refused(members.get(ann.id, { ...a.in, user_group_id: group.id }), 404, 404);
});

test('an account member who is removed leaves the group', async () => {
  const { a, ann, cleo, group, members, list } = await scene();
  await members.create(group.id, { ...a.in, members: refs(ann, cleo) });
  await a.cf.accounts.members.delete(ann.id, a.in);
  assert.deepEqual(await list(), sorted(cleo));
  await a.cf.accounts.members.delete(cleo.id, a.in);
  assert.deepEqual(await list(), []);
});

test('somebody who is no member of the account is refused, and nothing changes', async () => {
  const { a, ann, ben, group, members, list } = await scene();
  const b = await newAccount();
  const stranger = await b.member();
  await members.create(group.id, { ...a.in, members: refs(ann) });
  for (const id of [unknownID, stranger.id, ben.user.id === ben.id ? unknownID : ben.user.id, 'abc']) {
    await refused(members.create(group.id, { ...a.in, members: refs(ben, { id }) }), 400, 400);
    await refused(members.update(group.id, { ...a.in, members: refs(ben, { id }) }), 400, 400);
  }
  assert.deepEqual(await list(), sorted(ann));
});

test('bodies that are no list of members', async () => {
  const { a, ann, group, members, list } = await scene();
  await members.create(group.id, { ...a.in, members: refs(ann) });
  const path = `/accounts/${a.id}/iam/user_groups/${group.id}/members`;
  for (const method of ['POST', 'PUT']) {
    for (const body of ['', 'not json', '"text"', 'null', '7']) {
      refusedRaw(await raw(method, path, { token: a.owner.token, body }), 400, 1198);
    }
    for (const body of [['text'], [{}], [{ id: 7 }], [null]]) {
      refusedRaw(await raw(method, path, { token: a.owner.token, body }), 400, 400);
    }
    for (const body of [{ members: 'all' }, {}]) {
      refusedRaw(await raw(method, path, { token: a.owner.token, body }), 400);
    }
  }
  assert.deepEqual(await list(), sorted(ann));
});

test('groups that are not there', async () => {
  const { a, ann, members } = await scene();
  const b = await newAccount();
  const theirs = await b.group();
  for (const id of [unknownID, theirs.id]) {
    await refused(all(members.list(id, a.in)), 404, 404);
    await refused(members.create(id, { ...a.in, members: refs(ann) }), 404, 404);
    await refused(members.update(id, { ...a.in, members: [] }), 404, 404);
    await refused(members.get(ann.id, { ...a.in, user_group_id: id }), 404, 404);
    await refused(members.delete(ann.id, { ...a.in, user_group_id: id }), 404, 404);
  }
  for (const id of malformedIDs) {
    await refused(all(members.list(id, a.in)), 404, 7003);
    await refused(members.get(ann.id, { ...a.in, user_group_id: id }), 404, 7003);
  }
});

test('member ids that are none', async () => {
  const { a, group, members } = await scene();
  await refused(members.get(unknownID, { ...a.in, user_group_id: group.id }), 404, 404);
  for (const id of malformedIDs) {
    await refused(members.get(id, { ...a.in, user_group_id: group.id }), 404, 7003);
    await refused(members.delete(id, { ...a.in, user_group_id: group.id }), 404, 7003);
  }
});

// More members than a page of any size that is the default somewhere, most of them pending.
const crowd = {};

before(async () => {
  const a = (crowd.account = await newAccount());
  crowd.group = await a.group();
  crowd.members = [await a.member(), await a.member()];
  for (let i = 0; i < 103; i++) {
    crowd.members.push(await a.invite(`crowd-${String(i).padStart(3, '0')}@crowd.example`));
  }
  await a.cf.iam.userGroups.members.create(crowd.group.id, { ...a.in, members: refs(...crowd.members) });
});

test('list: the auto-pager gets all, by address, and ends', async () => {
  const a = crowd.account;
  const want = sorted(...crowd.members);
  for (const [query, requests] of [[{}, 3], [{ per_page: 20 }, 7], [{ per_page: 500 }, 2]]) {
    const { cf, sent } = connect({ token: a.owner.token });
    assert.deepEqual(await all(cf.iam.userGroups.members.list(crowd.group.id, { ...a.in, ...query })), want);
    assert.equal(sent.length, requests, JSON.stringify(query));
  }
});

test('list: direction and fuzzyEmail', async () => {
  const a = crowd.account;
  const want = sorted(...crowd.members);
  const list = (query) => all(a.cf.iam.userGroups.members.list(crowd.group.id, { ...a.in, ...query }));
  assert.deepEqual(await list({ direction: 'asc' }), want);
  assert.deepEqual(await list({ direction: 'desc', per_page: 30 }), want.toReversed());
  const matching = want.filter((m) => m.email.includes('crowd-04'));
  assert.equal(matching.length, 10);
  assert.deepEqual(await list({ fuzzyEmail: 'crowd-04' }), matching);
  assert.deepEqual(await list({ fuzzyEmail: 'CROWD-04', direction: 'desc', per_page: 3 }), matching.toReversed());
  assert.deepEqual(await list({ fuzzyEmail: 'nobody' }), []);
});
