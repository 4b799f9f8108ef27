// SAML as it is configured: one for an organization, with certificates (contract, section 4.10).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answers, denied, invalid, isID, missing, refused, unknownID } from '../harness/expect.mjs';
import { newOrganization } from '../harness/organization.mjs';

// Of an identity provider that does not exist. Its private key was never kept.
const certificate = `-----BEGIN CERTIFICATE-----
MIIBjjCCATOgAwIBAgIUIjNc/5HlUKIK9WjwiS/V7ZLu8n8wCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQaWRwLmV4YW1wbGUudGVzdDAgFw0yNjExMjExMjMyMDNaGA8y
MTI2MTAyODEyMzIwM1owGzEZMBcGA1UEAwwQaWRwLmV4YW1wbGUudGVzdDBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABF9WWl3nd9Ajbgiju+cLfjZfTNgMByN916/2
2+9289rJhF9Zw85GLCGbecun4CHsmC0VcvRd0wnEN7GJIAuxAO2jUzBRMB0GA1Ud
DgQWBBTHKTzRna8KCRU0a8xJ2TrO2/jNYzAfBgNVHSMEGDAWgBTHKTzRna8KCRU0
a8xJ2TrO2/jNYzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQC4
kV/MI/t9y7DQcJW4j4rDPqkrSaCgaVxmRZXiZ8XOnwIhAOb6mA0ipxJyTl+WiCPW
zAqeMv/5KVO7fU5TBtOHWNIZ
-----END CERTIFICATE-----
`;
const bare = certificate.split('\n').slice(1, -2).join('');

const metadata = `<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.test/metadata">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing">
      <KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${bare}</X509Certificate></X509Data></KeyInfo>
    </KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.test/login"/>
  </IDPSSODescriptor>
</EntityDescriptor>`;

test('the whole life of SAML', async () => {
  const o = await newOrganization();
  await missing(o.iam.getOrganizationSaml(), 'organization_saml', o.id);
  const made = await o.iam.enableOrganizationSaml();
  const { id: samlId } = made;
  isID(samlId);
  assert.deepEqual([made.status, made.entityId, made.singleSignOnUrl], ['missing_certificate', '', '']);
  assert.ok(made.serviceProvider.entityId.endsWith(`/saml/${samlId}`), made.serviceProvider.entityId);
  assert.ok(made.serviceProvider.assertionConsumerServiceUrl.endsWith(`/iam/v1/saml/${samlId}/login`), made.serviceProvider.assertionConsumerServiceUrl);
  assert.deepEqual(await o.iam.getOrganizationSaml(), made);
  assert.deepEqual(await o.iam.enableOrganizationSaml(), made, 'it is the same if it is there already');

  const changed = await o.iam.updateSaml({ samlId, entityId: 'https://idp.example.test/metadata' });
  assert.deepEqual([changed.entityId, changed.singleSignOnUrl], ['https://idp.example.test/metadata', '']);
  await o.iam.updateSaml({ samlId, singleSignOnUrl: 'https://idp.example.test/login' });
  assert.equal((await o.iam.getOrganizationSaml()).status, 'missing_certificate');
  await o.iam.addSamlCertificate({ samlId, type: 'signing', content: certificate });
  const valid = await o.iam.getOrganizationSaml();
  assert.deepEqual(valid, { ...changed, singleSignOnUrl: 'https://idp.example.test/login', status: 'valid' });

  assert.equal(await o.iam.deleteSaml({ samlId }), undefined);
  await missing(o.iam.getOrganizationSaml(), 'organization_saml', o.id);
  await missing(o.iam.deleteSaml({ samlId }), 'saml', samlId);
  await missing(o.iam.updateSaml({ samlId, entityId: 'x' }), 'saml', samlId);
  assert.notEqual((await o.iam.enableOrganizationSaml()).id, samlId);
});

test('certificates', async () => {
  const o = await newOrganization();
  const { id: samlId } = await o.iam.enableOrganizationSaml();
  assert.deepEqual(await o.iam.listSamlCertificates({ samlId }), { certificates: [] });
  const made = await o.iam.addSamlCertificate({ samlId, type: 'signing', content: certificate });
  isID(made.id);
  assert.deepEqual([made.type, made.origin, made.content.trim()], ['signing', 'identity_provider', certificate.trim()]);
  assert.ok(made.expiresAt > Date.now());
  assert.deepEqual(await o.iam.listSamlCertificates({ samlId }), { certificates: [made] });
  answers(await o.raw('GET', `/saml-certificates/${made.id}`), 200, { id: made.id, type: 'signing' });
  answers(await o.raw('GET', `/saml/${samlId}/certificates`), 200, { total_count: undefined });

  await invalid(o.iam.addSamlCertificate({ samlId, type: 'signing', content: 'no certificate' }), 'content', 'constraint');
  await invalid(o.iam.addSamlCertificate({ samlId, type: 'signing', content: '' }), 'content', 'required');
  await invalid(o.iam.addSamlCertificate({ samlId, type: 'unknown_certificate_type', content: certificate }), 'type', 'format');
  await missing(o.iam.addSamlCertificate({ samlId: unknownID, type: 'signing', content: certificate }), 'saml', unknownID);
  assert.equal(await o.iam.deleteSamlCertificate({ certificateId: made.id }), undefined);
  await refused(o.iam.deleteSamlCertificate({ certificateId: made.id }), 'ResourceNotFoundError', { resourceId: made.id });
  assert.deepEqual(await o.iam.listSamlCertificates({ samlId }), { certificates: [] });
});

test('metadata of an identity provider is read', async () => {
  const o = await newOrganization();
  const want = ({ entityId, singleSignOnUrl, signingCertificates }) => {
    assert.deepEqual([entityId, singleSignOnUrl], ['https://idp.example.test/metadata', 'https://idp.example.test/login']);
    assert.deepEqual(signingCertificates.map((c) => c.trim()), [certificate.trim()]);
  };
  want(await o.iam.parseSamlMetadata({ file: new Blob([metadata], { type: 'application/xml' }) }));
  const { status, body } = await o.raw('POST', '/parse-saml-metadata', { body: { file: { name: 'idp.xml', content_type: 'application/xml', content: metadata } } });
  assert.equal(status, 200);
  want({ entityId: body.entity_id, singleSignOnUrl: body.single_sign_on_url, signingCertificates: body.signing_certificates });
  await invalid(o.iam.parseSamlMetadata({ file: new Blob(['<xml/>']) }), 'file.content', 'format');
});

test('who may not, and ids of others', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const { id: samlId } = await other.iam.enableOrganizationSaml();
  await missing(o.iam.updateSaml({ samlId, entityId: 'mine' }), 'saml', samlId);
  await missing(o.iam.listSamlCertificates({ samlId }), 'saml', samlId);
  await missing(o.iam.deleteSaml({ samlId }), 'saml', samlId);
  await invalid(o.iam.deleteSaml({ samlId: 'abc' }), 'saml_id', 'format');
  const { iam } = await o.actor(o.rule('IAMGroupManager'));
  await denied(iam.getOrganizationSaml(), 'read', 'saml');
  await denied(iam.enableOrganizationSaml(), 'create', 'saml');
  await denied(iam.deleteSaml({ samlId }), 'delete', 'saml');
  answers(await o.raw('DELETE', `/organizations/${o.id}/saml`), 405);
});
