package catalog

import (
	"slices"
	"strings"
)

// This file adds a file to a catalogue: define enters what it brings, link follows what it refers to.

func (c *Catalog) define(f *File) *problem {
	p := firstOf(
		each("services", f.Services, MaxServices, c.defineService),
		each("permission_sets", f.PermissionSets, MaxSets, c.defineSet),
		each("permission_groups", f.PermissionGroups, MaxSets, c.defineRole),
		each("token_permission_groups", f.TokenPermissionGroups, MaxSets, c.definePermission),
		each("managed_policies", f.ManagedPolicies, MaxSets, c.definePolicy),
		each("operations", f.Operations, MaxActions, c.defineOperation),
	)
	if p == nil && len(c.actions) > MaxTotalActions {
		p = problemf("the catalogue would have %d actions; at most %d are allowed", len(c.actions), MaxTotalActions).at("services")
	}
	c.file = File{
		Services:              slices.Concat(c.file.Services, f.Services),
		PermissionSets:        slices.Concat(c.file.PermissionSets, f.PermissionSets),
		PermissionGroups:      slices.Concat(c.file.PermissionGroups, f.PermissionGroups),
		TokenPermissionGroups: slices.Concat(c.file.TokenPermissionGroups, f.TokenPermissionGroups),
		ManagedPolicies:       slices.Concat(c.file.ManagedPolicies, f.ManagedPolicies),
		Operations:            slices.Concat(c.file.Operations, f.Operations),
	}
	return p
}

func (c *Catalog) defineService(s *Service) *problem {
	if c.services[s.ID] != nil {
		return problemf("there is a service %s already; choose another id", show(s.ID)).at("id")
	}
	c.services[s.ID] = s
	c.order = append(c.order, s)
	return firstOf(
		each("types", s.Types, MaxTypes, func(t *ResourceType) *problem { return c.defineType(s, t) }),
		each("actions", s.Actions, MaxActions, func(a *Action) *problem { return c.defineAction(s, a) }),
	)
}

func (c *Catalog) defineType(s *Service, t *ResourceType) *problem {
	key := typeKey{s.ID, t.Name}
	if c.types[key] != nil {
		return problemf("there is a type %s already", show(t.Name)).at("name")
	}
	t.service = s
	t.indexSpellings()
	c.types[key] = t
	for i, dialect := range dialects {
		spelled := spelledKey{i, s.ID, t.index.spellings[i]}
		if other := c.typesSpelled[spelled]; other != nil {
			return problemf("%s is how type %s is spelled", show(spelled.spelled), show(other.Name)).at(dialect).at("spellings")
		}
		c.typesSpelled[spelled] = t
	}
	if p := t.indexNames(); p != nil {
		return p
	}
	return c.defineNames(t)
}

// defineNames enters the templates of a type.
func (c *Catalog) defineNames(t *ResourceType) *problem {
	for i, dialect := range dialects {
		name := t.index.names[i]
		if name == nil {
			continue
		}
		shape := dialect + " " + name.shape()
		if other := c.shapes[shape]; other != nil {
			return problemf("type %s of service %s has the same template", show(other.Name), show(other.service.ID)).at(dialect).at("names")
		}
		c.shapes[shape] = t
		c.named[i] = append(c.named[i], t)
	}
	return nil
}

// sortNames orders the templates after the first ones of each dialect: those that begin with a longer text are tried first,
// since a shorter text may begin it. What was there before an operator's file stays before it, so that the file cannot take a
// name away.
func (c *Catalog) sortNames(first [len(dialects)]int) {
	for i := range dialects {
		slices.SortStableFunc(c.named[i][first[i]:], func(a, b *ResourceType) int {
			return len(b.index.names[i][0].literal) - len(a.index.names[i][0].literal)
		})
	}
}

func (c *Catalog) countNames() (n [len(dialects)]int) {
	for i := range dialects {
		n[i] = len(c.named[i])
	}
	return n
}

func (c *Catalog) defineAction(s *Service, a *Action) *problem {
	a.service = s
	a.indexSpellings()
	whole := a.String()
	if other := c.folded[strings.ToLower(whole)]; other != nil {
		return problemf("there is an action %s already; case does not count", show(other.Name)).at("name")
	}
	c.actions[whole], c.folded[strings.ToLower(whole)] = a, a
	for i, dialect := range dialects {
		if p := c.defineSpelling(i, a, a.index.spellings[i]); p != nil {
			return p.at(dialect).at("spellings")
		}
		for j, alias := range a.index.aliases[i] {
			if p := c.defineSpelling(i, a, alias); p != nil {
				return p.element(j).at(dialect).at("aliases")
			}
		}
	}
	a.indexPattern()
	return c.defineRequests(a)
}

// defineSpelling enters a spelling or an alias. Only Exoscale may spell several actions alike: there, a spelling leaves out the
// service. Only an alias may be of another service.
func (c *Catalog) defineSpelling(dialect int, a *Action, spelling string) *problem {
	have := c.spelled[dialect][spelling]
	if len(have) > 0 && dialects[dialect] != Exoscale {
		return problemf("%s is how action %s is spelled", show(spelling), show(have[0].String()))
	}
	own, alias := a.service.ID+":", spelling != a.index.spellings[dialect]
	if !alias && dialects[dialect] != Exoscale && !strings.HasPrefix(spelling, own) {
		return problemf("%s is of another service; begin it with %s", show(spelling), show(own))
	}
	c.spelled[dialect][spelling] = append(slices.Clip(have), a)
	return nil
}

