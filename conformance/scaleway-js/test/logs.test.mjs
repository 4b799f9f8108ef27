// Logs: what was done, by whom (contract, sections 4.10 and 9).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { denied, invalid, isID, isRecent, missing, unknownID } from '../harness/expect.mjs';
import { newOrganization } from '../harness/organization.mjs';

test('every change of a key, user, application, group and policy is there, and can be found', async () => {
  const o = await newOrganization();
  await sleep(5); // what was done before is not to be of the same millisecond
  const start = new Date();
  const [group, application, user] = [await o.group(), await o.application(), await o.member()];
  const policy = await o.policy({ groupId: group.id });
  const key = await o.iam.createAPIKey({ applicationId: application.id, description: '' });
  await o.iam.updateGroup({ groupId: group.id, description: 'x' });
  await o.iam.updateApplication({ applicationId: application.id, description: 'x' });
  await o.iam.updatePolicy({ policyId: policy.id, description: 'x' });
  await o.iam.setRules({ policyId: policy.id, rules: [] });
  await o.iam.updateAPIKey({ accessKey: key.accessKey, description: 'x' });
  await o.iam.updateUser({ userId: user.id, firstName: 'x' });
  await o.iam.deleteAPIKey({ accessKey: key.accessKey });
  await o.iam.deletePolicy({ policyId: policy.id });
  await o.iam.deleteGroup({ groupId: group.id });
  await o.iam.deleteApplication({ applicationId: application.id });
  await o.iam.deleteUser({ userId: user.id });
  await o.group('a/b').catch(() => {}); // which is no change

  const done = (logs) => logs.map((l) => [l.action, l.resourceType, l.resourceId]);
  const want = [
    ['created', 'group', group.id],
    ['created', 'application', application.id],
    ['created', 'user', user.id],
    ['created', 'policy', policy.id],
    ['created', 'api_key', key.accessKey],
    ['updated', 'group', group.id],
    ['updated', 'application', application.id],
    ['updated', 'policy', policy.id],
    ['updated', 'policy', policy.id],
    ['updated', 'api_key', key.accessKey],
    ['updated', 'user', user.id],
    ['deleted', 'api_key', key.accessKey],
    ['deleted', 'policy', policy.id],
    ['deleted', 'group', group.id],
    ['deleted', 'application', application.id],
    ['deleted', 'user', user.id],
  ];
  const logs = await o.iam.listLogs({ createdAfter: start }).all();
  assert.deepEqual(done(logs), want);
  for (const log of logs) {
    isID(log.id);
    isRecent(log.createdAt);
    assert.deepEqual([log.ip, log.bearerId, log.organizationId], ['127.0.0.1', o.owner.id, o.id]);
    assert.match(log.userAgent, /^scaleway-sdk-js\//);
  }
  assert.deepEqual(await o.iam.getLog({ logId: logs[3].id }), logs[3]);

  const list = async (query) => done(await o.iam.listLogs({ createdAfter: start, ...query }).all());
  assert.deepEqual(await list({ pageSize: 3 }), want);
  assert.deepEqual(await list({ orderBy: 'created_at_desc', pageSize: 5 }), want.toReversed());
  assert.deepEqual(await list({ action: 'updated' }), want.slice(5, 11));
  assert.deepEqual(await list({ resourceType: 'api_key' }), want.filter(([, type]) => type === 'api_key'));
  assert.deepEqual(await list({ resourceType: 'policy', action: 'deleted' }), [want[12]]);
  assert.deepEqual(await list({ search: group.id }), want.filter(([, , id]) => id === group.id));
  assert.deepEqual(await list({ search: o.owner.id }), want);
  assert.deepEqual(await list({ search: unknownID }), []);
  assert.deepEqual(await list({ createdBefore: start, createdAfter: undefined }).then((l) => l.some(([, , id]) => id === group.id)), false);
});

test('logs that are not there, and who may not', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  await other.group();
  const [theirs] = (await other.iam.listLogs()).logs;
  for (const logId of [unknownID, theirs.id]) {
    await missing(o.iam.getLog({ logId }), 'log', logId);
  }
  await invalid(o.iam.getLog({ logId: 'abc' }), 'log_id', 'format');
  const { iam } = await o.actor(o.rule('IAMGroupManager'));
  await denied(iam.listLogs(), 'list', 'log');
  await denied(iam.getLog({ logId: unknownID }), 'read', 'log');
});
