package iam

import "time"

// emailDomain is what the input is called that names a connector's domain.
const emailDomain = "email_domain"

// CreateConnector makes a disabled connector from ID, Domain, Code and FedRAMP. begin starts its verification at once. A domain that
// no connector can have is Invalid, one that the organization has already is Exists, both with the Field "email_domain".
func (d *Draft) CreateConnector(k Connector, begin bool) (*Connector, error) {
	domain, err := CheckDomain(emailDomain, k.Domain)
	if err != nil {
		return nil, err
	}
	if err := fresh(&d.s.connectors, k.ID.UUID); err != nil {
		return nil, err
	}
	if !goodCode(k.Code) { // codes are made by us, so this is a fault of the caller
		return nil, Errorf(Internal, "the code of connector %s cannot be used", k.ID)
	}
	if _, taken := d.s.connectors.named(domain); taken {
		return nil, FieldErrorf(Exists, emailDomain, "there is a connector of %s already", domain)
	}
	if err := d.room(QuotaConnectors, d.s.connectors.len()); err != nil {
		return nil, err
	}
	made := &Connector{ID: k.ID, Domain: domain, Code: k.Code, Status: ConnectorAwaiting, FedRAMP: k.FedRAMP, CreatedAt: d.now}
	if begin {
		made.Status, made.PendingSince = ConnectorPending, d.now
	}
	d.putConnector(made)
	return made, nil
}

// UpdateConnector lets edit change a copy's Enabled and FedRAMP; whatever else it changes does not count. Nothing is touched when
// nothing changes. Enabling is Conflict unless the domain is verified. It claims the domain in the installation, so the commit
// fails with Exists and the Field "domain" while another organization has it enabled.
func (d *Draft) UpdateConnector(id ConnectorID, edit func(*Connector)) (*Connector, error) {
	old, err := d.s.Connector(id)
	if err != nil {
		return nil, err
	}
	edited, k := *old, *old
	edit(&edited)
	k.Enabled, k.FedRAMP = edited.Enabled, edited.FedRAMP
	switch {
	case k == *old:
		return old, nil
	case k.Enabled && k.Status != ConnectorVerified:
		return nil, FieldErrorf(Conflict, "enabled", "cannot be set before the domain %s is verified", k.Domain)
	}
	d.putConnector(&k)
	return &k, nil
}

// DeleteConnector removes a connector. Conflict while it is enabled.
func (d *Draft) DeleteConnector(id ConnectorID) error {
	k, err := d.s.Connector(id)
	if err != nil {
		return err
	}
	if k.Enabled {
		return Errorf(Conflict, "the connector of %s is enabled: disable it first", k.Domain)
	}
	d.touch(KindConnector, id.UUID)
	d.s.putConnector(d.edit, id.UUID, nil)
	return nil
}

// BeginVerification starts the search for the TXT record, with the same code, or starts it anew when it has failed. While it goes on,
// and once it has succeeded, this changes nothing.
func (d *Draft) BeginVerification(id ConnectorID) (*Connector, error) {
	old, err := d.s.Connector(id)
	if err != nil {
		return nil, err
	}
	switch old.StatusAt(d.now) {
	case ConnectorPending, ConnectorVerified:
		return old, nil
	}
	k := *old
	k.Status, k.PendingSince = ConnectorPending, d.now
	d.putConnector(&k)
	return &k, nil
}

// ConfirmConnector records that the TXT record was found. Conflict unless the connector is pending; nothing changes when it is
// verified already.
func (d *Draft) ConfirmConnector(id ConnectorID) (*Connector, error) {
	return d.endVerification(id, ConnectorPending, ConnectorVerified)
}

// FailConnector records that the TXT record was not found in time. Conflict unless that time is over; nothing changes when it is
// recorded already.
func (d *Draft) FailConnector(id ConnectorID) (*Connector, error) {
	return d.endVerification(id, ConnectorFailed, ConnectorFailed)
}

// endVerification records the end of a verification. from is the status that the connector must have at the draft's time.
func (d *Draft) endVerification(id ConnectorID, from, to ConnectorStatus) (*Connector, error) {
	old, err := d.s.Connector(id)
	switch {
	case err != nil:
		return nil, err
	case old.Status == to:
		return old, nil
	case old.StatusAt(d.now) != from:
		return nil, Errorf(Conflict, "the connector of %s is %s", old.Domain, old.StatusAt(d.now))
	}
	k := *old
	k.Status, k.PendingSince = to, time.Time{}
	d.putConnector(&k)
	return &k, nil
}

func (d *Draft) putConnector(k *Connector) {
	k.UpdatedAt = d.now
	d.touch(KindConnector, k.ID.UUID)
	d.s.putConnector(d.edit, k.ID.UUID, k)
}
