package policy

// scanner finds a segment that strings.Index cannot: one with "?" in it, or one whose letters match in both cases. It is
// the Shift-And algorithm: bit j of the state tells whether the first j+1 positions of the segment match the text that ends
// here, and one byte of text advances all of them at once. A segment of m positions costs ⌈m/64⌉ passes over the text.
//
// The zero scanner is ready. It is 2 KiB and meant for the stack.
type scanner struct {
	literal [256]uint64 // for each byte, the positions that it satisfies; all zero between calls
}

// blockSize is how many positions of a segment one pass can follow.
const blockSize = 64

// find returns where the occurrence of segment that ends first ends, or -1. When the segment ends with "?", that is after the
// first byte of the last character: the rest of it is left to the star that follows.
func (s *scanner) find(segment, text string, rules globRules) int {
	if len(segment) <= blockSize {
		return s.scan(segment, text, rules, nil, nil)
	}
	// One bit for each place in the text: did the blocks so far match up to here?
	var small [64]uint64
	reached := small[:]
	if words := len(text)/64 + 1; words > len(small) {
		reached = make([]uint64, words)
	}
	in := bitset(nil)
	for len(segment) > blockSize {
		if s.scan(segment[:blockSize], text, rules, in, reached) < 0 {
			return -1
		}
		in, segment = reached, segment[blockSize:]
	}
	return s.scan(segment, text, rules, in, nil)
}

// scan follows one block through the text. The block may start where in has a bit, or anywhere if in is nil. With out nil,
// scan stops at the first match and returns its end; else it replaces every bit of out, which may be the same as in, and
// returns the last end. Without any match it returns -1.
func (s *scanner) scan(block, text string, rules globRules, in, out bitset) int {
	wild := s.set(block, rules)
	defer s.clear(block)

	last := -1
	final := uint64(1) << (len(block) - 1)
	state, start := uint64(0), in == nil || in.get(0)
	if out != nil {
		out.put(0, false)
	}
	for i := range len(text) {
		c := text[i]
		next := state << 1
		if start {
			next |= 1
		}
		if continuation(c) {
			state = next&s.literal[c] | state&wild
		} else {
			state = next & (s.literal[c] | wild)
		}
		matched := state&final != 0
		if matched {
			last = i + 1
			if out == nil {
				return last
			}
		}
		start = in == nil || in.get(i+1) // read before it is overwritten
		if out != nil {
			out.put(i+1, matched)
		}
	}
	return last
}

// set fills the table for a block and returns the positions of "?", which take any first byte of a character and stay while
// its continuation bytes pass.
func (s *scanner) set(block string, rules globRules) (wild uint64) {
	for j := range len(block) {
		c, bit := block[j], uint64(1)<<j
		switch {
		case rules.question && c == '?':
			wild |= bit
		case rules.fold && 'a' <= c|0x20 && c|0x20 <= 'z':
			s.literal[c|0x20] |= bit
			s.literal[c&^0x20] |= bit
		default:
			s.literal[c] |= bit
		}
	}
	return wild
}

// clear undoes set. Touching only what was set keeps many short segments cheap.
func (s *scanner) clear(block string) {
	for j := range len(block) {
		c := block[j]
		s.literal[c], s.literal[c|0x20], s.literal[c&^0x20] = 0, 0, 0
	}
}

// bitset is a set of places in a text.
type bitset []uint64

func (b bitset) get(i int) bool { return b[i>>6]>>(i&63)&1 != 0 }

func (b bitset) put(i int, on bool) {
	if on {
		b[i>>6] |= 1 << (i & 63)
	} else {
		b[i>>6] &^= 1 << (i & 63)
	}
}
