package config

// nearest gives the candidate with the fewest edits to word.
func nearest(word string, candidates []string) string {
	best, least := "", -1
	for _, c := range candidates {
		if n := edits(word, c); least < 0 || n < least {
			best, least = c, n
		}
	}
	return best
}

// edits is the Levenshtein distance, in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
