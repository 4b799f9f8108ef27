// SSH keys, which lie in projects (contract, section 4.9).

import assert from 'node:assert/strict';
import { createECDH, createHash } from 'node:crypto';
import { test } from 'node:test';

import { answers, answersInvalid, denied, invalid, isID, isRecent, malformedIDs, missing, refused, unknownID } from '../harness/expect.mjs';
import { newOrganization, publicKey } from '../harness/organization.mjs';

/** The fingerprint of a key of the form `ssh-ed25519 <blob> [comment]`. */
function fingerprint(key) {
  const [type, blob, ...comment] = key.split(' ');
  const sum = createHash('md5').update(Buffer.from(blob, 'base64')).digest('hex').match(/../g).join(':');
  return [`256 MD5:${sum}`, ...comment, `(${type})`].join(' ');
}

test('the whole life of an SSH key', async () => {
  const o = await newOrganization();
  const key = publicKey('ada');
  const made = await o.iam.createSSHKey({ name: 'laptop', publicKey: `  ${key}\n` });
  isID(made.id);
  isRecent(made.createdAt);
  isRecent(made.updatedAt);
  assert.deepEqual(made, {
    id: made.id,
    name: 'laptop',
    publicKey: key,
    fingerprint: fingerprint(key),
    createdAt: made.createdAt,
    updatedAt: made.updatedAt,
    organizationId: o.id,
    projectId: o.id,
    disabled: false,
  });
  const { id: sshKeyId } = made;
  assert.deepEqual(await o.iam.getSSHKey({ sshKeyId }), made);
  const changed = await o.iam.updateSSHKey({ sshKeyId, name: 'desktop', disabled: true });
  assert.ok(changed.updatedAt > made.updatedAt);
  assert.deepEqual(changed, { ...made, name: 'desktop', disabled: true, updatedAt: changed.updatedAt });
  const enabled = await o.iam.updateSSHKey({ sshKeyId, disabled: false });
  assert.deepEqual([enabled.name, enabled.disabled], ['desktop', false]);

  assert.equal(await o.iam.deleteSSHKey({ sshKeyId }), undefined);
  await missing(o.iam.getSSHKey({ sshKeyId }), 'ssh_key', sshKeyId);
  await missing(o.iam.deleteSSHKey({ sshKeyId }), 'ssh_key', sshKeyId);
});

test('fingerprints, with and without a comment, and keys of other kinds', async () => {
  const o = await newOrganization();
  const plain = publicKey();
  assert.equal((await o.iam.createSSHKey({ publicKey: plain })).fingerprint, fingerprint(plain));
  const part = (bytes) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const point = createECDH('prime256v1').generateKeys();
  const blob = Buffer.concat([part(Buffer.from('ecdsa-sha2-nistp256')), part(Buffer.from('nistp256')), part(point)]);
  const ecdsa = `ecdsa-sha2-nistp256 ${blob.toString('base64')} a key`;
  const made = await o.iam.createSSHKey({ publicKey: ecdsa });
  assert.match(made.name, /^key-/);
  assert.match(made.fingerprint, /^256 MD5:([0-9a-f]{2}:){15}[0-9a-f]{2} a key \(ecdsa-sha2-nistp256\)$/);
});

test('lists: orders and filters', async () => {
  const o = await newOrganization();
  const project = await o.project();
  const make = (name, projectId) => o.iam.createSSHKey({ name, publicKey: publicKey(), projectId });
  const [zoe, abe, here] = [await make('zoe'), await make('abe'), await make('mid', project.id)];
  await o.iam.updateSSHKey({ sshKeyId: zoe.id, disabled: true });
  const list = async (query) => (await o.iam.listSSHKeys(query).all()).map((k) => k.name);
  assert.deepEqual(await list(), ['zoe', 'abe', 'mid']);
  assert.deepEqual(await list({ pageSize: 1 }), ['zoe', 'abe', 'mid']);
  assert.deepEqual(await list({ orderBy: 'created_at_desc' }), ['mid', 'abe', 'zoe']);
  assert.deepEqual(await list({ orderBy: 'name_asc' }), ['abe', 'mid', 'zoe']);
  assert.deepEqual(await list({ orderBy: 'updated_at_desc' }), ['zoe', 'mid', 'abe']);
  assert.deepEqual(await list({ name: 'abe' }), ['abe']);
  assert.deepEqual(await list({ name: 'ab' }), []);
  assert.deepEqual(await list({ projectId: project.id }), ['mid']);
  assert.deepEqual(await list({ projectId: o.id }), ['zoe', 'abe']);
  assert.deepEqual(await list({ disabled: true }), ['zoe']);
  assert.deepEqual(await list({ disabled: false }), ['abe', 'mid']);
  assert.equal(here.projectId, project.id);
});