func (c *Catalog) defineSet(s *PermissionSet) *problem {
	i, there := c.findSet(s.Name)
	if there {
		return problemf("there is a permission set %s already; choose another name", show(s.Name)).at("name")
	}
	c.sets = slices.Insert(c.sets, i, s)
	return nil
}

func (c *Catalog) defineRole(g *PermissionGroup) *problem {
	if _, there := c.PermissionGroupLabelled(g.Label); there {
		return problemf("there is a permission group %s already; choose another label", show(g.Label)).at("label")
	}
	c.roles = append(c.roles, g)
	return nil
}

func (c *Catalog) definePermission(g *PermissionGroup) *problem {
	if _, there := where(c.permissions, func(other *PermissionGroup) bool { return other.Name == g.Name }); there {
		return problemf("there is a permission %s of tokens already; choose another name", show(g.Name)).at("name")
	}
	c.permissions = append(c.permissions, g)
	return nil
}

func (c *Catalog) definePolicy(m *ManagedPolicy) *problem {
	if _, there := where(c.policies, func(other *ManagedPolicy) bool { return other.ID == m.ID || other.Name == m.Name }); there {
		return problemf("there is a managed policy of this id or name already").at("id")
	}
	c.policies = append(c.policies, m)
	return nil
}

func (c *Catalog) defineOperation(o *Operation) *problem {
	key := operationKey{o.Dialect, o.Name}
	if c.operations[key] != nil {
		return problemf("there is an operation %s already", show(o.Name)).at("name")
	}
	c.operations[key] = o
	return nil
}

// link checks what a file refers to.
func (c *Catalog) link(f *File) *problem {
	return firstOf(
		each("services", f.Services, MaxServices, func(s *Service) *problem {
			return each("actions", s.Actions, MaxActions, c.linkTypes)
		}),
		each("permission_sets", f.PermissionSets, MaxSets, c.linkSet),
		each("permission_groups", f.PermissionGroups, MaxSets, c.linkGroup),
		each("token_permission_groups", f.TokenPermissionGroups, MaxSets, c.linkGroup),
		each("managed_policies", f.ManagedPolicies, MaxSets, c.linkPolicy),
		each("operations", f.Operations, MaxActions, c.linkOperation),
	)
}

func (c *Catalog) linkTypes(a *Action) *problem {
	return each("types", a.Types, MaxList, func(t *string) *problem {
		if c.types[a.reference(*t)] == nil {
			return problemf("there is no type %s; define it in types of its service", show(*t))
		}
		return nil
	})
}

func (c *Catalog) linkSet(s *PermissionSet) *problem     { return c.linkGrants(s.Grants) }
func (c *Catalog) linkGroup(g *PermissionGroup) *problem { return c.linkGrants(g.Grants) }

func (c *Catalog) linkGrants(grants []Grant) *problem {
	return each("grants", grants, MaxGrants, func(g *Grant) *problem {
		return firstOf(c.linkPatterns("allow", g.Allow, Native), c.linkPatterns("except", g.Except, Native))
	})
}

// linkPolicy holds a policy to what VNG Cloud's language can say.
func (c *Catalog) linkPolicy(m *ManagedPolicy) *problem {
	return firstOf(c.linkPatterns("actions", m.Actions, VNGCloud), each("actions", m.Actions, MaxPatterns, func(p *string) *problem {
		service, _, _ := strings.Cut(*p, ":")
		if s := c.services[service]; *p != "*" && *p != "*:*" && (s == nil || !s.In(VNGCloud)) {
			return problemf("%s is of no product that VNG Cloud has; name a service that is among its products", show(*p))
		}
		return nil
	}))
}

// linkPatterns refuses patterns that no action matches: they are misspelled, and an exception that is would grant.
func (c *Catalog) linkPatterns(member string, patterns []string, dialect string) *problem {
	return each(member, patterns, MaxPatterns, func(p *string) *problem {
		if !c.any(*p, dialectIndex(dialect)) {
			return problemf("no action matches %s", show(*p))
		}
		return nil
	})
}

// any tells whether a pattern matches an action as a dialect spells it.
func (c *Catalog) any(pattern string, dialect int) bool {
	candidates := c.order
	service, name, ok := strings.Cut(pattern, ":")
	switch s := c.services[service]; {
	case ok && !strings.Contains(pattern, "*"):
		return len(c.spelled[dialect][pattern]) > 0
	case s != nil:
		candidates = []*Service{s}
	case ok && !strings.Contains(service, "*"):
		return false
	case name == "*" && service == "*":
		return len(c.actions) > 0
	}
	for _, s := range candidates {
		for i := range s.Actions {
			if MatchAction(pattern, s.Actions[i].index.spellings[dialect]) {
				return true
			}
		}
	}
	return false
}

func (c *Catalog) linkOperation(o *Operation) *problem {
	return each("actions", o.Actions, MaxList, func(action *string) *problem {
		if c.actions[*action] == nil {
			return problemf("there is no action %s", show(*action))
		}
		return nil
	})
}
