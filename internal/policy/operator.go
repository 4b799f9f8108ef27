package policy

import "strings"

// operator is what a condition does with its key and values.
type operator uint8

// The operators of statements (ByCloud contract, section 16.7), then those of VNG Cloud (contract, section 6.1).
const (
	opEquals operator = iota
	opNotEquals
	opEqualsIgnoreCase
	opLike
	opNotLike
	opIn
	opNotIn
	opNumericEquals
	opNumericLessThan
	opNumericLessThanEquals
	opNumericGreaterThan
	opNumericGreaterThanEquals
	opDateBefore
	opDateAfter
	opBool
	opIPAddress
	opNotIPAddress
	opExists

	opStringEquals
	opStringNotEquals
	opNumberLessThan
	opNumberLessThanOrEquals
	opNumberGreaterThan
	opNumberGreaterThanOrEquals

	endOfOperators
)

// operatorSet is the operators of one language, which follow each other.
type operatorSet struct{ first, end operator }

var (
	statementsOperators = operatorSet{opEquals, opStringEquals}
	vngCloudOperators   = operatorSet{opStringEquals, endOfOperators}
)

// family is what an operator needs its values, and the context's, to be.
type family uint8

const (
	textFamily family = iota
	foldFamily
	likeFamily
	numberFamily
	dateFamily
	boolFamily
	addressFamily
	existsFamily
	decimalFamily // numbers as VNG Cloud compares them: exactly, and what is none is simply not less and not greater
)

// operators gives each operator its name, its family, whether it is the negation of another, and how an explanation says
// what it demands of the values that follow.
var operators = [...]struct {
	name    string
	family  family
	negated bool
	demand  string
}{
	opEquals:                   {"equals", textFamily, false, "must be one of"},
	opNotEquals:                {"not_equals", textFamily, true, "must be none of"},
	opEqualsIgnoreCase:         {"equals_ignore_case", foldFamily, false, "must be, in any case, one of"},
	opLike:                     {"like", likeFamily, false, "must be like one of"},
	opNotLike:                  {"not_like", likeFamily, true, "must be like none of"},
	opIn:                       {"in", textFamily, false, "must be one of"},
	opNotIn:                    {"not_in", textFamily, true, "must be none of"},
	opNumericEquals:            {"numeric_equals", numberFamily, false, "must be a number equal to one of"},
	opNumericLessThan:          {"numeric_less_than", numberFamily, false, "must be less than one of"},
	opNumericLessThanEquals:    {"numeric_less_than_equals", numberFamily, false, "must be at most one of"},
	opNumericGreaterThan:       {"numeric_greater_than", numberFamily, false, "must be greater than one of"},
	opNumericGreaterThanEquals: {"numeric_greater_than_equals", numberFamily, false, "must be at least one of"},
	opDateBefore:               {"date_before", dateFamily, false, "must be before one of"},
	opDateAfter:                {"date_after", dateFamily, false, "must be after one of"},
	opBool:                     {"bool", boolFamily, false, "must be the truth value"},
	opIPAddress:                {"ip_address", addressFamily, false, "must be in one of"},
	opNotIPAddress:             {"not_ip_address", addressFamily, true, "must be in none of"},
	opExists:                   {"exists", existsFamily, false, "must exist:"},

	opStringEquals:              {"stringEquals", textFamily, false, "must be one of"},
	opStringNotEquals:           {"stringNotEquals", textFamily, true, "must be none of"},
	opNumberLessThan:            {"numberLessThan", decimalFamily, false, "must be less than one of"},
	opNumberLessThanOrEquals:    {"numberLessThanOrEquals", decimalFamily, false, "must be at most one of"},
	opNumberGreaterThan:         {"numberGreaterThan", decimalFamily, false, "must be greater than one of"},
	opNumberGreaterThanOrEquals: {"numberGreaterThanOrEquals", decimalFamily, false, "must be at least one of"},
}

func (op operator) family() family { return operators[op].family }

func (op operator) String() string { return operators[op].name }

// named finds an operator by its name in the language.
func (of operatorSet) named(name string) (operator, bool) {
	for op := of.first; op < of.end; op++ {
		if operators[op].name == name {
			return op, true
		}
	}
	return 0, false
}

// names lists the operators of the language, for messages.
func (of operatorSet) names() string {
	var names []string
	for op := of.first; op < of.end; op++ {
		names = append(names, operators[op].name)
	}
	return strings.Join(names, ", ")
}
