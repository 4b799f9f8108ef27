// Every class of error that the server has, as the SDK tells it, and what is wrong whatever a call is about (contract, sections 2, 5
// and 9). Of the other classes (locked, expired, transient state, out of stock) the server has no use.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answers, answersInvalid, missing, refused, unknownID } from '../harness/expect.mjs';
import { newOrganization } from '../harness/organization.mjs';
import { startServer } from '../harness/server.mjs';
import { connect, raw } from '../harness/wire.mjs';

test('each class has its message', async () => {
  const o = await newOrganization();
  const { id } = await o.group('Ops');
  const { iam } = await o.actor();
  await o.quota('policies', 1);
  const messages = {
    InvalidArgumentsError: [() => o.group('a/b'), /^invalid argument\(s\): name is wrongly formatted, has letters/],
    DeniedAuthenticationError: [() => connect({ organization: o.id }).iam.listGroups(), /^denied authentication: invalid api_key format or empty value$/],
    PermissionsDeniedError: [() => iam.deleteGroup({ groupId: id }), /^insufficient permissions: delete group$/],
    QuotasExceededError: [() => o.policy({ noPrincipal: true }), /^quota\(s\) exceeded: .* maximum number of iam_policies/],
    ResourceNotFoundError: [() => o.iam.getGroup({ groupId: unknownID }), new RegExp(`^resource group with ID ${unknownID} is not found$`)],
    AlreadyExistsError: [() => o.group('Ops'), new RegExp(`^resource group with ID ${id} already exists: `)],
    PreconditionFailedError: [() => o.iam.deleteUser({ userId: o.owner.id }), /^precondition failed: protected_resource, the owner/],
  };
  for (const [name, [call, message]] of Object.entries(messages)) {
    assert.match((await refused(call(), name)).message, message);
  }
});

test('quotas: what can be made no more, and what there is', async () => {
  const o = await newOrganization();
  const { id: applicationId } = await o.application();
  for (const [quota, resource, make, limit] of [
    ['groups', 'iam_groups', () => o.group(), 2],
    ['service_accounts', 'iam_applications', () => o.application(), 3],
    ['policies', 'iam_policies', () => o.policy({ noPrincipal: true }), 1],
    ['users', 'iam_users', () => o.member(), 2],
    ['credentials', 'iam_api_keys', () => o.iam.createAPIKey({ applicationId, description: '' }), 2],
  ]) {
    await o.quota(quota, limit);
    let made = 0;
    for (; made <= limit; made++) {
      const error = await make().then(() => null, (e) => e);
      if (error) {
        const list = [{ resource, quota: limit, current: limit, scope: undefined }];
        await refused(Promise.reject(error), 'QuotasExceededError', { list });
        break;
      }
    }
    assert.ok(made <= limit, `${quota}: ${made} were made`);
  }
});

test('too many calls are told when to come again', async () => {
  const limited = await startServer({ WRIT_RATE_PER_MINUTE: '5' });
  try {
    const { SCW_ACCESS_KEY: accessKey, SCW_SECRET_KEY: secretKey, SCW_DEFAULT_ORGANIZATION_ID: organization } = limited.env;
    const { iam } = connect({ key: { accessKey, secretKey }, organization, url: limited.url });
    // A minute may begin in between: of eleven calls in a row, some are refused all the same.
    const outcomes = [];
    for (let i = 0; i < 11; i++) {
      outcomes.push(await iam.listGroups().then(() => null, (error) => error));
    }
    const refusals = outcomes.filter((o) => o !== null);
    assert.ok(refusals.length > 0, 'none of eleven calls was refused');
    const { limit, resetSeconds, helpMessage } = await refused(Promise.reject(refusals[0]), 'TooManyRequestsError');
    assert.deepEqual(limit, { quota: 5, windowSeconds: 60 });
    assert.ok(resetSeconds >= 1 && resetSeconds <= 60 && helpMessage !== '', `${resetSeconds} ${helpMessage}`);
  } finally {
    await limited.stop();
  }
});

test('paths that lead nowhere', async () => {
  const o = await newOrganization();
  for (const path of ['', '/', '/nothing', '/groups/', `/groups/${o.id}/nothing`, '/group', `/organizations/${o.id}/nothing`, '/quotas', `/users/${o.owner.id}/connections`]) {
    const { status, body } = await o.raw('GET', path);
    assert.deepEqual([status, body], [404, { message: 'Not Found' }], path);
  }
});

