// Answers lines of standard input: `encode K N SIZE` with the nanoseconds of one encoding of random rows. Leopard over GF(2^16), AVX2 and
// nothing above it, one goroutine; the parity goes to rows that are there already.
package main

import (
	"bufio"
	"fmt"
	"os"
	"time"

	"github.com/klauspost/reedsolomon"
)

type shape struct {
	k, n, size int
	rows       [][]byte
	encoder    reedsolomon.Encoder
}

func newShape(k, n, size int) *shape {
	encoder, err := reedsolomon.New(k, n, reedsolomon.WithLeopardGF16(true), reedsolomon.WithMaxGoroutines(1),
		reedsolomon.WithAVX512(false), reedsolomon.WithGFNI(false), reedsolomon.WithAVXGFNI(false))
	if err != nil {
		panic(err)
	}
	seed := uint32(1)
	rows := make([][]byte, k+n)
	for i := range rows {
		rows[i] = make([]byte, size)
		for j := range rows[i] {
			if i < k {
				seed = seed*1664525 + 1013904223
				rows[i][j] = byte(seed >> 24)
			}
		}
	}
	return &shape{k, n, size, rows, encoder}
}

func (s *shape) encode() {
	if err := s.encoder.Encode(s.rows); err != nil {
		panic(err)
	}
}

func main() {
	var kept *shape
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var what string
		var k, n, size int
		fmt.Sscan(lines.Text(), &what, &k, &n, &size)
		if kept == nil || kept.k != k || kept.n != n || kept.size != size {
			kept = newShape(k, n, size)
		}
		start := time.Now()
		kept.encode()
		fmt.Println(time.Since(start).Nanoseconds())
	}
}
