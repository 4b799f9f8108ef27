package expr

import "time"

// evalVars are the values for evalTable.
func evalVars() values {
	return exoscale(values{
		"parameters": map[string]any{
			"type": "A", "name": "web-1", "size": 50.0, "count": int64(3), "big": int64(1) << 60, "none": nil, "flag": true,
			"a": map[string]any{"b": "c"}, "tags": []any{"red", "blue"}, "nested": []any{[]any{1.0}}, "ip6": "::ffff:192.0.2.10",
			"pattern": "web-[0-9]", "badPattern": "(", "network": "192.0.2.0/24", "zone": "Europe/Paris", "empty": "",
		},
		"when": time.Date(2026, 5, 31, 22, 30, 15, 250e6, time.UTC),
		"odd":  struct{}{}, "oddInt": 7,
	})
}

// evalTable has one line for each thing that an expression may do, and more for what it may not, by the result. Both
// dialects agree on all.
var evalTable = map[Result]string{
	True: `
			true
			!false
			true || false
			nobody || true
			true || nobody
			1 || true
			!(nobody && false)
			!(false && nobody)
			true ? true : nobody
			false ? nobody : true
			parameters.type == "A"
			parameters["type"] == "A"
			.operation == 'list-instances'
			parameters.count == 3
			parameters.count == 3.0
			parameters.size == 50
			parameters.size >= 50 && parameters.size < 50.5
			3u == 3
			1 < 2.5 && 2u > 1 && 1.5 <= 2u
			'a' < 'b' && b'a' < b'b' && false < true
			parameters.type != 5
			identity.key != null
			parameters.none == null
			[1, 'a'] == [1.0, 'a']
			{'a': 1} == {'a': 1u}
			{1: 'a'} == {1.0 == 1 ? 1u : 2u: 'a'}
			{'a': 1, 'b': 2}.a == 1
			{1: 2}[1.0] == 2
			{true: 'x'}[true] == 'x'
			[10, 20, 30][1] == 20 && [10, 20][1u] == 20 && [10, 20][1.0] == 20
			operation in ['list-instances', 'get-instance']
			3 in [1, 2, 3.0]
			!('x' in [1, 'y'])
			'red' in parameters.tags
			'type' in parameters
			!(1 in parameters)
			!(1 in {})
			1 in {1: 2}
			has(parameters.type) && !has(parameters.absent)
			has(parameters.none)
			has(parameters.a.b)
			has({'a': 1}.a)
			operation.startsWith('list-') && startsWith(operation, 'list-')
			operation.endsWith('instances') && endsWith(operation, '')
			operation.contains('-in') && contains(operation, 'list')
			size('héé') == 3 && 'héé'.size() == 3 && size(b'\xff\x00') == 2 && size([1, 2]) == 2 && size({}) == 0
			source_ip.inIpRange('192.0.2.0/24') && inIpRange(source_ip, '192.0.2.0/24')
			source_ip.inIpRange('192.0.2.77/24')
			source_ip.inIpRange('0.0.0.0/0') && !source_ip.inIpRange('::/0')
			source_ip.inIpRange('::ffff:192.0.2.0/120')
			parameters.ip6.inIpRange('192.0.2.0/24')
			'2001:db8::1'.inIpRange('2001:db8::/32') && !'2001:db9::1'.inIpRange('2001:db8::/32')
			source_ip.inIpRange(parameters.network)
			parameters.name.matches(parameters.pattern)
			1 + 2 == 3 && 5 - 7 == -2 && 6 * 7 == 42 && 7 / 2 == 3 && -7 / 2 == -3 && 7 % 3 == 1 && 1.5 + 1.5 == 3
			-parameters.count == -3
			'a' + 'b' == 'ab' && [1] + [2] == [1, 2] && b'a' + b'b' == b'ab'
			int('42') == 42 && int(4.9) == 4 && uint('7') == 7u && double('1.5') == 1.5 && string(12) == '12' && bool('true')
			bytes('a') == b'a' && string(b'a') == 'a' && string(true) == 'true' && dyn(1) == 1 && '5'.int() == 5
			type(1) == int && type('') == string && type(null) == null_type && type([]) == list && type({}) == map
			type(int) == type && type(when) == google.protobuf.Timestamp && type(duration('1s')) == google.protobuf.Duration
			timestamp('2026-06-01T12:00:00Z') == timestamp(now) && timestamp(now) == timestamp(1780315200)
			timestamp('2026-06-01T14:00:00+02:00') == timestamp(now)
			timestamp(now) - timestamp(identity.created) == duration('30m')
			timestamp(now) + duration('1h') > timestamp(now) && duration('1h') < duration('61m')
			duration('1h30m').getMinutes() == 90 && duration('90s').getHours() == 0 && duration('1s').getMilliseconds() == 1000
			string(duration('90s')) == '90s' && string(timestamp(now)) == now && int(timestamp(now)) == 1780315200
			when.getFullYear() == 2026 && when.getMonth() == 4 && when.getDate() == 31 && when.getDayOfMonth() == 30
			when.getDayOfWeek() == 0 && when.getDayOfYear() == 150 && when.getHours() == 22 && when.getMinutes() == 30
			when.getSeconds() == 15 && when.getMilliseconds() == 250
			when.getHours('Europe/Paris') == 0 && when.getMonth('Europe/Paris') == 5 && when.getDayOfWeek('Europe/Paris') == 1
			when.getHours(parameters.zone) == 0 && when.getHours('UTC') == 22 && when.getHours('') == 22
			when.getHours('+02:00') == 0 && when.getHours('-02:30') == 20 && when.getMinutes('-02:15') == 15 && when.getHours('01:00') == 23
			[1, 2].all(x, x > 0) && [].all(x, nobody)
			[1, 2].exists(x, x == 2) && ![].exists(x, true)
			[1, 'a', 3].exists(x, x > 2)
			!['a', 0].all(x, x > 2)
			[1, 2, 2].exists_one(x, x == 1) && [1].existsOne(x, x == 1) && ![2, 2].exists_one(x, x == 2)
			[1, 2, 3].filter(x, x != 2) == [1, 3]
			[1, 2].map(x, x * 2) == [2, 4] && [1, 2, 3].map(x, x > 1, x * 2) == [4, 6]
			{'b': 1, 'a': 2}.map(k, k) == ['a', 'b'] && {2: 0, 1: 0}.map(k, k) == [2, 1]
			parameters.tags.exists(t, t.startsWith('bl')) && parameters.exists(k, k == 'type')
			[[1, 2], [3]].all(x, x.exists(y, y > 1 && size(x) > 0))
			[1].all(operation, operation == 1) && [1].all(operation, .operation == 'list-instances')
			[1].map(x, [2].map(x, x)) == [[2]]
			parameters.nested == [[1]]
			r'\d' == '\\d' && """a"b""" == 'a"b' && '\u00e9' == 'é' && 0x10 == 16 && 1e3 == 1000
			true // a comment`,
	False: `
			false
			nobody && false
			1 && false
			parameters.type == 5
			parameters.flag == 'true'
			parameters.name == null
			1 == '1'
			[1] == 1
			[1] == [1, 2]
			{'a': 1} == {'b': 1}
			{'a': 1} == {1: 1}
			{} == []
			double('nan') == double('nan')
			parameters.tags == ['red']
			type(1) == uint
			timestamp(now) == now`,
	NotBool: `
			operation
			parameters
			1
			null
			'true'
			[true]
			int
			timestamp(now)
			operation + 'x'
			true ? 1 : false
			parameters.tags.map(x, true)`,
	Failed: `
			nobody
			nobody.key
			resource.name
			odd
			oddInt == 7
			!nobody
			!1
			!'true'
			nobody || false
			true && nobody
			nobody && nobody
			true && 1
			false || 'true'
			1 && true
			1 ? true : false
			nobody ? true : true
			parameters.absent
			parameters.absent == null
			parameters.type.length
			parameters.none.key
			parameters.tags.key
			parameters['absent']
			parameters[1]
			parameters.tags['red']
			parameters.tags[2]
			parameters.tags[-1]
			parameters.tags[0.5]
			parameters.tags[double('nan')]
			parameters.tags[double('inf')]
			parameters.tags[18446744073709551615u]
			operation[0]
			{1: 2}[3]
			{'a': 1}.b
			has(parameters.type.length)
			has(parameters.absent.key)
			has(nobody.key)
			parameters.type > 100
			parameters.size > 'a'
			parameters.none < 1
			[1] < [2]
			{} < {}
			int < uint
			timestamp(now) < now
			timestamp(now) < duration('1h')
			double('nan') < 1.0
			1 in 'a'
			'a' in 'abc'
			1 in nobody
			1 in 1
			size(1)
			size(null)
			size()
			size('a', 'b')
			'a'.startsWith(1)
			1.startsWith('a')
			parameters.size.startsWith('5')
			parameters.none.contains('a')
			startsWith('a')
			operation.startsWith('a', 'b')
			source_ip.inIpRange('192.0.2.0')
			source_ip.inIpRange('192.0.2.0/33')
			source_ip.inIpRange('everywhere')
			source_ip.inIpRange('::ffff:192.0.2.0/90')
			source_ip.inIpRange('')
			source_ip.inIpRange(parameters.name)
			source_ip.inIpRange(5)
			'192.0.2'.inIpRange('192.0.2.0/24')
			'192.0.2.010'.inIpRange('192.0.2.0/24')
			'fe80::1%eth0'.inIpRange('fe80::/10')
			''.inIpRange('0.0.0.0/0')
			parameters.size.inIpRange('0.0.0.0/0')
			inIpRange(source_ip)
			operation.matches('(')
			operation.matches(parameters.badPattern)
			operation.matches(1)
			1.matches('1')
			operation.matches('a{1001}')
			operation.matches('\\C')
			operation.matches('(?=a)')
			1 + 1.0
			1 + 1u
			1 + 'a'
			'a' + 1
			[1] + 1
			true + true
			null + null
			'a' - 'a'
			'a' * 2
			5 / 0
			5 % 0
			1.5 % 1.0
			9223372036854775807 + 1
			parameters.big * 100
			-'a'
			-[1]
			-(-9223372036854775808)
			0u - 1u
			-1u
			timestamp(now) + timestamp(now)
			timestamp('9999-12-31T23:59:59Z') + duration('1h')
			int('x')
			int('1.5')
			int('0x10')
			int(1e300)
			int(null)
			int([1])
			uint(-1)
			uint('-1')
			double('x')
			bool('yes')
			bool(1)
			string(null)
			string([1])
			string(b'\xff')
			timestamp('yesterday')
			timestamp('2026-06-01')
			timestamp('2026-06-01 12:00:00Z')
			timestamp('2026-02-30T00:00:00Z')
			timestamp('')
			timestamp(true)
			timestamp(1.5)
			duration('1 hour')
			duration('1d')
			duration('')
			duration(true)
			when.getHours('Nowhere/City')
			when.getHours('Local')
			when.getHours('../../etc/passwd')
			when.getHours('+25:00')
			when.getHours('+01:60')
			when.getHours('a:b')
			when.getHours('+-1:00')
			when.getHours(1)
			when.getHours(parameters.name)
			now.getHours()
			1.getHours()
			duration('1h').getHours('UTC')
			duration('1h').getDate()
			getHours()
			[1, 'a'].all(x, x > 0)
			['a'].exists(x, x > 0)
			['a', 1, 1].exists_one(x, x > 0)
			[1].all(x, x)
			[1].exists(x, 'true')
			[1].exists_one(x, 1)
			[1].filter(x, 1)
			[1].filter(x, nobody)
			[1].map(x, nobody)
			[1].map(x, 1, x)
			'abc'.all(x, true)
			1.map(x, x)
			nobody.exists(x, true)
			[1].all(x, true) && x == 1
			[1].all(x, true, false)
			[1].map(x)
			noSuch()
			noSuch(1)
			1.noSuch(2)
			matches('a')
			Message{}
			google.protobuf.Timestamp{seconds: 1}
			{1.5: 'a'}
			{null: 'a'}
			{[1]: 'a'}
			{'a': 1, 'a': 2}
			{1: 'a', 1u: 'b'}
			{'a': nobody}
			{nobody: 'a'}
			[nobody]`,
}
