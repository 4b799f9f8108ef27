package expr

import (
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a decision must not depend on which zones the machine knows
)

// part is what an accessor takes from a time: getHours, getDayOfWeek and so on. Of a duration, some give its length.
type part uint8

const (
	fullYear part = iota
	month
	date
	dayOfMonth
	dayOfWeek
	dayOfYear
	hours
	minutes
	seconds
	milliseconds
)

var partNames = [...]string{
	fullYear: "getFullYear", month: "getMonth", date: "getDate", dayOfMonth: "getDayOfMonth", dayOfWeek: "getDayOfWeek",
	dayOfYear: "getDayOfYear", hours: "getHours", minutes: "getMinutes", seconds: "getSeconds", milliseconds: "getMilliseconds",
}

// of is standard CEL's: months, days of a month, and days of a year count from 0, getDate alone from 1; weeks begin with
// Sunday, which is 0 (Scaleway contract, section 7.1).
func (p part) of(t time.Time) int64 {
	switch p {
	case fullYear:
		return int64(t.Year())
	case month:
		return int64(t.Month()) - 1
	case date:
		return int64(t.Day())
	case dayOfMonth:
		return int64(t.Day()) - 1
	case dayOfWeek:
		return int64(t.Weekday())
	case dayOfYear:
		return int64(t.YearDay()) - 1
	case hours:
		return int64(t.Hour())
	case minutes:
		return int64(t.Minute())
	case seconds:
		return int64(t.Second())
	default:
		return int64(t.Nanosecond() / int(time.Millisecond))
	}
}

// accessor is t.getHours() and t.getHours(zone). A zone that is a constant is in location, else it is in zone.
type accessor struct {
	part     part
	zoned    bool
	of, zone node
	location *time.Location
}

func (n *accessor) eval(f *frame) (any, bool) {
	v, ok := n.of.eval(f)
	if !ok || !f.spend(1) {
		return nil, false
	}
	location := n.location
	if n.zone != nil {
		if location, ok = n.dynamicZone(f); !ok {
			return nil, false
		}
	}
	switch v := v.(type) {
	case time.Time:
		if !f.spend(costArith) {
			return nil, false
		}
		return n.part.of(v.In(location)), true
	case time.Duration:
		if !n.zoned {
			return n.length(f, v)
		}
	}
	return f.fail(misfit, partNames[n.part], v)
}

// length gives a whole duration in one unit.
func (n *accessor) length(f *frame, d time.Duration) (any, bool) {
	switch n.part {
	case hours:
		return int64(d / time.Hour), true
	case minutes:
		return int64(d / time.Minute), true
	case seconds:
		return int64(d / time.Second), true
	case milliseconds:
		return d.Milliseconds(), true
	default:
		return f.fail(misfit, partNames[n.part], d)
	}
}

func (n *accessor) dynamicZone(f *frame) (*time.Location, bool) {
	v, ok := n.zone.eval(f)
	if !ok {
		return nil, false
	}
	name, ok := v.(string)
	if !ok {
		_, ok = f.fail(misfit, partNames[n.part], time.Time{}, v)
		return nil, ok
	}
	if !f.spend(costZone) {
		return nil, false
	}
	location, ok := findZone(name)
	if !ok {
		f.fail(unreadable, "a time zone")
	}
	return location, ok
}

// zones keeps the zones that were found: reading one takes long, and there are not many.
var zones sync.Map // of string to *time.Location

// findZone finds a zone of the IANA database, "UTC", or a difference to UTC such as +02:00. "Local" is none: an answer must
// not depend on where the server stands.
func findZone(name string) (*time.Location, bool) {
	switch {
	case name == "" || name == "UTC":
		return time.UTC, true
	case name == "Local" || len(name) > maxShortText:
		return nil, false
	case strings.Contains(name, ":"):
		return fixedZone(name)
	}
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), true
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	zones.Store(name, location)
	return location, true
}

func fixedZone(name string) (*time.Location, bool) {
	sign := 1
	digits := strings.TrimPrefix(name, "+")
	if after, negative := strings.CutPrefix(name, "-"); negative {
		sign, digits = -1, after
	}
	hour, minute, _ := strings.Cut(digits, ":")
	h, err := strconv.ParseUint(hour, 10, 8)
	if err != nil || h > 23 {
		return nil, false
	}
	m, err := strconv.ParseUint(minute, 10, 8)
	if err != nil || m > 59 {
		return nil, false
	}
	return time.FixedZone("", sign*int(h*60+m)*60), true
}
