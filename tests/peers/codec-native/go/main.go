// For each line "k n rowSize layout seed" of standard input: SHA-256 of the parity rows, in hexadecimal. The layout is always high.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"

	"github.com/klauspost/reedsolomon"
)

// mulberry32, as little-endian words.
func data(seed uint32, out []byte) {
	state := seed
	for at := 0; at < len(out); at += 4 {
		state += 0x6d2b79f5
		t := (state ^ state>>15) * (1 | state)
		t = (t + (t^t>>7)*(61|t)) ^ t
		binary.LittleEndian.PutUint32(out[at:], t^t>>14)
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var k, n, rowSize int
		var layout string
		var seed uint32
		if _, err := fmt.Sscan(lines.Text(), &k, &n, &rowSize, &layout, &seed); err != nil || layout != "high" {
			panic("not a line of k n rowSize high seed: " + lines.Text())
		}
		encoder, err := reedsolomon.New(k, n, reedsolomon.WithLeopardGF16(true))
		if err != nil {
			panic(err)
		}
		all := make([]byte, (k+n)*rowSize)
		data(seed, all[:k*rowSize])
		rows := make([][]byte, k+n)
		for i := range rows {
			rows[i] = all[i*rowSize : (i+1)*rowSize]
		}
		if err := encoder.Encode(rows); err != nil {
			panic(err)
		}
		fmt.Printf("%x\n", sha256.Sum256(all[k*rowSize:]))
	}
}
