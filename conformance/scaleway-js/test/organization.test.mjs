// The organization, its security settings and its ways to log in (contract, section 4.10).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answers, denied, invalid, refused } from '../harness/expect.mjs';
import { newOrganization } from '../harness/organization.mjs';

test('security settings: their defaults, and each can be changed alone', async () => {
  const o = await newOrganization();
  const defaults = {
    enforcePasswordRenewal: false,
    gracePeriodDuration: '259200s',
    loginAttemptsBeforeLocked: 10,
    maxLoginSessionDuration: '2592000s',
    maxApiKeyExpirationDuration: '0s',
  };
  assert.deepEqual(await o.iam.getOrganizationSecuritySettings(), defaults);
  let want = defaults;
  for (const change of [
    { enforcePasswordRenewal: true },
    { gracePeriodDuration: '86400s' },
    { loginAttemptsBeforeLocked: 50 },
    { maxLoginSessionDuration: '3600s' },
    { maxApiKeyExpirationDuration: '31536000s' },
    { enforcePasswordRenewal: false, loginAttemptsBeforeLocked: 1 },
  ]) {
    want = { ...want, ...change };
    assert.deepEqual(await o.iam.updateOrganizationSecuritySettings(change), want);
  }
  assert.deepEqual(await o.iam.getOrganizationSecuritySettings(), want);
  const path = `/organizations/${o.id}/security-settings`;
  answers(await o.raw('PATCH', path, { body: { grace_period_duration: '259200.000000000s' } }), 200, { grace_period_duration: '259200s' });
});

test('security settings: what is out of range', async () => {
  const o = await newOrganization();
  const before = await o.iam.getOrganizationSecuritySettings();
  await invalid(o.iam.updateOrganizationSecuritySettings({ loginAttemptsBeforeLocked: 0 }), 'login_attempts_before_locked', 'constraint');
  await invalid(o.iam.updateOrganizationSecuritySettings({ loginAttemptsBeforeLocked: 51 }), 'login_attempts_before_locked', 'constraint');
  await invalid(o.iam.updateOrganizationSecuritySettings({ gracePeriodDuration: '3 days' }), 'grace_period_duration', 'format');
  assert.deepEqual(await o.iam.getOrganizationSecuritySettings(), before);
});

test('the organization, its alias, which is set once, and the ways to log in', async () => {
  const o = await newOrganization();
  const organization = await o.iam.getOrganization();
  assert.deepEqual([organization.id, organization.alias, organization.loginPasswordEnabled], [o.id, '', true]);
  await invalid(o.iam.setOrganizationAlias({ alias: 'x' }), 'alias', 'constraint');
  const alias = `acme${o.id.slice(-8)}`;
  assert.deepEqual(await o.iam.setOrganizationAlias({ alias }), { ...organization, alias });
  await refused(o.iam.setOrganizationAlias({ alias: 'other' }), 'PreconditionFailedError');

  const methods = await o.iam.updateOrganizationLoginMethods({ loginPasswordEnabled: false });
  assert.deepEqual(methods, { ...organization, alias, loginPasswordEnabled: false });
  assert.deepEqual(await o.iam.getOrganization(), methods);
});

test('who may not', async () => {
  const o = await newOrganization();
  const { iam } = await o.actor(o.rule('IAMGroupManager'));
  await denied(iam.getOrganization(), 'read', 'organization');
  await denied(iam.setOrganizationAlias({ alias: 'mine' }), 'write', 'organization');
  await denied(iam.getOrganizationSecuritySettings(), 'read', 'organization');
  await denied(iam.updateOrganizationSecuritySettings({ loginAttemptsBeforeLocked: 50 }), 'write', 'organization');
  await denied(iam.updateOrganizationLoginMethods({ loginPasswordEnabled: true }), 'write', 'organization');
});
