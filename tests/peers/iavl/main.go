// Writes the known answers of tests/vectors/iavl.json with the Go implementation of IAVL.
// Run: go run . > ../../vectors/iavl.json
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"sort"

	"cosmossdk.io/log"
	"github.com/cosmos/iavl"
	dbm "github.com/cosmos/iavl/db"
)

const (
	blocks      = 400
	writesBlock = 50
	keys        = 3000
)

// The i-th write: a key of two bytes, and a value or, for a quarter of the writes, a removal.
func write(i uint32) (key, value []byte) {
	seed := append([]byte("perigee/iavl-vector/v0"), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(seed[len(seed)-4:], i)
	h := sha256.Sum256(seed)
	key = make([]byte, 2)
	binary.BigEndian.PutUint16(key, binary.BigEndian.Uint16(h[:2])%keys)
	if h[2] < 64 {
		return key, nil
	}
	return key, h[4 : 5+h[3]%28]
}

type proof struct {
	Version int64  `json:"version"`
	Key     string `json:"key"`
	Proof   string `json:"proof"`
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	tree := iavl.NewMutableTree(dbm.NewMemDB(), 0, false, log.NewNopLogger())
	must(tree.Set([]byte{0}, []byte("perigee")))
	roots := map[int]string{}
	all := sha256.New()
	proofs := []proof{}
	for block := 0; block < blocks; block++ {
		last := map[string][]byte{}
		for i := 0; i < writesBlock; i++ {
			key, value := write(uint32(block*writesBlock + i))
			last[string(key)] = value
		}
		order := []string{}
		for key := range last {
			order = append(order, key)
		}
		sort.Strings(order)
		for _, key := range order {
			value := last[key]
			held := must(tree.Get([]byte(key)))
			switch {
			case value == nil && held != nil:
				_, _, err := tree.Remove([]byte(key))
				if err != nil {
					panic(err)
				}
			case value != nil && !bytes.Equal(value, held):
				must(tree.Set([]byte(key), bytes.Clone(value)))
			}
		}
		root, version, err := tree.SaveVersion()
		if err != nil {
			panic(err)
		}
		all.Write(root)
		if version%20 == 0 || version <= 3 {
			roots[int(version)] = hex.EncodeToString(root)
		}
		if version%80 == 0 {
			immutable := must(tree.GetImmutable(version))
			for _, key := range [][]byte{{0}, {0, 7}, {5, 0}, {11, 0}, {11, 1}, {11, 2}, {11, 183}, {255}} {
				proven := must(immutable.GetProof(key))
				proofs = append(proofs, proof{version, hex.EncodeToString(key), hex.EncodeToString(must(proven.Marshal()))})
			}
		}
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	err := out.Encode(map[string]any{
		"source":      "github.com/cosmos/iavl v1.2.2, written by tests/peers/iavl",
		"blocks":      blocks,
		"writesBlock": writesBlock,
		"keys":        keys,
		"roots":       roots,
		"rootsHash":   hex.EncodeToString(all.Sum(nil)),
		"proofs":      proofs,
	})
	if err != nil {
		panic(err)
	}
}
