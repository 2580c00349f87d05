// Answers lines of standard input: `encode K N SIZE` with the nanoseconds of one encoding of random rows, `digest K N SIZE SEED` with
// FNV-1a (64 bits) of the parity of rows drawn from the seed. Leopard over GF(2^16), AVX2 and nothing above it, one goroutine.
package main

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"os"
	"time"

	"github.com/klauspost/reedsolomon"
)

type shape struct {
	k, n, size int
	rows       [][]byte
	encoder    reedsolomon.Encoder
}

func newShape(k, n, size int, seed uint32) *shape {
	encoder, err := reedsolomon.New(k, n, reedsolomon.WithLeopardGF16(true), reedsolomon.WithMaxGoroutines(1),
		reedsolomon.WithAVX512(false), reedsolomon.WithGFNI(false), reedsolomon.WithAVXGFNI(false))
	if err != nil {
		panic(err)
	}
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
		var seed uint32
		fmt.Sscan(lines.Text(), &what, &k, &n, &size, &seed)
		if what == "digest" {
			one := newShape(k, n, size, seed)
			one.encode()
			sum := fnv.New64a()
			for _, row := range one.rows[k:] {
				sum.Write(row)
			}
			fmt.Printf("%016x\n", sum.Sum64())
			continue
		}
		if kept == nil || kept.k != k || kept.n != n || kept.size != size {
			kept = newShape(k, n, size, 1)
		}
		start := time.Now()
		kept.encode()
		fmt.Println(time.Since(start).Nanoseconds())
	}
}
