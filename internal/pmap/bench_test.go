package pmap

import (
	"encoding/binary"
	"testing"
)

const benchLen = 100_000

// randomKeys returns n keys like version 4 UUIDs.
func randomKeys(n int) []id {
	r := newRand(3)
	keys := make([]id, n)
	for i := range keys {
		keys[i] = randomID(r)
	}
	return keys
}

// ascendingKeys returns n keys like version 7 UUIDs: a counter, then random bits.
func ascendingKeys(n int) []id {
	keys := randomKeys(n)
	for i := range keys {
		binary.BigEndian.PutUint64(keys[i][:8], uint64(i))
	}
	return keys
}

var keyOrders = []struct {
	name string
	keys func(int) []id
}{{"random", randomKeys}, {"ascending", ascendingKeys}}

func loaded(n int, order func(int) []id) ([]id, Map[id, uint32], Set[id], Vec[uint32]) {
	keys := order(n)
	e := NewEdit()
	var m Map[id, uint32]
	var s Set[id]
	var v Vec[uint32]
	for i, k := range keys {
		m, s, v = m.Set(e, k, uint32(i)), s.Insert(e, k), v.Append(e, uint32(i))
	}
	return keys, m, s, v
}

// inOrders runs f for both orders. Keys are visited in an order that the processor cannot guess.
func inOrders(b *testing.B, f func(b *testing.B, order func(int) []id)) {
	for _, o := range keyOrders {
		b.Run(o.name, func(b *testing.B) { b.ReportAllocs(); f(b, o.keys) })
	}
}

func shuffled(keys []id) []id {
	keys = append([]id(nil), keys...)
	newRand(5).Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return keys
}

func BenchmarkMapGet(b *testing.B) {
	inOrders(b, func(b *testing.B, order func(int) []id) {
		keys, m, _, _ := loaded(benchLen, order)
		keys = shuffled(keys)
		i := 0
		for b.Loop() {
			if _, ok := m.Get(keys[i]); !ok {
				b.Fatal("missing key")
			}
			if i++; i == len(keys) {
				i = 0
			}
		}
	})
	b.Run("cached", func(b *testing.B) {
		keys, m, _, _ := loaded(benchLen, randomKeys)
		i := 0
		for b.Loop() {
			m.Get(keys[i&63])
			i++
		}
	})
	b.Run("Go map", func(b *testing.B) { // for comparison
		keys, m := randomKeys(benchLen), map[id]uint32{}
		for i, k := range keys {
			m[k] = uint32(i)
		}
		keys = shuffled(keys)
		i := 0
		for b.Loop() {
			_ = m[keys[i]]
			if i++; i == len(keys) {
				i = 0
			}
		}
	})
}

// BenchmarkMapSet sets one key of a large map; BenchmarkMapBuild fills one.
func BenchmarkMapSet(b *testing.B) {
	inOrders(b, func(b *testing.B, order func(int) []id) {
		keys, m, _, _ := loaded(benchLen, order)
		keys = shuffled(keys)
		i := 0
		for b.Loop() {
			m.Set(nil, keys[i%len(keys)], 1)
			i++
		}
	})
}

func BenchmarkMapDelete(b *testing.B) {
	inOrders(b, func(b *testing.B, order func(int) []id) {
		keys, m, _, _ := loaded(benchLen, order)
		keys = shuffled(keys)
		i := 0
		for b.Loop() {
			m.Delete(nil, keys[i%len(keys)])
			i++
		}
	})
}

func BenchmarkMapBuild(b *testing.B) {
	inOrders(b, func(b *testing.B, order func(int) []id) {
		keys := order(benchLen)
		for b.Loop() {
			var m Map[id, uint32]
			e := NewEdit()
			for i, k := range keys {
				m = m.Set(e, k, uint32(i))
			}
		}
	})
}

// BenchmarkSetInsert inserts one new element into a large set; BenchmarkSetBuild fills one.
func BenchmarkSetInsert(b *testing.B) {
	inOrders(b, func(b *testing.B, order func(int) []id) {
		keys, _, s, _ := loaded(benchLen, order)
		keys = shuffled(keys)
		for i := range keys {
			keys[i][15] ^= 0xff
		}
		i := 0
		for b.Loop() {
			s.Insert(nil, keys[i%len(keys)])
			i++
		}
	})
}

func BenchmarkSetDelete(b *testing.B) {
	inOrders(b, func(b *testing.B, order func(int) []id) {
		keys, _, s, _ := loaded(benchLen, order)
		keys = shuffled(keys)
		i := 0
		for b.Loop() {
			s.Delete(nil, keys[i%len(keys)])
			i++
		}
	})
}

func BenchmarkSetBuild(b *testing.B) {
	inOrders(b, func(b *testing.B, order func(int) []id) {
		keys := order(benchLen)
		for b.Loop() {
			var s Set[id]
			e := NewEdit()
			for _, k := range keys {
				s = s.Insert(e, k)
			}
		}
	})
}

func BenchmarkSetRank(b *testing.B) {
	inOrders(b, func(b *testing.B, order func(int) []id) {
		keys, _, s, _ := loaded(benchLen, order)
		keys = shuffled(keys)
		i := 0
		for b.Loop() {
			s.Rank(keys[i%len(keys)])
			i++
		}
	})
}

// BenchmarkSetFrom reads a page of 100 at some position.
func BenchmarkSetFrom(b *testing.B) {
	inOrders(b, func(b *testing.B, order func(int) []id) {
		_, _, s, _ := loaded(benchLen, order)
		i := 0
		for b.Loop() {
			n := 0
			for range s.From(i * 7919 % (benchLen - 100)) {
				if n++; n == 100 {
					break
				}
			}
			i++
		}
	})
}

func BenchmarkVecAt(b *testing.B) {
	_, _, _, v := loaded(benchLen, randomKeys)
	b.ReportAllocs()
	i, sum := 0, uint32(0)
	for b.Loop() {
		sum += *v.At(i * 7919 % benchLen)
		i++
	}
	_ = sum
}

func BenchmarkVecSet(b *testing.B) {
	_, _, _, v := loaded(benchLen, randomKeys)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		v.Set(nil, i*7919%benchLen, 1)
		i++
	}
}
