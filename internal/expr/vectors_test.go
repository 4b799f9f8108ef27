package expr

import "testing"

// TestVectors has the expressions of the Exoscale contract, section 11, each with its vector's number and what it gives for
// that request. Vectors 1 to 5, 8, 29 and 32 have no expression that is decided; a constant stands for them.
func TestVectors(t *testing.T) {
	const (
		rw2    = `!(parameters.bucket in ['orchid-media','orchid-logs'])`
		rw1    = `operation in ['list-sos-buckets-usage','list-buckets']`
		rw3    = `operation in ['create-bucket','delete-bucket']`
		priv   = `operation == 'create-instance' && (!parameters.has('public_ip_assignment') || parameters.public_ip_assignment != 'none')`
		acme1  = `parameters.has('type') && parameters.type != 'TXT'`
		acme2  = `parameters.has('name') && !parameters.name.startsWith('_acme-challenge')`
		acme3  = `operation in ['list-dns-domains','list-dns-domain-records','create-dns-domain-record','delete-dns-domain-record']`
		pool   = `resources.sks_nodepool.name in ['vault-pool','ledger-pool']`
		db     = `resources.dbaas_service.name != 'ledger-pg'`
		expiry = `timestamp(identity.created) < timestamp(now) - duration('1h')`
		iamro  = `operation.startsWith('get-') || operation.startsWith('list-')`
		v6     = `operation in ['list-instances','get-instance']`
		v17    = `operation in ['get-bucket-acl','get-bucket-cors','get-bucket-ownership-controls']`
		v26    = `source_ip.inIpRange('203.0.113.0/24') || source_ip.inIpRange('2001:db8:40::/48')`
		v35    = `operation == 'start-instance' && resources.instance.labels.tenant == 'orchid'`
		v36    = `resources.instance.name == 'x' || operation == 'list-templates'`
		v38    = `parameters.bucket == 'tulip-data' && operation in ['head-object','get-object']`
	)
	op := func(name string) values { return values{"operation": name} }
	with := func(v values, name string, value map[string]any) values { v[name] = value; return v }
	bucket := func(operation, name string) values {
		return with(op(operation), "parameters", map[string]any{"bucket": name})
	}
	named := func(kind, name string) map[string]any {
		return map[string]any{kind: map[string]any{"name": name}}
	}
	for _, c := range []struct {
		vector int
		source string
		vars   values
		want   Result
	}{
		{1, `true`, op("delete-dbaas-service"), True},
		{2, `true`, nil, True},
		{3, `true`, op("create-api-key"), True},
		{4, `true`, op("list-dns-domains"), True},
		{5, `true`, op("list-virtual-machines"), True},
		{6, v6, op("get-instance"), True},
		{7, v6, op("delete-instance"), False},
		{8, `false`, nil, False},
		{9, `operation == 'delete-instance'`, op("delete-instance"), True},
		{10, `operation == 'delete-instance'`, op("get-instance"), False},
		{11, pool, with(op("scale-sks-nodepool"), "resources", named("sks_nodepool", "ledger-pool")), True},
		{12, pool, op("list-templates"), Failed},
		{13, rw1, bucket("put-object", "orchid-media"), False},
		{13, rw2, bucket("put-object", "orchid-media"), False},
		{13, rw3, bucket("put-object", "orchid-media"), False},
		{14, rw2, bucket("get-object", "payroll"), True},
		{15, rw3, bucket("delete-bucket", "orchid-media"), True},
		{16, rw1, op("list-buckets"), True},
		{16, rw2, op("list-buckets"), Failed},
		{17, `!(parameters.bucket == 'atlas-ro')`, bucket("put-object", "atlas-ro"), False},
		{17, `operation in ['list-objects','get-object']`, bucket("put-object", "atlas-ro"), False},
		{17, v17, bucket("put-object", "atlas-ro"), False},
		{18, `resources.bucket != 'backups-eu'`, values{"resources": map[string]any{"bucket": "backups-eu"}}, False},
		{19, priv, with(op("create-instance"), "parameters", map[string]any{"name": "web-1"}), True},
		{20, priv, with(op("create-instance"), "parameters", map[string]any{"public_ip_assignment": "none"}), False},
		{21, db, values{"resources": named("dbaas_service", "crm-pg")}, True},
		{22, db, op("list-dbaas-services"), Failed},
		{23, acme1, values{"parameters": map[string]any{"type": "TXT", "name": "_acme-challenge.www"}}, False},
		{23, acme2, values{"parameters": map[string]any{"type": "TXT", "name": "_acme-challenge.www"}}, False},
		{23, acme3, op("create-dns-domain-record"), True},
		{24, acme1, values{"parameters": map[string]any{"type": "A", "name": "www"}}, True},
		{24, acme2, values{"parameters": map[string]any{"type": "A", "name": "www"}}, True},
		{25, `source_ip.inIpRange('203.0.113.0/24') && operation.startsWith('list-')`, values{"source_ip": "203.0.113.77"}, True},
		{26, v26, values{"source_ip": "2001:db8:41::9"}, False},
		{26, v26, values{"source_ip": "2001:db8:40::9"}, True},
		{27, expiry, values{"identity": map[string]any{"created": "2026-06-01T10:30:00Z"}}, True},
		{28, expiry, values{"identity": map[string]any{"created": "2026-06-01T11:30:00Z"}}, False},
		{29, `true`, op("get-object"), True},
		{30, iamro, op("list-iam-roles"), True},
		{31, iamro, op("update-iam-role-policy"), False},
		{32, `true`, nil, True},
		{33, `parameters.size > 100`, values{"parameters": map[string]any{"size": "huge"}}, Failed},
		{33, `zone == 'at-vie-1'`, values{"zone": "at-vie-1"}, True},
		{34, `parameters.name`, values{"parameters": map[string]any{"name": "true"}}, NotBool},
		{35, v35, with(op("start-instance"), "resources", map[string]any{"instance": map[string]any{"labels": map[string]any{"tenant": "iris"}}}), False},
		{36, v36, op("list-templates"), True},
		{36, v36, op("list-instances"), Failed},
		{37, `api_key == 'EXOorchid'`, values{"api_key": "EXOorchid"}, True},
		{38, v38, op("get-object"), Failed},
		{38, v38, op("put-object"), False},
	} {
		if got := compile(t, Exoscale, c.source).Eval(exoscale(c.vars), nil); got != c.want {
			t.Errorf("vector %d: %s: got %s, want %s", c.vector, c.source, got, c.want)
		}
	}
}
