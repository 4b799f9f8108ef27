package policy

import (
	"slices"
	"time"
)

// exoscaleVars gives expressions of Exoscale's their names (contract, section 10.3). A text that the request does not have is a
// name that there is not. The maps are always there, though they may be empty.
type exoscaleVars variables

// exoscaleNames are all names that there can be.
var exoscaleNames = []string{"service", "operation", "zone", "now", "source_ip", "api_key", "identity", "parameters", "resources", "headers"}

func knownToExoscale(name string) bool { return slices.Contains(exoscaleNames, name) }

// exoscaleTexts are the variables that are texts, as expressions take them; each is made when it is first asked for.
type exoscaleTexts struct {
	service, operation, zone, now, sourceIP, apiKey any
}

// Var implements expr.Vars.
func (v *exoscaleVars) Var(name string) (any, bool) {
	said := &v.exoscale
	switch name {
	case "service":
		return keep(&said.service, v.class)
	case "operation":
		return keep(&said.operation, v.operation)
	case "zone":
		return keep(&said.zone, v.zone)
	case "api_key":
		return keep(&said.apiKey, v.more.apiKey())
	case "now":
		// Whole seconds: comparing two such texts compares the times.
		if said.now == nil && !v.now.IsZero() {
			said.now = v.now.Format(time.RFC3339)
		}
		return said.now, said.now != nil
	case "source_ip":
		if said.sourceIP == nil && v.sourceIP.IsValid() {
			said.sourceIP = v.sourceIP.String()
		}
		return said.sourceIP, said.sourceIP != nil
	case "identity":
		return v.more.identity(), true
	case "parameters":
		return v.more.parameters(), true
	case "resources":
		return v.more.resources(), true
	case "headers":
		return v.more.Headers, true
	}
	return nil, false
}

// keep gives a text, which becomes a value the first time. An empty one is absent.
func keep(at *any, text string) (any, bool) {
	if *at == nil && text != "" {
		*at = text
	}
	return *at, *at != nil
}
