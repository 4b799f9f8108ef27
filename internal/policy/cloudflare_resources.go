package policy

import (
	"strings"
)

// bucketLevel begins the keys of R2 buckets, which hold the account that they are in.
const bucketLevel = "com.cloudflare.edge.r2.bucket"

// resources reads where a policy of an API token applies (contract, section 11): keys with "*", or the key of an account with an
// object of keys with "*", which is those inside the account.
func (p *cloudflareParser) resources() error {
	start := p.next()
	p.flat = true
	err := p.object(func(name located) error {
		if len(p.places) == maxResourceGroups {
			return p.unless(p.errorf(name.offset, "too many resources; at most %d are allowed", maxResourceGroups))
		}
		if p.decoder.PeekKind() == '{' {
			return p.inside(name)
		}
		place, err := p.keyed(name)
		p.places = append(p.places, place)
		return err
	})
	if err == nil && p.places == nil {
		err = p.errorf(start, "needs at least one of resources")
	}
	return err
}

// keyed reads the value of a key, and gives the place that the key is.
func (p *cloudflareParser) keyed(name located) (cloudflarePlace, error) {
	object, err := p.starred(name)
	if err != nil {
		return cloudflarePlace{}, err
	}
	place := cloudflarePlace{account: accountIn(name.text), objects: []cloudflareObject{object}}
	if place.account != "" && !p.lib.Account(place.account) {
		return place, p.errorf(name.offset, "%s is of another account; a policy applies to its own alone", show(name.text))
	}
	return place, nil
}

// starred reads "*", the one value that a key has.
func (p *cloudflareParser) starred(name located) (cloudflareObject, error) {
	value, err := p.text()
	if err == nil && value.text != "*" {
		err = p.errorf(value.offset, `must be "*", is %s`, show(value.text))
	}
	if problem := checkResource(name.text); err == nil && (problem != "" || name.text == "*") {
		if problem == "" {
			problem = `"*" is no key here; use the account's own`
		}
		err = p.errorf(name.offset, "%s", problem)
	}
	return cloudflareObject{name, string(p.path)}, err
}

// accountIn is the key of the account that a key itself names; "" if it names none.
func accountIn(key string) string {
	if id, ok := strings.CutPrefix(key, accountLevel+"."); ok && len(id) == 32 && lowerHex(id) {
		return key
	}
	if rest, ok := strings.CutPrefix(key, bucketLevel+"."); ok {
		if id, _, cut := strings.Cut(rest, "_"); cut && len(id) == 32 && lowerHex(id) {
			return accountLevel + "." + id
		}
	}
	return ""
}

// inside reads the keys inside an account.
func (p *cloudflareParser) inside(account located) error {
	if accountIn(account.text) != account.text || !p.lib.Account(account.text) {
		return p.unless(p.errorf(account.offset, "%s is not the policy's own account; use %s.<account id>", show(account.text), accountLevel))
	}
	start, place := p.next(), cloudflarePlace{account: account.text, nested: true}
	err := p.object(func(name located) error {
		if len(place.objects) == maxScopeObjects {
			return p.unless(p.errorf(name.offset, "too many keys; at most %d are allowed", maxScopeObjects))
		}
		object, err := p.starred(name)
		place.objects = append(place.objects, object)
		return err
	})
	if err == nil && place.objects == nil {
		err = p.errorf(start, "needs at least one key")
	}
	p.places = append(p.places, place)
	return err
}

// printResources appends the member, as it was written.
func (p *cloudflareParser) printResources(out []byte) []byte {
	for i, of := range p.places {
		out = append(out, separated(i, `,"resources":{`)...)
		if !of.nested {
			out = append(appendQuoted(out, of.objects[0].text), `:"*"`...)
			continue
		}
		out = appendQuoted(out, of.account)
		for j, o := range of.objects {
			out = append(out, separated(j, `:{`)...)
			out = append(appendQuoted(out, o.text), `:"*"`...)
		}
		out = append(out, '}')
	}
	return append(out, '}')
}