test('what is wrong is refused, and nothing is stored', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const kept = await o.iam.createSSHKey({ name: 'kept', publicKey: publicKey() });
  await invalid(o.iam.createSSHKey({ name: 'new', publicKey: '' }), 'public_key', 'required');
  for (const key of ['abc', 'ssh-ed25519', 'ssh-ed25519 AAAA', `ssh-rsa ${publicKey().split(' ')[1]}`, 'ssh-other AAAAC3NzaC1lZDI1NTE5']) {
    await invalid(o.iam.createSSHKey({ name: 'new', publicKey: key }), 'public_key', 'format');
  }
  await invalid(o.iam.createSSHKey({ name: 'new', publicKey: `${publicKey()} ${'x'.repeat(65_000)}` }), 'public_key', 'constraint');
  await invalid(o.iam.createSSHKey({ name: 'x'.repeat(1001), publicKey: publicKey() }), 'name', 'constraint');
  await invalid(o.iam.updateSSHKey({ sshKeyId: kept.id, name: 'x'.repeat(1001) }), 'name', 'constraint');
  answersInvalid(await o.raw('POST', '/ssh-keys', { body: { public_key: publicKey() } }), 'name', 'required');
  for (const projectId of [unknownID, other.id]) {
    await missing(o.iam.createSSHKey({ name: 'new', publicKey: publicKey(), projectId }), 'project', projectId);
  }
  assert.deepEqual((await o.iam.listSSHKeys()).sshKeys, [kept]);
});

test('as many as the quota says', async () => {
  const o = await newOrganization();
  await o.quota('ssh_keys', 1);
  await o.iam.createSSHKey({ publicKey: publicKey() });
  const list = [{ resource: 'ssh_keys', quota: 1, current: 1, scope: undefined }];
  await refused(o.iam.createSSHKey({ publicKey: publicKey() }), 'QuotasExceededError', { list });
});

test('ids that nothing here has, and who may not', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const theirs = await other.iam.createSSHKey({ publicKey: publicKey() });
  for (const sshKeyId of [unknownID, theirs.id]) {
    await missing(o.iam.getSSHKey({ sshKeyId }), 'ssh_key', sshKeyId);
    await missing(o.iam.updateSSHKey({ sshKeyId, disabled: true }), 'ssh_key', sshKeyId);
    await missing(o.iam.deleteSSHKey({ sshKeyId }), 'ssh_key', sshKeyId);
  }
  for (const sshKeyId of malformedIDs) {
    await invalid(o.iam.getSSHKey({ sshKeyId }), 'ssh_key_id', 'format');
  }
  const { iam } = await o.actor(o.rule('IAMReadOnly'));
  await denied(iam.listSSHKeys(), 'list', 'ssh_key');
  await denied(iam.createSSHKey({ publicKey: publicKey() }), 'create', 'ssh_key');
  await denied(iam.getSSHKey({ sshKeyId: unknownID }), 'read', 'ssh_key');
  await denied(iam.updateSSHKey({ sshKeyId: unknownID, disabled: true }), 'write', 'ssh_key');
  await denied(iam.deleteSSHKey({ sshKeyId: unknownID }), 'delete', 'ssh_key');
});

test('a project with a key in it cannot be deleted', async () => {
  const o = await newOrganization();
  const { id } = await o.project();
  const key = await o.iam.createSSHKey({ publicKey: publicKey(), projectId: id });
  answers(await o.raw('DELETE', `/projects/${id}`, { prefix: '/account/v3' }), 412, { precondition: 'resource_still_in_use' });
  await o.iam.deleteSSHKey({ sshKeyId: key.id });
  answers(await o.raw('DELETE', `/projects/${id}`, { prefix: '/account/v3' }), 204);
});