test('methods that a path does not know', async () => {
  const o = await newOrganization();
  for (const [method, path] of [
    ['POST', '/rules'],
    ['DELETE', '/rules'],
    ['PUT', '/groups'],
    ['PUT', `/groups/${o.id}`],
    ['GET', `/groups/${o.id}/members`],
    ['GET', `/groups/${o.id}/add-member`],
    ['DELETE', '/policies'],
    ['POST', '/quota'],
    ['PATCH', '/permission-sets'],
    ['DELETE', `/organizations/${o.id}`],
  ]) {
    const answer = await o.raw(method, path);
    answers(answer, 405, { type: undefined });
    assert.match(answer.headers.get('allow'), /GET|PUT|POST/, `${method} ${path}`);
  }
});

test('bodies that are no JSON object', async () => {
  const o = await newOrganization();
  const group = await o.group();
  for (const [method, path] of [
    ['POST', '/groups'],
    ['PATCH', `/groups/${group.id}`],
    ['POST', `/groups/${group.id}/add-member`],
    ['PUT', `/groups/${group.id}/members`],
    ['POST', '/applications'],
    ['POST', '/policies'],
    ['PUT', '/rules'],
    ['POST', '/users'],
    ['POST', '/api-keys'],
  ]) {
    for (const body of ['', 'not json', '{"name":', '{"name":"x"} and more', '[]', '"text"', 'null', '7']) {
      const answer = await o.raw(method, path, { body });
      answers(answer, 400, { type: 'invalid_arguments' });
      assert.deepEqual(answer.body.details.map((d) => [d.argument_name, d.reason]), [['body', 'format']], `${method} ${path} ${body}`);
    }
  }
  answersInvalid(await o.raw('POST', '/groups', { body: '{"name":"a","name":"b"}' }), 'name', 'format');
  answersInvalid(await o.raw('POST', '/groups', { body: { name: ['x'] } }), 'name', 'format');
  answersInvalid(await o.raw('POST', '/groups', { body: { name: 'x', tags: 'y' } }), 'tags', 'format');
  assert.deepEqual((await o.iam.listGroups()).groups, [group]);
});

test('members that nobody knows are ignored; the content type may have a charset', async () => {
  const o = await newOrganization();
  const answer = await o.raw('POST', '/groups', { type: 'application/json; charset=utf-8', body: { name: 'Ops', color: 'red', srn: 'srn://x' } });
  answers(answer, 200, { name: 'Ops', color: undefined });
});

test('ids may be in capitals, and come back in small letters', async () => {
  const o = await newOrganization();
  const { id } = await o.group();
  answers(await o.raw('GET', `/groups/${id.toUpperCase()}`), 200, { id });
  answers(await o.raw('GET', `/groups/${unknownID.toUpperCase()}`), 404, { resource_id: unknownID });
  await missing(o.iam.getGroup({ groupId: unknownID.toUpperCase() }), 'group', unknownID);
});

test('the frame of every answer, and metadata', async () => {
  const o = await newOrganization();
  const { headers } = await o.raw('GET', '/groups');
  assert.equal(headers.get('x-frame-options'), 'DENY');
  assert.match(headers.get('content-security-policy'), /default-src 'none'/);
  const { status, body } = await raw('GET', '/metadata', { prefix: '', token: o.key.secretKey });
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body).sort(), ['domain', 'partition', 'platform']);
});

test('what a caller may do can be asked', async () => {
  const o = await newOrganization();
  const { key } = await o.actor(o.rule('IAMReadOnly'), { permissionSetNames: ['InstancesReadOnly'], condition: '', projectIds: [o.id] });
  const permission = (service, name, action, scope) => ({ service, name, action, ...scope });
  const [organization, project] = [{ organization_id: o.id }, { project_id: o.id }];
  const permissions = [
    permission('iam', 'group', 'list', organization),
    permission('iam', 'group', 'create', organization),
    permission('iam', 'api_key', 'read', organization),
    permission('instances', 'server', 'read', project),
    permission('instances', 'server', 'delete', project),
    permission('nothing', 'nothing', 'read', project),
  ];
  const answer = await raw('POST', '/check-permissions', { token: key.secretKey, body: { permissions } });
  answers(answer, 200);
  assert.deepEqual(answer.body.responses.map((r) => r.decision), ['allow', 'deny', 'allow', 'allow', 'deny', 'deny']);
});
