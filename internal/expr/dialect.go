package expr

// Dialect says whose CEL an expression is in. Both know the operators, macros and functions of standard CEL and
// inIpRange(ip, cidr); every function may be called in both forms, f(x, y) and x.f(y), as CEL does that is not
// type-checked.
type Dialect uint8

const (
	// Exoscale has matches for the whole text and the member form map.has('key') (contract, section 10.3).
	Exoscale Dialect = iota
	// Scaleway has matches for any part of the text, as standard CEL (contract, section 7.1).
	Scaleway
)

// String is the vendor's name in lower case.
func (d Dialect) String() string {
	switch d {
	case Exoscale:
		return "exoscale"
	case Scaleway:
		return "scaleway"
	default:
		return "unknown"
	}
}
