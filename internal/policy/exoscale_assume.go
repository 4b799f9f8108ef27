package policy

// CompileAssume compiles what says in Exoscale's language who may assume a role. It is a document, of which the class iam counts, or
// rules without a class, {"rules": […]}, which stand for those of that class: clients of different ages send the one or the
// other (contract, sections 3.1 and 10.5). Nothing at all, {}, is no rules.
func CompileAssume(source []byte) (*Program, error) {
	p := exoscaleParser{reader: newReader(source), assume: true}
	if err := p.document(); err != nil {
		return nil, err
	}
	return p.program(), nil
}

// assumeService is what rules without a class stand for.
func assumeService() *exoscaleService {
	return &exoscaleService{name: "iam", place: "services.iam", kind: "rules", rules: []exoscaleRule{}}
}

// standAlone makes a document of rules without a class.
func (p *exoscaleParser) standAlone(start int) error {
	whole := p.strategy != "" || p.services != nil
	switch {
	case whole && p.alone != nil:
		return p.errorAt(start, "rules", "cannot stand beside %s and services; give the one or the other", defaultStrategy)
	case whole:
		return nil
	case p.alone == nil:
		p.alone = assumeService()
	}
	p.strategy, p.services = Deny.String(), []exoscaleService{*p.alone}
	return nil
}
