package policy

// scalewayVars gives expressions of Scaleway's their names (contract, section 7.1).
type scalewayVars variables

// Var implements expr.Vars.
func (v *scalewayVars) Var(name string) (any, bool) {
	return nil, false
}

func compileScaleway(source []byte, lib Library) (*Program, error) {
	return nil, newError(source, 0, "", "is not to be had yet")
}

func (p *Program) warnScaleway() []Warning { return nil }
